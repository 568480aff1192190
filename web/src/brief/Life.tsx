import type { Schemas } from "../api/client";
import { instant, relative } from "../parts/format";
import { StateTag, When } from "../parts/shown";
import { words } from "../words";
import { awaited, lifeOf, type Phase, type Step } from "./life";
import type { Side } from "./queries";

interface LifeProps {
  brief: Schemas["BriefView"];
  steps: readonly Step[];
  side: Side;
}

/** The picture of a brief's life: what has been, what is, what comes, who must act, and what happens if nobody does. */
export function Life({ brief, steps, side }: LifeProps) {
  return (
    <section className="card life" aria-label={words.life.title}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by keyboard */}
      <ol className="way" tabIndex={0}>
        {lifeOf(brief.state, steps).map((phase, index) => (
          // A state can be passed twice: its place on the way is what makes it this one.
          // biome-ignore lint/suspicious/noArrayIndexKey: see above
          <Station key={index} phase={phase} />
        ))}
      </ol>
      <Now brief={brief} steps={steps} side={side} />
    </section>
  );
}

function Station({ phase }: { phase: Phase }) {
  return (
    <li className={phase.is} aria-current={phase.is === "now" ? "step" : undefined}>
      <span className="dot" aria-hidden="true" />
      <span className="name">{words.states[phase.state]}</span>
      <span className="visually-hidden">{words.life[phase.is]}</span>
      {phase.at && (
        <time className="hint" dateTime={phase.at} title={instant(phase.at)}>
          {relative(phase.at)}
        </time>
      )}
    </li>
  );
}

function Now({ brief, steps, side }: LifeProps) {
  const turn = awaited(brief, steps);
  return (
    <div className="now" aria-live="polite">
      <p className="turn">
        <StateTag state={brief.state} />
        {turn ? (
          <strong className={turn.who === side ? "yours" : undefined}>
            {turn.who === side ? words.life.yourTurn : words.life.turnOf[turn.who]} {words.awaited[turn.what]}
          </strong>
        ) : (
          <strong>{words.life.over(brief.progress?.outcome ?? null)}</strong>
        )}
      </p>
      {brief.deadline && <Lapse deadline={brief.deadline} />}
    </div>
  );
}

function Lapse({ deadline }: { deadline: Schemas["Deadline"] }) {
  return (
    <p className="lapse">
      {words.life.until} <When at={deadline.due_at} zone={deadline.zone} /> <em>({relative(deadline.due_at)})</em>
      {deadline.then && (
        <span className="hint">
          {words.life.otherwise} {deadline.then}.
        </span>
      )}
    </p>
  );
}
