import { expect, test } from "vitest";
import { cohortOf, NO_COHORT, period } from "./cohort";

const TYPED = { ...NO_COHORT, name: "Field work", starts: "2027-01-10", ends: "2027-05-30" };

test("a cohort without credit has no rules", () => {
  expect(cohortOf(TYPED)).toMatchObject({ rules: null, hours_wanted: null, about: null, employers: null });
});

test("a rule that was begun is sent, so that what it lacks is said at its field", () => {
  expect(cohortOf({ ...TYPED, mostCredits: "3" }).rules).toEqual({
    hours_per_credit: 0,
    least_score_percent: null,
    most_credits: 3,
  });
});

test("a change keeps the employers that count", () => {
  expect(cohortOf(TYPED, ["organisation"]).employers).toEqual(["organisation"]);
});

test("days of a period are the same on every clock", () => {
  expect(period({ starts_on: "2027-03-14", ends_on: "2027-05-30" })).toBe("Mar 14, 2027 – May 30, 2027");
});
