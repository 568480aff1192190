import { $api, api, type Schemas } from "../api/client";
import { useCommand } from "../api/commands";
import type { BriefProps } from "../brief/BriefPage";
import { Ask } from "../parts/Ask";
import { CommandForm, Wrong } from "../parts/CommandForm";
import { useDraft } from "../parts/drafts";
import { Typed } from "../parts/Field";
import { Card, Empty, Read, Tag, When } from "../parts/shown";
import { instantIn } from "../posting/zones";
import { words } from "../words";

const OFTEN_MS = 8_000;
const WORKING = new Set(["awarded", "changes_requested"]);

/** Changes of scope or deadline that one side proposed and the other decides on. */
export function Amendments({ brief, side }: BriefProps) {
  const amendments = $api.useQuery(
    "get",
    "/briefs/{brief_id}/amendments",
    { params: { path: { brief_id: brief.brief_id } } },
    { refetchInterval: WORKING.has(brief.state) && OFTEN_MS },
  );
  const propose = WORKING.has(brief.state) && (
    <Ask button={words.amendments.propose} title={words.amendments.propose} tone="quiet">
      {(close) => <Propose brief={brief} close={close} />}
    </Ask>
  );
  return (
    <Card title={words.amendments.title} aside={propose}>
      <Read of={amendments}>
        {({ items }) =>
          items.length ? (
            <ol className="rows">
              {items.map((amendment) => (
                <Amendment key={amendment.number} brief={brief} amendment={amendment} side={side} />
              ))}
            </ol>
          ) : (
            <Empty>{words.amendments.none}</Empty>
          )
        }
      </Read>
    </Card>
  );
}

type OneProps = BriefProps & { amendment: Schemas["AmendmentView"] };

const TONES = { open: "info", accepted: "good", refused: "bad", withdrawn: "plain", lapsed: "plain" } as const;

function Amendment({ brief, amendment, side }: OneProps) {
  return (
    <li>
      <strong>{words.amendments.numbered(amendment.number)}</strong>{" "}
      <Tag tone={TONES[amendment.status]}>{words.amendments.statuses[amendment.status]}</Tag>{" "}
      <span className="hint">{words.brief.by(amendment.proposed_by)}</span>
      <p className="text">{amendment.reason}</p>
      {amendment.scope && (
        <p className="text">
          <strong>{words.amendments.scope}:</strong> {amendment.scope}
        </p>
      )}
      {amendment.submission_due_at && (
        <p>
          <strong>{words.amendments.due}:</strong> <When at={amendment.submission_due_at} zone={brief.zone} />
        </p>
      )}
      {amendment.status === "open" && (
        <>
          <p className="hint">
            {words.amendments.lapses} <When at={amendment.lapses_at} zone={brief.zone} />
          </p>
          <Answer brief={brief} amendment={amendment} side={side} />
        </>
      )}
    </li>
  );
}

/** Whoever proposed it takes it back, the other side accepts or refuses; operators look on. */
function Answer({ brief, amendment, side }: OneProps) {
  const path = { brief_id: brief.brief_id, number: amendment.number };
  const accept = useCommand<undefined>((_, header) =>
    api.POST("/briefs/{brief_id}/amendments/{number}/acceptance", { params: { path, header } }),
  );
  const refuse = useCommand<undefined>((_, header) =>
    api.POST("/briefs/{brief_id}/amendments/{number}/refusal", { params: { path, header } }),
  );
  const withdraw = useCommand<undefined>((_, header) =>
    api.POST("/briefs/{brief_id}/amendments/{number}/withdrawal", { params: { path, header } }),
  );
  if (side !== "employer" && side !== "student") return null;
  if (amendment.proposed_by === side)
    return <CommandForm command={withdraw} body={() => undefined} send={words.amendments.withdraw} tone="quiet" />;
  return (
    <>
      <Wrong error={refuse.error} />
      <CommandForm
        command={accept}
        body={() => undefined}
        send={words.amendments.accept}
        also={
          <button type="button" className="button quiet" onClick={() => refuse.mutate(undefined)}>
            {words.amendments.refuse}
          </button>
        }
      />
    </>
  );
}

function Propose({ brief, close }: Pick<BriefProps, "brief"> & { close: () => void }) {
  const initial = { reason: "", scope: "", due: "" };
  const [said, change, forget] = useDraft(`amendment.${brief.brief_id}`, initial);
  const propose = useCommand<Schemas["AmendmentRequest"]>(
    (body, header) =>
      api.POST("/briefs/{brief_id}/amendments", { params: { path: { brief_id: brief.brief_id }, header }, body }),
    () => {
      forget();
      close();
    },
  );
  const set = (name: keyof typeof initial) => (value: string) => change((old) => ({ ...old, [name]: value }));
  const body = () => ({
    reason: said.reason,
    scope: said.scope.trim() || null,
    submission_due_at: said.due ? (instantIn(said.due, brief.zone) ?? said.due) : null,
  });
  return (
    <CommandForm command={propose} body={body} send={words.amendments.propose}>
      <p className="hint">{words.amendments.more}</p>
      <Typed
        name="/scope"
        label={words.amendments.scope}
        hint={words.amendments.scopeMore}
        rows={3}
        value={said.scope}
        onChange={set("scope")}
      />
      <Typed
        name="/submission_due_at"
        type="datetime-local"
        label={words.amendments.due}
        hint={words.amendments.dueMore(brief.zone)}
        value={said.due}
        onChange={set("due")}
      />
      <Typed
        name="/reason"
        label={words.amendments.reason}
        rows={3}
        value={said.reason}
        onChange={set("reason")}
        required
      />
    </CommandForm>
  );
}
