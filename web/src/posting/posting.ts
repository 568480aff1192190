import type { Schemas } from "../api/client";
import { majorOf, minorOf, ownZone } from "../parts/format";
import { instantIn, localIn } from "./zones";

export type Posting = Schemas["Posting"];

/** A posting as it is typed: what would be numbers and instants is still text, so that nothing typed is lost. */
export interface Draft extends Omit<Posting, "hours" | "pay" | "timeline" | "skills"> {
  hours: string;
  pay: string;
  currency: string;
  skills: string;
  zone: string;
  closes: string;
  due: string;
}

export function emptyDraft(): Draft {
  return {
    title: "",
    goals: "",
    field: "data",
    skills: "",
    hours: "10",
    pay: "",
    currency: "USD",
    place_of_work: "",
    zone: ownZone(),
    closes: "",
    due: "",
    deliverables: [
      { name: "", description: "", media_types: ["application/pdf"], most_bytes: 5_242_880, required: true },
    ],
    rubric: [emptyCriterion(100)],
    revision_rounds: 1,
    blind: false,
    confidential: false,
    first_timer_places: 0,
  };
}

export function emptyCriterion(weight: number): Posting["rubric"][number] {
  const levels = [
    { label: "missing", description: "", points: 0 },
    { label: "good", description: "", points: 3 },
    { label: "excellent", description: "", points: 4 },
  ];
  return { name: "", description: "", weight, levels };
}

/** A posting, such as a template's, as a draft to go on with. */
export function draftOf(posting: Posting): Draft {
  const { hours, pay, timeline, skills, ...same } = posting;
  return {
    ...emptyDraft(),
    ...same,
    hours: String(hours),
    pay: majorOf(pay.amount_minor, pay.currency),
    currency: pay.currency,
    skills: skills.join(", "),
    zone: timeline.zone,
    closes: localIn(timeline.applications_close_at, timeline.zone),
    due: localIn(timeline.submission_due_at, timeline.zone),
  };
}

/** What is sent; what is no number or time yet is sent as it could never be right, so that the API says so. */
export function postingOf(draft: Draft): Posting {
  const { hours, pay, currency, zone, closes, due, skills, ...same } = draft;
  return {
    ...same,
    hours: Number(hours) || 0,
    pay: { amount_minor: minorOf(pay, currency) ?? 0, currency },
    skills: skills
      .split(",")
      .map((skill) => skill.trim().toLowerCase().replace(/\s+/g, "-"))
      .filter(Boolean),
    timeline: {
      zone,
      applications_close_at: instantIn(closes, zone) ?? "",
      submission_due_at: instantIn(due, zone) ?? "",
    },
  };
}

/** A name as the API takes it: `Cleaned table` is `cleaned-table`. */
export function slug(typed: string): string {
  return typed
    .toLowerCase()
    .replace(/[^a-z0-9-]+/g, "-")
    .slice(0, 40);
}
