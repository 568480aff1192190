import { expect, test } from "vitest";
import { ANYTHING, closingOf, queryOf } from "./wanted";

test("nothing is asked about what was left empty", () => {
  expect(queryOf(ANYTHING)).toEqual({});
  expect(closingOf(ANYTHING)).toEqual({});
});

test("what was typed is asked for as the API takes it", () => {
  expect(queryOf({ ...ANYTHING, skill: " Python ", pay: "412.50", leastHours: "5", hours: "20" })).toEqual({
    skill: "python",
    currency: "USD",
    pay_at_least_minor: 41_250,
    hours_at_least: 5,
    hours_at_most: 20,
  });
});

test("days of closing are whole days on the reader's clock", () => {
  const days = { ...ANYTHING, closesFrom: "2027-03-14", closesUntil: "2027-03-14" };
  expect(closingOf(days, "America/New_York")).toEqual({
    closes_after: "2027-03-14T05:00:00.000Z",
    closes_before: "2027-03-15T03:59:59.000Z",
  });
});
