import { describe, expect, test } from "vitest";
import { draftOf, emptyDraft, type Posting, postingOf, slug } from "./posting";
import { instantIn, localIn } from "./zones";

const POSTING: Posting = {
  ...emptyDraft(),
  title: "Clean a table",
  goals: "So that it can be shown.",
  hours: 12,
  skills: ["data-cleaning", "charts"],
  pay: { amount_minor: 30_000, currency: "USD" },
  place_of_work: "US-NY-NYC",
  timeline: {
    zone: "America/New_York",
    applications_close_at: "2027-03-05T22:00:00.000Z",
    submission_due_at: "2027-03-26T21:00:00.000Z",
  },
} as never;

describe("a deadline that is typed", () => {
  test("is on the clock of the zone, over a change of the clocks", () => {
    expect(instantIn("2027-03-13T17:00", "America/New_York")).toBe("2027-03-13T22:00:00.000Z");
    expect(instantIn("2027-03-14T17:00", "America/New_York")).toBe("2027-03-14T21:00:00.000Z");
    expect(instantIn("2027-03-27T17:00", "Europe/Berlin")).toBe("2027-03-27T16:00:00.000Z");
    expect(instantIn("2027-03-28T17:00", "Europe/Berlin")).toBe("2027-03-28T15:00:00.000Z");
  });

  test("is shown again as it was typed", () => {
    for (const zone of ["America/New_York", "Europe/Berlin", "Asia/Kathmandu"]) {
      for (const local of ["2027-03-13T17:00", "2027-03-28T23:59", "2027-11-08T00:00"]) {
        expect(localIn(instantIn(local, zone) ?? "", zone)).toBe(local);
      }
    }
  });

  test("that is no time is none", () => {
    expect(instantIn("", "Europe/Berlin")).toBeNull();
    expect(instantIn("2027-02-30T10:00", "Europe/Berlin")).toBeNull();
  });
});

describe("a draft", () => {
  test("of a posting is that posting", () => {
    const { title, hours, pay, skills, timeline } = postingOf(draftOf(POSTING));
    expect({ title, hours, pay, skills, timeline }).toEqual({
      title: POSTING.title,
      hours: POSTING.hours,
      pay: POSTING.pay,
      skills: POSTING.skills,
      timeline: POSTING.timeline,
    });
  });

  test("that is not finished is sent as something that cannot be right", () => {
    const posting = postingOf({ ...emptyDraft(), pay: "a lot", hours: "some" });
    expect(posting.pay.amount_minor).toBe(0);
    expect(posting.hours).toBe(0);
    expect(posting.timeline.submission_due_at).toBe("");
  });
});

test("names are written as the API takes them", () => {
  expect(slug("Cleaned Table!")).toBe("cleaned-table-");
  expect(slug("x".repeat(60))).toHaveLength(40);
});
