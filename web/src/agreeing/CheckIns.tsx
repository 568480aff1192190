import { $api, api, type Schemas } from "../api/client";
import { useCommand } from "../api/commands";
import type { BriefProps } from "../brief/BriefPage";
import { CommandForm } from "../parts/CommandForm";
import { useDraft } from "../parts/drafts";
import { Choice, Typed } from "../parts/Field";
import { Card, Empty, Read, Tag, When } from "../parts/shown";
import { words } from "../words";

type Going = Schemas["Going"];

const GOING = (Object.keys(words.checkIns.going) as Going[]).map((value) => ({
  value,
  label: words.checkIns.going[value],
}));
const TONES = { on_track: "good", blocked: "bad", need_something: "warn" } as const;

/** How the work is going: the student is asked while there is still time to help. */
export function CheckIns({ brief, side }: BriefProps) {
  const checkIns = $api.useQuery(
    "get",
    "/briefs/{brief_id}/check-ins",
    { params: { path: { brief_id: brief.brief_id } } },
    { refetchInterval: 15_000, enabled: side !== "operator" },
  );
  if (side === "operator") return null;
  return (
    <Card title={words.checkIns.title}>
      <Read of={checkIns}>
        {({ items }) => (
          <>
            {items.length === 0 && <Empty>{words.checkIns.none}</Empty>}
            <ol className="rows">
              {items.map((one) => (
                <li key={one.asked_at}>
                  <When at={one.asked_at} zone={brief.zone} />{" "}
                  {one.going ? (
                    <Tag tone={TONES[one.going]}>{words.checkIns.going[one.going]}</Tag>
                  ) : (
                    <Tag>{words.checkIns.statuses[one.status]}</Tag>
                  )}
                  {one.note && <p>{one.note}</p>}
                </li>
              ))}
            </ol>
            {side === "student" && items.some((one) => one.status === "awaited") && <Answer brief={brief} />}
          </>
        )}
      </Read>
    </Card>
  );
}

function Answer({ brief }: Pick<BriefProps, "brief">) {
  const [said, change, forget] = useDraft(`check-in.${brief.brief_id}`, { going: "on_track" as Going, note: "" });
  const answer = useCommand<Schemas["CheckInRequest"]>(
    (body, header) =>
      api.POST("/briefs/{brief_id}/check-ins", { params: { path: { brief_id: brief.brief_id }, header }, body }),
    forget,
  );
  return (
    <CommandForm
      command={answer}
      body={() => ({ going: said.going, note: said.note.trim() || null })}
      send={words.checkIns.send}
    >
      <Choice
        name="/going"
        label={words.checkIns.question}
        value={said.going}
        onChange={(going) => change((old) => ({ ...old, going: going as Going }))}
        options={GOING}
      />
      <Typed
        name="/note"
        label={words.checkIns.note}
        maxLength={120}
        value={said.note}
        onChange={(note) => change((old) => ({ ...old, note }))}
      />
    </CommandForm>
  );
}
