import { Link } from "wouter";
import { api } from "../api/client";
import { useCommand } from "../api/commands";
import { Apply } from "../finding/Apply";
import { Ask } from "../parts/Ask";
import { CommandForm } from "../parts/CommandForm";
import { useDraft } from "../parts/drafts";
import { Typed } from "../parts/Field";
import { money } from "../parts/format";
import { Card } from "../parts/shown";
import { words } from "../words";
import type { BriefProps } from "./BriefPage";
import { DisputeForm } from "./DisputeForm";
import { Resolve } from "./Resolve";
import { StatementForm } from "./StatementForm";

/** What the reader can do to the brief as it stands. */
export function Actions({ brief, side }: BriefProps) {
  const actions = { employer: EmployerActions, student: StudentActions, operator: Resolve, other: Apply }[side];
  const For = actions;
  return <For brief={brief} side={side} />;
}

function EmployerActions({ brief, side }: BriefProps) {
  const base = `/briefs/${brief.brief_id}`;
  switch (brief.state) {
    case "posted":
      return brief.progress?.collecting ? null : (
        <Card title={words.actions.fund}>
          <Fund brief={brief} />
          <Cancel brief={brief} />
        </Card>
      );
    case "open":
      return (
        <div className="actions">
          <Link className="button primary" href={`${base}/applicants`}>
            {words.actions.choose}
          </Link>
          <Cancel brief={brief} />
        </div>
      );
    case "awarded":
      return (
        <div className="actions">
          <Cancel brief={brief} />
        </div>
      );
    case "submitted":
      return (
        <div className="actions">
          <Link className="button primary" href={`${base}/review`}>
            {words.actions.review}
          </Link>
          <OpenDispute brief={brief} />
        </div>
      );
    case "disputed":
      return <DisputeForm brief={brief} side={side} />;
    default:
      return null;
  }
}

function StudentActions({ brief, side }: BriefProps) {
  switch (brief.state) {
    case "awarded":
    case "changes_requested":
      return (
        <div className="actions">
          <Link className="button primary" href={`/briefs/${brief.brief_id}/work`}>
            {words.actions.handIn}
          </Link>
          {brief.state === "awarded" ? <GiveBack brief={brief} /> : <OpenDispute brief={brief} />}
        </div>
      );
    case "disputed":
      return <DisputeForm brief={brief} side={side} />;
    default:
      return null;
  }
}

type OfBrief = Pick<BriefProps, "brief">;

function Fund({ brief }: OfBrief) {
  const [card, setCard, forget] = useDraft(`fund.${brief.brief_id}`, "sandbox-card");
  const fund = useCommand<string>(
    (payment_method, header) =>
      api.POST("/briefs/{brief_id}/funding", {
        params: { path: { brief_id: brief.brief_id }, header },
        body: { payment_method },
      }),
    forget,
  );
  const total = brief.progress ? brief.progress.escrow : brief.pay;
  return (
    <CommandForm command={fund} body={() => card} send={words.actions.fundWith(money(total))}>
      <Typed
        name="/payment_method"
        label={words.actions.card}
        value={card}
        onChange={setCard}
        hint={words.actions.cardHint}
      />
    </CommandForm>
  );
}

function Cancel({ brief }: OfBrief) {
  const cancel = useCommand<undefined>((_, header) =>
    api.POST("/briefs/{brief_id}/cancellation", { params: { path: { brief_id: brief.brief_id }, header } }),
  );
  return (
    <Ask button={words.actions.cancel} title={words.actions.cancelTitle} tone="quiet">
      {() => (
        <CommandForm command={cancel} body={() => undefined} send={words.actions.cancel} tone="danger">
          <p>{words.actions.cancelMore[brief.state as keyof typeof words.actions.cancelMore]}</p>
        </CommandForm>
      )}
    </Ask>
  );
}

function GiveBack({ brief }: OfBrief) {
  const giveBack = useCommand<undefined>((_, header) =>
    api.POST("/briefs/{brief_id}/award/withdrawal", { params: { path: { brief_id: brief.brief_id }, header } }),
  );
  return (
    <Ask button={words.actions.giveBack} title={words.actions.giveBackTitle} tone="quiet">
      {() => (
        <CommandForm command={giveBack} body={() => undefined} send={words.actions.giveBack} tone="danger">
          <p>{words.actions.giveBackMore}</p>
        </CommandForm>
      )}
    </Ask>
  );
}

export function OpenDispute({ brief }: OfBrief) {
  return (
    <Ask button={words.actions.dispute} title={words.actions.disputeTitle} tone="quiet">
      {() => (
        <StatementForm
          brief={brief}
          draft="dispute"
          label={words.actions.reason}
          send={words.actions.dispute}
          tone="danger"
          canAdd={brief.state === "submitted"}
          post={(body, header) =>
            api.POST("/briefs/{brief_id}/dispute", { params: { path: { brief_id: brief.brief_id }, header }, body })
          }
        >
          <p>{words.actions.disputeMore}</p>
        </StatementForm>
      )}
    </Ask>
  );
}
