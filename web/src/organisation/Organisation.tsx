import { useState } from "react";
import { $api, api, type Schemas } from "../api/client";
import { useCommand } from "../api/commands";
import { useKnownMe } from "../api/me";
import { CommandForm } from "../parts/CommandForm";
import { useDraft } from "../parts/drafts";
import { Choice, Typed } from "../parts/Field";
import { Figures } from "../parts/Figures";
import { day, plain } from "../parts/format";
import { Card, Facts, Read, Tag } from "../parts/shown";
import { words } from "../words";

/** What an employer acts for: founded or joined once, and run by its owners. */
export default function Organisation() {
  const { organisation_id, member_role } = useKnownMe();
  if (!organisation_id) return <NoOrganisation />;
  return <Found organisationId={organisation_id} owns={member_role === "owner"} />;
}

function NoOrganisation() {
  return (
    <>
      <h1>{words.organisation.title}</h1>
      <div className="columns even">
        <FoundOne />
        <Join />
      </div>
    </>
  );
}

function FoundOne() {
  const initial = { name: "", website: "", about: "" };
  const [said, change, forget] = useDraft("organisation", initial);
  const found = useCommand<Schemas["OrganisationRequest"]>(
    (body, header) => api.POST("/organisations", { params: { header }, body }),
    forget,
  );
  const set = (name: keyof typeof initial) => (value: string) => change((old) => ({ ...old, [name]: value }));
  return (
    <Card title={words.organisation.found}>
      <CommandForm
        command={found}
        body={() => ({ name: said.name, website: said.website.trim() || null, about: said.about.trim() || null })}
        send={words.organisation.found}
      >
        <Typed name="/name" label={words.organisation.name} value={said.name} onChange={set("name")} required />
        <Typed
          name="/website"
          type="url"
          label={words.organisation.website}
          value={said.website}
          onChange={set("website")}
        />
        <Typed name="/about" label={words.organisation.about} rows={3} value={said.about} onChange={set("about")} />
      </CommandForm>
    </Card>
  );
}

function Join() {
  const [code, setCode] = useState("");
  const join = useCommand<string>((said, header) =>
    api.POST("/me/organisation", { params: { header }, body: { code: said } }),
  );
  return (
    <Card title={words.organisation.join}>
      <CommandForm command={join} body={() => code.trim()} send={words.organisation.join}>
        <Typed name="/code" label={words.organisation.code} value={code} onChange={setCode} required />
      </CommandForm>
    </Card>
  );
}

interface OfProps {
  organisationId: string;
  owns: boolean;
}

function Found({ organisationId, owns }: OfProps) {
  const params = { params: { path: { organisation_id: organisationId } } };
  const organisation = $api.useQuery("get", "/organisations/{organisation_id}", params);
  const record = $api.useQuery("get", "/organisations/{organisation_id}/record", params);
  return (
    <Read of={organisation}>
      {(found) => (
        <>
          <h1>{found.name}</h1>
          <div className="columns even">
            <Card
              title={words.organisation.title}
              aside={
                <Tag tone={found.state === "approved" ? "good" : "warn"}>{words.organisation.states[found.state]}</Tag>
              }
            >
              {found.state === "waiting" && <p>{words.organisation.waiting}</p>}
              {found.reason && <p className="text">{found.reason}</p>}
              <Facts
                of={[
                  found.website
                    ? [
                        words.organisation.website,
                        <a key="w" href={found.website}>
                          {found.website}
                        </a>,
                      ]
                    : null,
                  [words.organisation.founded, day(found.founded_at)],
                ]}
              />
              {found.about && <p className="text">{found.about}</p>}
            </Card>
            <Members organisationId={organisationId} owns={owns} />
            {owns && <Invitations organisationId={organisationId} />}
            <Card title={words.record.title}>
              <Read of={record}>{({ figures }) => <Figures of={figures} />}</Read>
            </Card>
          </div>
        </>
      )}
    </Read>
  );
}

function Members({ organisationId, owns }: OfProps) {
  const members = $api.useQuery("get", "/organisations/{organisation_id}/members", {
    params: { path: { organisation_id: organisationId } },
  });
  return (
    <Card title={words.organisation.members}>
      <Read of={members}>
        {({ items }) => (
          <ul className="rows">
            {items.map((member) => (
              <Member key={member.account_id} member={member} owns={owns} />
            ))}
          </ul>
        )}
      </Read>
    </Card>
  );
}

function Member({ member, owns }: { member: Schemas["MemberView"]; owns: boolean }) {
  const path = { organisation_id: member.organisation_id, account_id: member.account_id };
  const remove = useCommand<undefined>((_, header) =>
    api.POST("/organisations/{organisation_id}/members/{account_id}/removal", { params: { path, header } }),
  );
  const { account_id } = useKnownMe();
  return (
    <li>
      <strong>{member.name ?? member.account_id.slice(0, 8)}</strong> <Tag>{plain(member.role)}</Tag>{" "}
      {owns && member.account_id !== account_id && !member.left_at && (
        <CommandForm command={remove} body={() => undefined} send={words.common.remove} tone="quiet" />
      )}
    </li>
  );
}

function Invitations({ organisationId }: { organisationId: string }) {
  const path = { organisation_id: organisationId };
  const [role, setRole] = useState<Schemas["MemberRole"]>("member");
  const [code, setCode] = useState("");
  const invite = useCommand<Schemas["InvitationRequest"]>(async (body, header) => {
    const { data } = await api.POST("/organisations/{organisation_id}/invitations", { params: { path, header }, body });
    setCode((data as Schemas["IssuedInvitation"]).code);
  });
  return (
    <Card title={words.organisation.invite}>
      <CommandForm command={invite} body={() => ({ role })} send={words.organisation.invite}>
        <Choice
          name="/role"
          label={words.organisation.role}
          value={role}
          onChange={(value) => setRole(value as Schemas["MemberRole"])}
          options={(["member", "owner"] as const).map((value) => ({ value, label: plain(value) }))}
        />
      </CommandForm>
      {code && (
        <p className="notice" role="status">
          {words.organisation.codeOnce} <code>{code}</code>
        </p>
      )}
    </Card>
  );
}
