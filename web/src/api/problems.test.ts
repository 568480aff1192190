import { expect, test } from "vitest";
import { words } from "../words";
import { fieldErrors, Refused } from "./problems";

test("what is wrong with a field is known by its place in what was sent", () => {
  const errors = [{ field: "/pay/amount_minor", rule: "pay_floor", detail: "The floor is 198.00 USD." }];
  expect(fieldErrors(new Refused(422, { detail: "No.", errors }))).toEqual({
    "/pay/amount_minor": "The floor is 198.00 USD.",
  });
  expect(fieldErrors(new Error("no answer"))).toEqual({});
});

test("whatever comes back, there is a sentence to show", () => {
  expect(new Refused(409, { detail: "It is awarded already." }).message).toBe("It is awarded already.");
  expect(new Refused(401, { message: "Unauthorized" }).message).toBe("Unauthorized");
  expect(new Refused(0, {}).message).toBe(words.problems.offline);
  expect(new Refused(503, {}).message).toContain("503");
});
