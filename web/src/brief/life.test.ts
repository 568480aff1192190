import { describe, expect, test } from "vitest";
import type { Schemas } from "../api/client";
import { awaited, lifeOf, type State, type Step } from "./life";

function step(version: number, state: State, type = `brief.${state}`, facts = {}): Step {
  const at = `2027-03-${String(version).padStart(2, "0")}T12:00:00.000Z`;
  return { version, at, local: at, type, by: "employer", state, facts, deadline: null };
}

function brief(state: State, progress: Partial<Schemas["Progress"]> | null = {}): Schemas["BriefView"] {
  return { state, progress } as Schemas["BriefView"];
}

describe("the picture of a life", () => {
  test("shows what was, what is and what comes, each once", () => {
    const steps = [
      step(1, "posted"),
      step(2, "posted", "brief.funding_requested"),
      step(3, "open"),
      step(4, "awarded"),
    ];
    expect(lifeOf("awarded", steps).map(({ state, is }) => `${is} ${state}`)).toEqual([
      "passed posted",
      "passed open",
      "now awarded",
      "ahead submitted",
      "ahead approved",
      "ahead paid",
    ]);
  });

  test("says when each state was reached, whatever the order of the steps", () => {
    const steps = [step(3, "open"), step(1, "posted")];
    expect(lifeOf("open", steps)[0]?.at).toBe("2027-03-01T12:00:00.000Z");
  });

  test("shows a round of changes as it was: in review twice", () => {
    const steps = [step(1, "posted"), step(2, "submitted"), step(3, "changes_requested"), step(4, "submitted")];
    expect(lifeOf("submitted", steps).filter(({ state }) => state === "submitted")).toHaveLength(2);
  });

  test("is right before the timeline was read anew", () => {
    const life = lifeOf("approved", [step(1, "posted"), step(2, "open")]);
    expect(life.find(({ is }) => is === "now")?.state).toBe("approved");
  });

  test("shows those who may not see the timeline the way that leads here", () => {
    expect(lifeOf("open", []).map(({ state }) => state)).toEqual([
      "posted",
      "open",
      "awarded",
      "submitted",
      "approved",
      "paid",
    ]);
  });

  test("ends where nothing comes any more", () => {
    const life = lifeOf("expired", [step(1, "posted"), step(2, "expired")]);
    expect(life.at(-1)).toMatchObject({ state: "expired", is: "now" });
  });
});

describe("who must act", () => {
  test.each<[State, string]>([
    ["posted", "employer"],
    ["open", "employer"],
    ["awarded", "student"],
    ["submitted", "employer"],
    ["changes_requested", "student"],
    ["approved", "server"],
  ])("while it is %s: the %s", (state, who) => {
    expect(awaited(brief(state), [])?.who).toBe(who);
  });

  test("nobody while the money is being collected", () => {
    expect(awaited(brief("posted", { collecting: true }), [])).toEqual({ who: "server", what: "collecting" });
  });

  test("in a dispute: the other side, then an operator, then time", () => {
    const opened = step(5, "disputed", "brief.disputed", { opened_by: "student" });
    const answered = step(6, "disputed", "brief.dispute_answered");
    const decision = { outcome: "split" } as Schemas["Decision"];
    expect(awaited(brief("disputed"), [opened])?.who).toBe("employer");
    expect(awaited(brief("disputed"), [opened, answered])?.who).toBe("operator");
    expect(awaited(brief("disputed", { decision }), [opened, answered])?.what).toBe("final");
  });

  test("the platform until the money has moved, and nobody afterwards", () => {
    const ended = { outcome: "not_awarded" as const, settled_at: null };
    expect(awaited(brief("expired", ended), [])?.what).toBe("settling");
    expect(awaited(brief("expired", { ...ended, settled_at: "2027-03-01T00:00:00.000Z" }), [])).toBeNull();
    expect(awaited(brief("expired", { outcome: "not_funded" }), [])).toBeNull();
    expect(awaited(brief("expired", null), [])).toBeNull();
  });
});
