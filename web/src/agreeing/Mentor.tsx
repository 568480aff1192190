import { useState } from "react";
import { $api, api, type Schemas } from "../api/client";
import { useCommand } from "../api/commands";
import { useKnownMe } from "../api/me";
import type { BriefProps } from "../brief/BriefPage";
import { CommandForm } from "../parts/CommandForm";
import { Choice } from "../parts/Field";
import { Card, Empty, Read } from "../parts/shown";
import { words } from "../words";

/** Whom at the employer the student can turn to. */
export function Mentor({ brief, side }: BriefProps) {
  const mentor = $api.useQuery(
    "get",
    "/briefs/{brief_id}/mentor",
    { params: { path: { brief_id: brief.brief_id } } },
    { enabled: side !== "operator" },
  );
  if (side === "operator") return null;
  return (
    <Card title={words.mentor.title}>
      <Read of={mentor}>
        {(found) => (
          <>
            {found.mentor ? (
              <p>
                <strong>{found.mentor.name ?? words.mentor.somebody}</strong>
              </p>
            ) : (
              <Empty>{found.has_left ? words.mentor.hasLeft : words.mentor.none}</Empty>
            )}
            {side === "employer" && !brief.progress?.settled_at && (
              <Name brief={brief} now={found.mentor?.account_id ?? ""} />
            )}
          </>
        )}
      </Read>
    </Card>
  );
}

function Name({ brief, now }: Pick<BriefProps, "brief"> & { now: string }) {
  const { organisation_id } = useKnownMe();
  const [chosen, choose] = useState(now);
  const members = $api.useQuery("get", "/organisations/{organisation_id}/members", {
    params: { path: { organisation_id: organisation_id ?? "" } },
  });
  const name = useCommand<Schemas["MentorRequest"]>((body, header) =>
    api.PUT("/briefs/{brief_id}/mentor", { params: { path: { brief_id: brief.brief_id }, header }, body }),
  );
  const options = (members.data?.items ?? [])
    .filter((member) => !member.left_at)
    .map((member) => ({ value: member.account_id, label: member.name ?? member.account_id.slice(0, 8) }));
  return (
    <CommandForm
      command={name}
      body={() => ({ account_id: chosen })}
      send={words.common.save}
      tone="quiet"
      disabled={!chosen || chosen === now}
    >
      <Choice
        name="/account_id"
        label={words.mentor.member}
        value={chosen}
        onChange={choose}
        options={options}
        empty={words.feedback.choose}
      />
    </CommandForm>
  );
}
