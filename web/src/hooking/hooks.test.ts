import { expect, test } from "vitest";
import document from "../../../functions/openapi/openapi.json";
import { words } from "../words";
import { briefOf, GROUPS, nameOf, outcomeOf, toggled } from "./hooks";

test("every type that can be asked for is there, and nothing else", () => {
  const all = document.components.schemas.EventType.enum.filter((type) => /^(brief|application|file)\./.test(type));
  expect(GROUPS.flatMap(({ types }) => types as string[]).sort()).toEqual(all.sort());
});

test("types stay in the order in which they are shown, each once", () => {
  expect(toggled(["file.infected"], "brief.paid", true)).toEqual(["brief.paid", "file.infected"]);
  expect(toggled(["brief.paid"], "brief.paid", true)).toEqual(["brief.paid"]);
  expect(toggled(["brief.paid"], "brief.paid", false)).toEqual([]);
});

test("events have names, those that come by themselves, too", () => {
  expect(nameOf("brief.paid")).toBe(words.events["brief.paid"]);
  expect(nameOf("webhook.test")).toBe(words.webhooks.others["webhook.test"]);
  expect(nameOf("payee.updated")).toBe("payee.updated");
});

test("an event leads to its brief, a test nowhere", () => {
  expect(briefOf({ type: "brief.paid", subject: "a-brief-id" })).toBe("a-brief-id");
  expect(briefOf({ type: "webhook.test", subject: "an-endpoint" })).toBeNull();
});

test("an attempt says what was answered, or why nothing was", () => {
  expect(outcomeOf({ status: 500, error: null })).toContain("500");
  expect(outcomeOf({ status: null, error: "timeout" })).toBe("timeout");
  expect(outcomeOf({})).toBe(words.webhooks.noAnswer);
});
