import { expect, test } from "vitest";
import { suggestionsOf, typedOf } from "./suggestions";

const RUBRIC = [{ name: "table" }, { name: "chart" }, { name: "writing" }];

test("only what was typed is sent, in the rubric's order", () => {
  expect(suggestionsOf(RUBRIC, { writing: " Name the sources. ", chart: "  ", table: "Say the unit." })).toEqual([
    { criterion: "table", suggestion: "Say the unit." },
    { criterion: "writing", suggestion: "Name the sources." },
  ]);
  expect(suggestionsOf(RUBRIC, {})).toEqual([]);
});

test("what was given is there to be changed, and nothing of it is lost", () => {
  const given = [
    { criterion: "chart", suggestion: "Wider." },
    { criterion: "chart", suggestion: "Sorted." },
  ];
  expect(typedOf(given)).toEqual({ chart: "Wider.\n\nSorted." });
  expect(suggestionsOf(RUBRIC, typedOf(given))).toEqual([{ criterion: "chart", suggestion: "Wider.\n\nSorted." }]);
});
