import { useState } from "react";
import { Label, Radio, RadioGroup } from "react-aria-components";
import { api, type Schemas } from "../api/client";
import { useCommand } from "../api/commands";
import { OpenDispute } from "../brief/Actions";
import { CommandForm } from "../parts/CommandForm";
import { useDraft } from "../parts/drafts";
import { Tick, Typed } from "../parts/Field";
import { plain } from "../parts/format";
import { Card } from "../parts/shown";
import { words } from "../words";
import { Returns } from "./Returns";

type Brief = Schemas["BriefView"];

interface Judged {
  level: string;
  feedback: string;
  request: string | null;
}

interface Judgement {
  of: Record<string, Judged>;
  feedback: string;
}

const NOTHING: Judged = { level: "", feedback: "", request: null };

/** The rubric as a form: levels and reasons to approve with, or the criteria that a request for changes cites. */
export function Decide({ brief, number }: { brief: Brief; number: number }) {
  const [asksChanges, setAsksChanges] = useState(false);
  const initial: Judgement = { of: {}, feedback: "" };
  const [said, change, forget] = useDraft(`review.${brief.brief_id}.${number}`, initial);
  const roundsLeft = brief.revision_rounds - (brief.progress?.rounds_used ?? 0);
  const cited = brief.rubric.filter(({ name }) => isAsked(said.of[name]));
  const judge = (name: string, part: Partial<Judged>) =>
    change((old) => ({ ...old, of: { ...old.of, [name]: { ...NOTHING, ...old.of[name], ...part } } }));
  return (
    <Card title={words.review.title} aside={<OpenDispute brief={brief} />}>
      <div className="switch">
        <button type="button" aria-pressed={!asksChanges} onClick={() => setAsksChanges(false)}>
          {words.review.approve}
        </button>
        <button type="button" aria-pressed={asksChanges} disabled={roundsLeft < 1} onClick={() => setAsksChanges(true)}>
          {words.review.requestChanges(roundsLeft)}
        </button>
      </div>
      <Decision brief={brief} number={number} said={said} asksChanges={asksChanges} forget={forget}>
        {brief.rubric.map((criterion, index) => (
          <Criterion
            key={criterion.name}
            index={asksChanges ? cited.indexOf(criterion) : index}
            criterion={criterion}
            judged={said.of[criterion.name] ?? NOTHING}
            asksChanges={asksChanges}
            onJudge={(part) => judge(criterion.name, part)}
          />
        ))}
        <Typed
          name="/feedback"
          label={words.review.overall}
          rows={4}
          value={said.feedback}
          onChange={(feedback) => change((old) => ({ ...old, feedback }))}
          required
        />
        <Returns brief={brief} number={number} />
      </Decision>
    </Card>
  );
}

function isAsked(judged: Judged | undefined): judged is Judged & { request: string } {
  return judged !== undefined && judged.request !== null;
}

interface DecisionProps {
  brief: Brief;
  number: number;
  said: Judgement;
  asksChanges: boolean;
  forget: () => void;
  children: React.ReactNode;
}

function Decision({ brief, number, said, asksChanges, forget, children }: DecisionProps) {
  const path = { brief_id: brief.brief_id };
  const approve = useCommand<Schemas["ApprovalRequest"]>(
    (body, header) => api.POST("/briefs/{brief_id}/approval", { params: { path, header }, body }),
    forget,
  );
  const request = useCommand<Schemas["ChangeRequest"]>(
    (body, header) => api.POST("/briefs/{brief_id}/change-requests", { params: { path, header }, body }),
    forget,
  );
  const { feedback } = said;
  if (asksChanges) {
    const points = brief.rubric.flatMap(({ name }) => {
      const judged = said.of[name];
      return isAsked(judged) ? [{ criterion: name, request: judged.request }] : [];
    });
    const body = () => ({ submission_number: number, points, feedback });
    return (
      <CommandForm command={request} body={body} send={words.review.sendRequest} disabled={!points.length}>
        {children}
      </CommandForm>
    );
  }
  const scores = brief.rubric.map(({ name }) => {
    const { level, feedback: why } = said.of[name] ?? NOTHING;
    return { criterion: name, level, feedback: why };
  });
  const body = () => ({ submission_number: number, scores, feedback });
  return (
    <CommandForm
      command={approve}
      body={body}
      send={words.review.approveAndPay}
      disabled={scores.some(({ level }) => !level)}
    >
      {children}
    </CommandForm>
  );
}

interface CriterionProps {
  index: number;
  criterion: Brief["rubric"][number];
  judged: Judged;
  asksChanges: boolean;
  onJudge: (part: Partial<Judged>) => void;
}

function Criterion({ index, criterion, judged, asksChanges, onJudge }: CriterionProps) {
  const name = plain(criterion.name);
  if (asksChanges) {
    const cited = judged.request !== null;
    return (
      <fieldset>
        <Tick
          label={words.review.cite(name)}
          hint={criterion.description}
          checked={cited}
          onChange={(on) => onJudge({ request: on ? "" : null })}
        />
        {cited && (
          <Typed
            name={`/points/${index}/request`}
            label={words.review.whatToChange(name)}
            rows={2}
            value={judged.request ?? ""}
            onChange={(request) => onJudge({ request })}
            required
          />
        )}
      </fieldset>
    );
  }
  return (
    <fieldset>
      <RadioGroup className="choices" value={judged.level} onChange={(level) => onJudge({ level })}>
        <Label>{words.review.criterion(name, criterion.weight)}</Label>
        {criterion.levels.map((level) => (
          <Radio key={level.label} value={level.label} className="choice">
            <strong>{plain(level.label)}</strong> <span className="hint">{level.description}</span>
          </Radio>
        ))}
      </RadioGroup>
      <Typed
        name={`/scores/${index}/feedback`}
        label={words.review.why(name)}
        rows={2}
        value={judged.feedback}
        onChange={(feedback) => onJudge({ feedback })}
        required
      />
    </fieldset>
  );
}
