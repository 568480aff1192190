import { useState } from "react";
import { $api, api, type Schemas } from "../api/client";
import { useCommand } from "../api/commands";
import { useKnownMe } from "../api/me";
import { Ask } from "../parts/Ask";
import { CommandForm } from "../parts/CommandForm";
import { Choice } from "../parts/Field";
import { instant, plain } from "../parts/format";
import { Card, Empty, Read, Tag } from "../parts/shown";
import { words } from "../words";

interface OfProps {
  organisationId: string;
  owns: boolean;
}

/** Who belongs to it, and what its owners do about that. */
export function Members({ organisationId, owns }: OfProps) {
  const members = $api.useQuery("get", "/organisations/{organisation_id}/members", {
    params: { path: { organisation_id: organisationId } },
  });
  return (
    <Card title={words.organisation.members}>
      <Read of={members}>
        {({ items }) => (
          <ul className="rows">
            {items
              .filter((member) => !member.left_at)
              .map((member) => (
                <Member key={member.account_id} member={member} owns={owns} />
              ))}
          </ul>
        )}
      </Read>
    </Card>
  );
}

function Member({ member, owns }: { member: Schemas["MemberView"]; owns: boolean }) {
  const { account_id } = useKnownMe();
  const isMe = member.account_id === account_id;
  return (
    <li>
      <strong>{member.name ?? member.account_id.slice(0, 8)}</strong> <Tag>{plain(member.role)}</Tag>
      {(owns || isMe) && (
        <div className="actions">
          {owns && <Appoint member={member} />}
          <Remove member={member} isMe={isMe} />
        </div>
      )}
    </li>
  );
}

function Appoint({ member }: { member: Schemas["MemberView"] }) {
  const role: Schemas["MemberRole"] = member.role === "owner" ? "member" : "owner";
  const path = { organisation_id: member.organisation_id, account_id: member.account_id };
  const appoint = useCommand<Schemas["MemberRequest"]>((body, header) =>
    api.PUT("/organisations/{organisation_id}/members/{account_id}", { params: { path, header }, body }),
  );
  return <CommandForm command={appoint} body={() => ({ role })} send={words.organisation.make[role]} tone="quiet" />;
}

function Remove({ member, isMe }: { member: Schemas["MemberView"]; isMe: boolean }) {
  const path = { organisation_id: member.organisation_id, account_id: member.account_id };
  const remove = useCommand<undefined>((_, header) =>
    api.POST("/organisations/{organisation_id}/members/{account_id}/removal", { params: { path, header } }),
  );
  const name = member.name ?? member.account_id.slice(0, 8);
  const send = isMe ? words.organisation.leave : words.common.remove;
  return (
    <Ask button={send} title={isMe ? words.organisation.leaveTitle : words.organisation.removeTitle(name)} tone="quiet">
      {() => (
        <CommandForm command={remove} body={() => undefined} send={send} tone="danger">
          <p>{isMe ? words.organisation.leaveMore : words.organisation.removeMore}</p>
        </CommandForm>
      )}
    </Ask>
  );
}

export function Invitations({ organisationId }: { organisationId: string }) {
  const path = { organisation_id: organisationId };
  const [role, setRole] = useState<Schemas["MemberRole"]>("member");
  const [code, setCode] = useState("");
  const invite = useCommand<Schemas["InvitationRequest"]>(async (body, header) => {
    const { data } = await api.POST("/organisations/{organisation_id}/invitations", { params: { path, header }, body });
    setCode((data as Schemas["IssuedInvitation"]).code);
  });
  return (
    <Card title={words.organisation.invitations}>
      <Sent organisationId={organisationId} />
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

function Sent({ organisationId }: { organisationId: string }) {
  const invitations = $api.useQuery("get", "/organisations/{organisation_id}/invitations", {
    params: { path: { organisation_id: organisationId } },
  });
  return (
    <Read of={invitations}>
      {({ items }) =>
        items.length ? (
          <ul className="rows">
            {items.map((invitation) => (
              <Invitation key={invitation.invitation_id} organisationId={organisationId} invitation={invitation} />
            ))}
          </ul>
        ) : (
          <Empty>{words.organisation.noInvitations}</Empty>
        )
      }
    </Read>
  );
}

interface InvitationProps {
  organisationId: string;
  invitation: Schemas["InvitationView"];
}

function Invitation({ organisationId, invitation }: InvitationProps) {
  const path = { organisation_id: organisationId, invitation_id: invitation.invitation_id };
  const takeBack = useCommand<undefined>((_, header) =>
    api.POST("/organisations/{organisation_id}/invitations/{invitation_id}/revocation", { params: { path, header } }),
  );
  const status = statusOf(invitation);
  return (
    <li>
      <Tag>{plain(invitation.role)}</Tag>{" "}
      <span className="hint">
        {status === "open" ? words.organisation.until(instant(invitation.expires_at)) : words.organisation[status]}
      </span>
      {status === "open" && (
        <CommandForm command={takeBack} body={() => undefined} send={words.organisation.takeBack} tone="quiet" />
      )}
    </li>
  );
}

function statusOf(invitation: Schemas["InvitationView"]): "open" | "accepted" | "takenBack" | "lapsed" {
  if (invitation.accepted_at) return "accepted";
  if (invitation.revoked_at) return "takenBack";
  return Date.parse(invitation.expires_at) > Date.now() ? "open" : "lapsed";
}
