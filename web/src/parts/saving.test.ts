import { expect, test } from "vitest";
import { allRows, nextCursor } from "./saving";

test("where a table goes on is in its header", () => {
  expect(nextCursor('<?year=2027&cursor=a%2Fb>; rel="next"')).toBe("a/b");
  expect(nextCursor('<?cursor=a>; rel="prev"')).toBeUndefined();
  expect(nextCursor(null)).toBeUndefined();
});

test("a table of several pages is saved as one, its names once", async () => {
  const pages: Record<string, [string, string | null]> = {
    first: ["name,paid\r\nAda,1\r\n", '<?limit=1&cursor=second>; rel="next"'],
    second: ["name,paid\r\nBo,2\r\n", '<?limit=1&cursor=third>; rel="next"'],
    third: ["name,paid\r\nCy,3\r\n", null],
  };
  const whole = await allRows(async (cursor = "first") => {
    const [data, link] = pages[cursor] ?? ["", null];
    return { data, response: { headers: new Headers(link ? { Link: link } : {}) } };
  });
  expect(await whole.text()).toBe("name,paid\r\nAda,1\r\nBo,2\r\nCy,3\r\n");
});
