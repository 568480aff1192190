import { expect, test } from "vitest";
import { hourOfDay, told } from "./format";

test("instants in a text of the API are on the reader's clock", () => {
  const text = told("Your feedback is awaited until 2026-12-04T02:27:17.000Z. You see the other's then.");
  expect(text).not.toContain("2026-12-04T");
  expect(text).toMatch(/until \w{3}, Dec \d, 2026, .+\. You see/);
});

test("hours of the day are as clocks show them", () => {
  expect([0, 8, 23].map(hourOfDay)).toEqual(["12:00 AM", "8:00 AM", "11:00 PM"]);
});
