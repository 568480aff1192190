import type { Schemas } from "../api/client";
import { minorOf, ownZone } from "../parts/format";
import { instantIn } from "../posting/zones";

/** What somebody wants of a brief, as it is typed. */
export interface Wanted {
  text: string;
  field: string;
  skill: string;
  pay: string;
  leastHours: string;
  hours: string;
  /** Days, as `<input type="date">` has them. */
  closesFrom: string;
  closesUntil: string;
  firstTimers: boolean;
}

export const ANYTHING: Wanted = {
  text: "",
  field: "",
  skill: "",
  pay: "",
  leastHours: "",
  hours: "",
  closesFrom: "",
  closesUntil: "",
  firstTimers: false,
};

/** What is asked of the API: nothing about what was left empty. Pay is compared within one currency. */
export function queryOf(wanted: Wanted) {
  const pay = wanted.pay ? minorOf(wanted.pay, "USD") : null;
  const [least, most] = [Number(wanted.leastHours), Number(wanted.hours)];
  return {
    ...(wanted.text.trim() && { text: wanted.text.trim() }),
    ...(wanted.field && { field: wanted.field as Schemas["FieldOfWork"] }),
    ...(wanted.skill.trim() && { skill: wanted.skill.trim().toLowerCase() }),
    ...(pay && { currency: "USD", pay_at_least_minor: pay }),
    ...(least && { hours_at_least: least }),
    ...(most && { hours_at_most: most }),
    ...(wanted.firstTimers && { for_first_timers: true }),
  };
}

/** Between which days applications close, both included, on the reader's clock. A saved search goes on without. */
export function closingOf({ closesFrom, closesUntil }: Wanted, zone: string = ownZone()) {
  const after = closesFrom && instantIn(`${closesFrom}T00:00`, zone);
  const before = closesUntil && instantIn(`${closesUntil}T23:59:59`, zone);
  return { ...(after && { closes_after: after }), ...(before && { closes_before: before }) };
}
