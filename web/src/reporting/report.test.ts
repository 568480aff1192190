import { describe, expect, test } from "vitest";
import document from "../../../functions/openapi/openapi.json";
import type { Schemas } from "../api/client";
import { latestMonths, measured, monthsFrom, plainHow, seriesOf } from "./report";

const NONE = { value: null, of: 0 };
const figures = (change: Partial<Schemas["Figures"]>): Schemas["Figures"] => ({
  funded: 0,
  by_state: {},
  time_to_award: NONE,
  time_to_review: NONE,
  time_to_payout: NONE,
  approved_by_silence: NONE,
  first_timers: 0,
  schools: 0,
  pay_by_field: [],
  held_minor: {},
  ...change,
});
const report = (...months: Partial<Schemas["Figures"]>[]): Schemas["Report"] => ({
  first: "2026-11",
  last: "2027-02",
  total: figures({}),
  months: months.map((change, at) => ({ month: ["2026-11", "2027-02"][at] ?? "", figures: figures(change) })),
  how: {},
});

describe("months", () => {
  test("go over the end of a year", () => {
    expect(monthsFrom("2026-11", "2027-02")).toEqual(["2026-11", "2026-12", "2027-01", "2027-02"]);
    expect(monthsFrom("2027-02", "2026-11")).toEqual([]);
  });

  test("are those of UTC, the latest first", () => {
    expect(latestMonths(new Date("2026-02-01T00:30:00+01:00"), 3)).toEqual(["2026-01", "2025-12", "2025-11"]);
  });
});

describe("a figure by month", () => {
  test("has a place for each month, empty where nothing was funded", () => {
    expect(seriesOf(report({ funded: 3 }, { funded: 1 }), "funded")).toEqual({
      months: ["2026-11", "2026-12", "2027-01", "2027-02"],
      values: [3, null, null, 1],
      unit: "count",
    });
  });

  test.each([
    [7_200, 2, "hours"],
    [72 * 3_600, 72, "hours"],
    [96 * 3_600, 4, "days"],
  ])("of %i seconds is shown as %d %s", (seconds, shown, unit) => {
    const found = seriesOf(report({ time_to_award: { value: seconds, of: 2 } }), "time_to_award");
    expect([found.values[0], found.unit]).toEqual([shown, unit]);
  });

  test("that is a share is shown in percent", () => {
    const found = seriesOf(report({ approved_by_silence: { value: 0.25, of: 4 } }), "approved_by_silence");
    expect([found.values[0], found.unit]).toEqual([25, "percent"]);
  });

  test("that is a mean of nothing is none, and a count of nothing is zero", () => {
    expect(measured(figures({}), "time_to_review")).toBeNull();
    expect(measured(figures({}), "schools")).toBe(0);
  });
});

test("no unit of the API's is said beside what is shown in another", () => {
  for (const how of Object.values(document.components.schemas.Report.properties.how.default))
    expect(plainHow(how)).not.toMatch(/second|minor unit/);
  expect(plainHow("Mean time from opening to the first award, in seconds.")).toBe(
    "Mean time from opening to the first award.",
  );
  expect(plainHow(undefined)).toBe("");
});
