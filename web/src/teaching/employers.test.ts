import { expect, test } from "vitest";
import { briefOfEach, withEmployer, withoutEmployer } from "./employers";

test("the first employer makes a list, and each stands on it once", () => {
  expect(withEmployer(null, "a")).toEqual(["a"]);
  expect(withEmployer(["a"], "b")).toEqual(["a", "b"]);
  expect(withEmployer(["a", "b"], "a")).toEqual(["a", "b"]);
});

test("without anybody on it there is no list: an empty one is refused", () => {
  expect(withoutEmployer(["a", "b"], "a")).toEqual(["b"]);
  expect(withoutEmployer(["a"], "a")).toBeNull();
  expect(withoutEmployer(null, "a")).toBeNull();
});

test("an employer is asked for by one of its briefs", () => {
  const briefs = [
    { brief_id: "1", employer: { organisation_id: "a" } },
    { brief_id: "2", employer: { organisation_id: "b" } },
    { brief_id: "3", employer: { organisation_id: "a" } },
  ];
  expect([...briefOfEach(briefs)]).toEqual([
    ["a", "1"],
    ["b", "2"],
  ]);
});
