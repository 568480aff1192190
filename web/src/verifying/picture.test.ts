import { expect, test } from "vitest";
import { isPicture } from "./picture";

test("a picture is known by how it begins", () => {
  expect(isPicture(new Uint8Array([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0]))).toBe(true);
  expect(isPicture(new TextEncoder().encode('{"id": 1}'))).toBe(false);
  expect(isPicture(new Uint8Array([0x89, 0x50]))).toBe(false);
});
