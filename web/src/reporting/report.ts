import type { Schemas } from "../api/client";

type Report = Schemas["Report"];
type Figures = Schemas["Figures"];

export const MEASURES = [
  "funded",
  "time_to_award",
  "time_to_review",
  "time_to_payout",
  "approved_by_silence",
  "first_timers",
  "schools",
] as const;
export type Measure = (typeof MEASURES)[number];

/** What a figure is counted in, as `figure` takes it. */
const UNITS: Partial<Record<Measure, string>> = {
  time_to_award: "seconds",
  time_to_review: "seconds",
  time_to_payout: "seconds",
  approved_by_silence: "share",
};
export const unitOf = (measure: Measure): string => UNITS[measure] ?? "count";

const HOUR_S = 3_600;
const DAY_S = 24 * HOUR_S;
const MOST_HOURS = 72;

/** A figure of some briefs; null when there is nothing that it could be the mean of. */
export function measured(figures: Figures, measure: Measure): number | null {
  const found = figures[measure];
  return typeof found === "number" ? found : found.value;
}

export interface Series {
  months: string[];
  values: (number | null)[];
  unit: "days" | "hours" | "percent" | "count";
}

/** A figure month by month, those without a funded brief included, in a unit that is easy to read off a chart. */
export function seriesOf({ first, last, months }: Report, measure: Measure): Series {
  const all = monthsFrom(first, last);
  const found = new Map(months.map(({ month, figures }) => [month, measured(figures, measure)]));
  const values = all.map((month) => found.get(month) ?? null);
  if (unitOf(measure) === "share") return { months: all, values: scaled(values, 1 / 100), unit: "percent" };
  if (unitOf(measure) !== "seconds") return { months: all, values, unit: "count" };
  const inDays = Math.max(...values.map((value) => value ?? 0)) > MOST_HOURS * HOUR_S;
  return { months: all, values: scaled(values, inDays ? DAY_S : HOUR_S), unit: inDays ? "days" : "hours" };
}

function scaled(values: (number | null)[], by: number): (number | null)[] {
  return values.map((value) => (value === null ? null : value / by));
}

/** `2026-11`, `2026-12`, `2027-01`: all months from one to another. */
export function monthsFrom(first: string, last: string): string[] {
  const [begin, end] = [indexOf(first), indexOf(last)];
  return Array.from({ length: Math.max(0, end - begin + 1) }, (_, at) => monthAt(begin + at));
}

/** The month that an instant is in, by UTC as reports count, and those before it: the latest first. */
export function latestMonths(now: Date, count: number): string[] {
  const end = now.getUTCFullYear() * 12 + now.getUTCMonth();
  return Array.from({ length: count }, (_, back) => monthAt(end - back));
}

function indexOf(month: string): number {
  return Number(month.slice(0, 4)) * 12 + Number(month.slice(5)) - 1;
}

function monthAt(index: number): string {
  return `${Math.floor(index / 12)}-${String((index % 12) + 1).padStart(2, "0")}`;
}

/** How a figure is computed, without the unit that the API has it in: people are shown days and money. */
export function plainHow(how = ""): string {
  return how.replace(/, in (seconds|the currency's minor unit)(?=\.)/, "");
}
