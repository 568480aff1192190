import type { Schemas } from "../api/client";
import { day } from "../parts/format";

/** A cohort as it is typed. */
export interface CohortDraft {
  name: string;
  about: string;
  starts: string;
  ends: string;
  scores: boolean;
  hoursWanted: string;
  hoursPerCredit: string;
  leastScore: string;
  mostCredits: string;
}

export const NO_COHORT: CohortDraft = {
  name: "",
  about: "",
  starts: "",
  ends: "",
  scores: false,
  hoursWanted: "",
  hoursPerCredit: "",
  leastScore: "",
  mostCredits: "",
};

export function draftOfCohort({ name, about, terms, rules, hours_wanted }: Schemas["CohortView"]): CohortDraft {
  return {
    name,
    about: about ?? "",
    starts: terms.starts_on,
    ends: terms.ends_on,
    scores: terms.scores,
    hoursWanted: text(hours_wanted),
    hoursPerCredit: text(rules?.hours_per_credit),
    leastScore: text(rules?.least_score_percent),
    mostCredits: text(rules?.most_credits),
  };
}

/** What is sent; credit has rules as soon as one of them is written, and the API says which are missing. */
export function cohortOf(draft: CohortDraft, employers: string[] | null = null): Schemas["CohortRequest"] {
  const { hoursPerCredit, leastScore, mostCredits } = draft;
  const rules = {
    hours_per_credit: Number(hoursPerCredit),
    least_score_percent: number(leastScore),
    most_credits: number(mostCredits),
  };
  return {
    name: draft.name,
    about: draft.about.trim() || null,
    starts_on: draft.starts,
    ends_on: draft.ends,
    scores: draft.scores,
    hours_wanted: number(draft.hoursWanted),
    rules: hoursPerCredit || leastScore || mostCredits ? rules : null,
    employers,
  };
}

/** The days are the institution's calendar days, so they are shown as they are, on whatever clock. */
export function period({ starts_on, ends_on }: Pick<Schemas["TermsView"], "starts_on" | "ends_on">): string {
  return `${day(starts_on, "UTC")} – ${day(ends_on, "UTC")}`;
}

function text(value: number | null | undefined): string {
  return value == null ? "" : String(value);
}

function number(typed: string): number | null {
  return typed.trim() ? Number(typed) : null;
}
