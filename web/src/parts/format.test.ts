import { describe, expect, test } from "vitest";
import { digitsOf, duration, fileSize, instant, majorOf, minorOf, money, plain, relative } from "./format";

describe("money", () => {
  test("has as many digits as its currency", () => {
    expect(money({ amount_minor: 41_250, currency: "USD" })).toBe("$412.50");
    expect(money({ amount_minor: 5_000, currency: "JPY" })).toBe("¥5,000");
    expect(digitsOf("KWD")).toBe(3);
  });

  test.each([
    ["412.50", "USD", 41_250],
    ["412.5", "USD", 41_250],
    ["1,412", "USD", 141_200],
    ["0.29", "USD", 29],
    ["5000", "JPY", 5_000],
    ["5000.5", "JPY", null],
    ["412.505", "USD", null],
    ["-1", "USD", null],
    ["", "USD", null],
    ["a lot", "USD", null],
  ])("typed as %s in %s is %s", (typed, currency, minor) => {
    expect(minorOf(typed, currency)).toBe(minor);
  });

  test("comes back as it was", () => {
    for (const minor of [1, 29, 99, 100, 12_345]) expect(minorOf(majorOf(minor, "USD"), "USD")).toBe(minor);
  });
});

describe("an instant", () => {
  const before = "2027-03-14T06:30:00.000Z";
  const after = "2027-03-14T07:30:00.000Z";

  test("is on the clock of its zone before and after the clocks change", () => {
    expect(instant(before, "America/New_York")).toContain("1:30 AM EST");
    expect(instant(after, "America/New_York")).toContain("3:30 AM EDT");
  });

  test("is another time elsewhere, where clocks change on another day", () => {
    expect(instant(before, "Europe/Berlin")).toContain("7:30 AM GMT+1");
    expect(instant("2027-03-28T01:30:00.000Z", "Europe/Berlin")).toContain("3:30 AM GMT+2");
  });

  test("is told apart in the hour that comes twice", () => {
    const twice = ["2027-11-07T05:30:00.000Z", "2027-11-07T06:30:00.000Z"].map((at) => instant(at, "America/New_York"));
    expect(twice[0]).toContain("1:30 AM EDT");
    expect(twice[1]).toContain("1:30 AM EST");
  });

  test("is so far away", () => {
    const now = Date.parse(before);
    expect(relative(after, now)).toBe("in 1 hour");
    expect(relative("2027-03-11T06:30:00.000Z", now)).toBe("3 days ago");
    expect(relative(before, now)).toBe("now");
  });
});

test("sizes and durations are in units that people read", () => {
  expect(fileSize(5_242_880)).toBe("5.2 MB");
  expect(fileSize(1)).toBe("1 byte");
  expect(fileSize(31)).toBe("31 bytes");
  expect(duration(5_400)).toBe("1.5 hours");
});

test("names of the API become words", () => {
  expect(plain("brief.changes_requested")).toBe("Changes requested");
  expect(plain("cleaned-table")).toBe("Cleaned table");
});
