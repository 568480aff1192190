import { describe, expect, test } from "vitest";
import type { BriefFile } from "./Files";
import { keyOf, sha256Of } from "./hashing";
import { isReturnOf } from "./returns";
import { mediaType } from "./Uploader";
import { readyFor } from "./Work";

describe("the hash of a file", () => {
  test.each([0, 5, 20 << 20])("of %i bytes is that of its content", async (size) => {
    const content = new Uint8Array(size).fill(7);
    const told: number[] = [];
    const hash = await sha256Of(new Blob([content]), (bytes) => told.push(bytes));
    const whole = new Uint8Array(await crypto.subtle.digest("SHA-256", content));
    expect(hash).toBe(btoa(String.fromCharCode(...whole)));
    expect(told.at(-1)).toBe(size);
  });
});

test("the same parts give the same key, others another", async () => {
  expect(await keyOf("part", 1, "a")).toBe(await keyOf("part", 1, "a"));
  expect(await keyOf("part", 1, "a")).not.toBe(await keyOf("part", 2, "a"));
  expect(await keyOf("part", 1, "a")).toMatch(/^part-[A-Za-z0-9]+$/);
});

test("a media type that browsers don't know is the one that is taken", () => {
  expect(mediaType({ type: "" }, ["text/csv"])).toBe("text/csv");
  expect(mediaType({ type: "application/vnd.ms-excel" }, ["text/csv"])).toBe("text/csv");
  expect(mediaType({ type: "image/png" }, ["text/csv", "image/png"])).toBe("image/png");
  expect(mediaType({ type: "" }, [])).toBe("application/octet-stream");
});

describe("what is ready to be handed in", () => {
  const file = (file_id: string, change: Partial<BriefFile> = {}) =>
    ({
      file_id,
      deliverable: "table",
      status: "received",
      scan: "clean",
      submission_number: null,
      received_at: "2027-03-01T00:00:00.000Z",
      ...change,
    }) as BriefFile;
  const ready = (...files: BriefFile[]) => readyFor([{ name: "table" }], files).get("table")?.file_id;

  test("is the file that came last", () => {
    expect(ready(file("b", { received_at: "2027-03-02T00:00:00.000Z" }), file("a"))).toBe("b");
  });

  test("is no file that was not looked at, is bad, or is of another deliverable", () => {
    expect(ready(file("a", { scan: "pending" }), file("b", { scan: "infected" }))).toBeUndefined();
    expect(ready(file("a", { status: "refused" }), file("b", { deliverable: "report" }))).toBeUndefined();
  });
});

test("a file goes back with the submission that it is a return of", () => {
  const file = { purpose: "return", submission_number: 2, status: "received" } as const;
  expect(isReturnOf(2, file)).toBe(true);
  expect(isReturnOf(1, file)).toBe(false);
  expect(isReturnOf(2, { ...file, status: "removed" })).toBe(false);
  expect(isReturnOf(2, { ...file, purpose: "deliverable" })).toBe(false);
});
