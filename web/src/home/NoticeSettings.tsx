import { $api, api, type Schemas } from "../api/client";
import { useCommand } from "../api/commands";
import { CommandForm } from "../parts/CommandForm";
import { useDraft } from "../parts/drafts";
import { Choice, Tick } from "../parts/Field";
import { hourOfDay, plain } from "../parts/format";
import { Card, Read } from "../parts/shown";
import { ZONE_OPTIONS } from "../posting/zones";
import { words } from "../words";

type Cadence = Schemas["Cadence"];

/** How soon notices of each kind come by e-mail. */
export function NoticeSettings() {
  const settings = $api.useQuery("get", "/me/notice-settings");
  return (
    <Card title={words.notices.title}>
      <p className="hint">{words.notices.more}</p>
      <Read of={settings}>{(found) => <Settings found={found} />}</Read>
    </Card>
  );
}

const HOURS = Array.from({ length: 24 }, (_, hour) => ({ value: String(hour), label: hourOfDay(hour) }));

function Settings({ found }: { found: Schemas["NoticeSettingsView"] }) {
  const [said, change, forget] = useDraft("notice-settings", {
    email: Object.fromEntries(found.choices.map(({ kind, email }) => [kind, email])) as Record<string, Cadence>,
    zone: found.zone,
    hour: String(found.digest_hour),
    lift: false,
  });
  const save = useCommand<Schemas["NoticeSettingsRequest"]>(
    (body, header) => api.PUT("/me/notice-settings", { params: { header }, body }),
    () => forget({ ...said, lift: false }),
  );
  const body = () => ({
    email: said.email,
    zone: said.zone,
    digest_hour: Number(said.hour),
    lift_hold: said.lift,
  });
  return (
    <CommandForm command={save} body={body} send={words.common.save}>
      {found.hold && (
        <Tick
          label={words.notices.lift}
          hint={words.notices.holds[found.hold.reason]}
          checked={said.lift}
          onChange={(lift) => change((old) => ({ ...old, lift }))}
        />
      )}
      <div className="side-by-side">
        {found.choices.map((choice) => (
          <Choice
            key={choice.kind}
            name={`/email/${choice.kind}`}
            label={plain(choice.kind)}
            hint={choice.about}
            value={said.email[choice.kind] ?? choice.email}
            onChange={(email) =>
              change((old) => ({ ...old, email: { ...old.email, [choice.kind]: email as Cadence } }))
            }
            options={cadences(choice.can_be_never)}
          />
        ))}
      </div>
      <div className="side-by-side">
        <Choice
          name="/digest_hour"
          label={words.notices.hour}
          value={said.hour}
          onChange={(hour) => change((old) => ({ ...old, hour }))}
          options={HOURS}
        />
        <Choice
          name="/zone"
          label={words.notices.zone}
          value={said.zone}
          onChange={(zone) => change((old) => ({ ...old, zone }))}
          options={ZONE_OPTIONS}
        />
      </div>
    </CommandForm>
  );
}

function cadences(canBeNever: boolean) {
  const all = (["at_once", "daily", "never"] as const).map((value) => ({
    value,
    label: words.notices.cadences[value],
  }));
  return canBeNever ? all : all.filter(({ value }) => value !== "never");
}
