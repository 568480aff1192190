import { expect, test } from "vitest";
import { idIn } from "./ids";

test.each([
  ["kwga6wryfhqeba4e7ub4m4k3yq", "kwga6wryfhqeba4e7ub4m4k3yq"],
  [" 1f0c2c1e-7f0a-4a52-9a8e-3d0f4a4f3b57 ", "1f0c2c1e-7f0a-4a52-9a8e-3d0f4a4f3b57"],
  ["https://api.example.com/credentials/kwga6wryfhqeba4e7ub4m4k3yq/", "kwga6wryfhqeba4e7ub4m4k3yq"],
  ["short", null],
  ["somebody@example.com", null],
  ["", null],
])("the id in %s is %s", (typed, id) => {
  expect(idIn(typed)).toBe(id);
});
