import { $api, api, type Schemas } from "../api/client";
import { useCommand } from "../api/commands";
import { useKnownMe } from "../api/me";
import { CommandForm } from "../parts/CommandForm";
import { useDraft } from "../parts/drafts";
import { Typed } from "../parts/Field";
import { Card, Facts, Read } from "../parts/shown";
import { words } from "../words";
import { Leaving } from "./Leaving";
import { NoticeSettings } from "./NoticeSettings";

/** Who somebody is to others, and what a student's fit rests on. */
export default function Profile() {
  const me = useKnownMe();
  return (
    <>
      <h1>{words.profile.title}</h1>
      <div className="columns even">
        <div>
          <Card title={words.profile.you}>
            <Facts
              of={[
                [words.profile.role, words.roles[me.role]],
                [words.profile.account, <code key="id">{me.account_id}</code>],
              ]}
            />
            <ProfileForm profile={me.profile} />
          </Card>
          <Leaving />
        </div>
        <div>
          {me.role === "student" && <Strengths />}
          <NoticeSettings />
        </div>
      </div>
    </>
  );
}

function ProfileForm({ profile }: { profile: Schemas["ProfileView"] | null }) {
  const [said, change, forget] = useDraft("profile", {
    name: profile?.name ?? "",
    about: profile?.about ?? "",
    address: profile?.mailing_address ?? "",
  });
  const save = useCommand<Schemas["ProfileRequest"]>(
    (body, header) => api.PUT("/me/profile", { params: { header }, body }),
    () => forget(said),
  );
  return (
    <CommandForm
      command={save}
      body={() => ({
        name: said.name,
        about: said.about.trim() || null,
        mailing_address: said.address.trim() || null,
      })}
      send={words.common.save}
    >
      <Typed
        name="/name"
        label={words.profile.name}
        value={said.name}
        autoComplete="name"
        onChange={(name) => change((old) => ({ ...old, name }))}
        required
      />
      <Typed
        name="/about"
        label={words.profile.about}
        rows={4}
        value={said.about}
        onChange={(about) => change((old) => ({ ...old, about }))}
      />
      <Typed
        name="/mailing_address"
        label={words.profile.address}
        hint={words.profile.addressMore}
        rows={3}
        autoComplete="street-address"
        value={said.address}
        onChange={(address) => change((old) => ({ ...old, address }))}
      />
    </CommandForm>
  );
}

function Strengths() {
  const strengths = $api.useQuery("get", "/me/strengths");
  return (
    <Card title={words.profile.strengths}>
      <Read of={strengths}>{(found) => <StrengthsForm found={found} />}</Read>
    </Card>
  );
}

function StrengthsForm({ found }: { found: Schemas["StrengthsView"] }) {
  const initial = {
    skills: found.skills.join(", "),
    hours: found.hours_per_week === null ? "" : String(found.hours_per_week),
  };
  const [said, change, forget] = useDraft("strengths", initial);
  const save = useCommand<Schemas["StrengthsRequest"]>(
    (body, header) => api.PUT("/me/strengths", { params: { header }, body }),
    () => forget(said),
  );
  const skills = listOf(said.skills);
  return (
    <CommandForm
      command={save}
      body={() => ({ skills, hours_per_week: said.hours ? Number(said.hours) : null })}
      send={words.common.save}
    >
      <p className="hint">{words.profile.strengthsMore(found.completed_briefs)}</p>
      <Typed
        name="/skills"
        label={words.profile.skills}
        hint={words.profile.skillsHint}
        value={said.skills}
        onChange={(text) => change((old) => ({ ...old, skills: text }))}
      />
      <Typed
        name="/hours_per_week"
        label={words.profile.hours}
        inputMode="numeric"
        value={said.hours}
        onChange={(hours) => change((old) => ({ ...old, hours }))}
      />
    </CommandForm>
  );
}

/** Names as the API writes them: `Data cleaning, charts` is `data-cleaning` and `charts`. */
export function listOf(typed: string): string[] {
  return typed
    .split(",")
    .map((name) => name.trim().toLowerCase().replace(/\s+/g, "-"))
    .filter(Boolean);
}
