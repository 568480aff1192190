import { api, type Schemas } from "../api/client";
import { useCommand } from "../api/commands";
import { Ask } from "../parts/Ask";
import { CommandForm } from "../parts/CommandForm";
import { useDraft } from "../parts/drafts";
import { Typed } from "../parts/Field";
import { majorOf, minorOf, money } from "../parts/format";
import { Card } from "../parts/shown";
import { words } from "../words";
import type { BriefProps } from "./BriefPage";
import { Statements } from "./DisputeForm";

/** An operator hears both sides and divides the escrow; once, the decision can be taken back. */
export function Resolve({ brief }: BriefProps) {
  const { progress } = brief;
  if (brief.state !== "disputed" || !progress) return null;
  return (
    <Card title={words.dispute.title}>
      <Statements briefId={brief.brief_id} />
      {progress.decision ? <Reopen brief={brief} /> : <Decide brief={brief} escrow={progress.escrow} />}
    </Card>
  );
}

function Decide({ brief, escrow }: { brief: Schemas["BriefView"]; escrow: Schemas["Amount"] }) {
  const { currency } = escrow;
  const initial = { student: majorOf(brief.pay.amount_minor, currency), fee: majorOf(0, currency), reason: "" };
  const [said, change, forget] = useDraft(`resolve.${brief.brief_id}`, initial);
  const student_minor = minorOf(said.student, currency) ?? 0;
  const fee_minor = minorOf(said.fee, currency) ?? 0;
  const rest = escrow.amount_minor - student_minor - fee_minor;
  const resolve = useCommand<Schemas["ResolutionRequest"]>(
    (body, header) =>
      api.POST("/briefs/{brief_id}/dispute/resolution", {
        params: { path: { brief_id: brief.brief_id }, header },
        body,
      }),
    forget,
  );
  const set = (name: keyof typeof initial) => (value: string) => change((old) => ({ ...old, [name]: value }));
  return (
    <CommandForm
      command={resolve}
      body={() => ({ split: { student_minor, employer_minor: rest, fee_minor }, reason: said.reason })}
      send={words.dispute.decide}
      disabled={rest < 0}
    >
      <p>{words.dispute.divide(money(escrow))}</p>
      <div className="side-by-side">
        <Typed
          name="/split/student_minor"
          label={words.money.toStudent}
          value={said.student}
          onChange={set("student")}
          inputMode="decimal"
        />
        <Typed
          name="/split/fee_minor"
          label={words.money.toPlatform}
          value={said.fee}
          onChange={set("fee")}
          inputMode="decimal"
        />
      </div>
      <p aria-live="polite">
        {rest < 0 ? words.dispute.tooMuch : `${words.money.toEmployer}: ${money({ amount_minor: rest, currency })}`}
      </p>
      <Typed
        name="/reason"
        label={words.actions.reason}
        rows={4}
        value={said.reason}
        onChange={set("reason")}
        required
      />
    </CommandForm>
  );
}

function Reopen({ brief }: { brief: Schemas["BriefView"] }) {
  const [reason, setReason, forget] = useDraft(`reopen.${brief.brief_id}`, "");
  const reopen = useCommand<string>(
    (text, header) =>
      api.POST("/briefs/{brief_id}/dispute/reopening", {
        params: { path: { brief_id: brief.brief_id }, header },
        body: { reason: text },
      }),
    forget,
  );
  return (
    <Ask button={words.dispute.reopen} title={words.dispute.reopen}>
      {() => (
        <CommandForm command={reopen} body={() => reason} send={words.dispute.reopen} tone="danger">
          <Typed name="/reason" label={words.actions.reason} rows={4} value={reason} onChange={setReason} required />
        </CommandForm>
      )}
    </Ask>
  );
}
