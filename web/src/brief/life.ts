import type { Schemas } from "../api/client";

export type State = Schemas["State"];
export type Step = Schemas["Step"];
type Brief = Schemas["BriefView"];

export type Actor = "employer" | "student" | "operator" | "server" | "anyone";

/** What is awaited of whom; `what` names a text of `words.awaited`. */
export interface Awaited {
  who: Actor;
  what:
    | "funding"
    | "collecting"
    | "award"
    | "work"
    | "review"
    | "changes"
    | "answer"
    | "decision"
    | "final"
    | "payment"
    | "settling";
}

export interface Phase {
  state: State;
  is: "passed" | "now" | "ahead";
  /** When it was reached; unknown to those who may not see the timeline, and ahead. */
  at?: string;
}

/** Where a brief goes when everybody does what is awaited. */
const NEXT: Partial<Record<State, State>> = {
  posted: "open",
  open: "awarded",
  awarded: "submitted",
  submitted: "approved",
  changes_requested: "submitted",
  disputed: "resolved",
  approved: "paid",
};

export const ENDS: ReadonlySet<State> = new Set(["paid", "expired", "cancelled", "resolved"]);

/** The life of a brief as a picture shows it: the states passed, the one it is in, and those that are ahead. */
export function lifeOf(state: State, steps: readonly Step[]): Phase[] {
  const passed = passedStates(state, steps);
  const ahead: Phase[] = [];
  for (let next = NEXT[state]; next; next = NEXT[next]) ahead.push({ state: next, is: "ahead" });
  return [...passed.slice(0, -1), { ...(passed.at(-1) ?? { state }), is: "now" }, ...ahead];
}

function passedStates(state: State, steps: readonly Step[]): Phase[] {
  const reached: Phase[] = [];
  for (const step of [...steps].sort((a, b) => a.version - b.version)) {
    if (reached.at(-1)?.state !== step.state) reached.push({ state: step.state, is: "passed", at: step.at });
  }
  if (reached.at(-1)?.state === state) return reached;
  return reached.length ? [...reached, { state, is: "passed" }] : before(state);
}

/** For those who don't see the timeline: the way that leads here. */
function before(state: State): Phase[] {
  const way: Phase[] = [{ state, is: "passed" }];
  for (let earlier = previous(state); earlier; earlier = previous(earlier))
    way.unshift({ state: earlier, is: "passed" });
  return way;
}

function previous(state: State): State | undefined {
  return (Object.keys(NEXT) as State[]).find((from) => NEXT[from] === state && from !== "changes_requested");
}

/** Who must act now, and how; null when nothing is awaited any more. */
export function awaited(brief: Brief, steps: readonly Step[]): Awaited | null {
  switch (brief.state) {
    case "posted":
      return brief.progress?.collecting ? { who: "server", what: "collecting" } : { who: "employer", what: "funding" };
    case "open":
      return { who: "employer", what: "award" };
    case "awarded":
      return { who: "student", what: "work" };
    case "submitted":
      return { who: "employer", what: "review" };
    case "changes_requested":
      return { who: "student", what: "changes" };
    case "disputed":
      return inDispute(brief, steps);
    case "approved":
      return { who: "server", what: "payment" };
    default:
      return brief.progress && !brief.progress.settled_at && wasFunded(brief)
        ? { who: "server", what: "settling" }
        : null;
  }
}

function inDispute(brief: Brief, steps: readonly Step[]): Awaited {
  if (brief.progress?.decision) return { who: "server", what: "final" };
  const latest = [...steps].sort((a, b) => b.version - a.version);
  if (latest.some((step) => step.type === "brief.dispute_answered")) return { who: "operator", what: "decision" };
  const opened = latest.find((step) => step.type === "brief.disputed");
  return { who: opened?.facts.opened_by === "student" ? "employer" : "student", what: "answer" };
}

function wasFunded(brief: Brief): boolean {
  return brief.progress?.outcome !== "not_funded";
}
