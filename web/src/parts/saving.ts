/** Have the browser save something that was fetched, as if it had been downloaded. */
export function saveAs(content: Blob, name: string): void {
  const url = URL.createObjectURL(content);
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

/** A document of the API's as a file that people can read, too. */
export function jsonOf(document: unknown): Blob {
  return new Blob([JSON.stringify(document, null, 2)], { type: "application/json" });
}

type CsvPage = { data?: string; response: Pick<Response, "headers"> };

/** A table of the API's with all its pages; further ones are led to by a header and begin with the same names. */
export async function allRows(page: (cursor: string | undefined) => Promise<CsvPage>): Promise<Blob> {
  const parts: string[] = [];
  let cursor: string | undefined;
  do {
    const { data = "", response } = await page(cursor);
    parts.push(parts.length ? data.slice(data.indexOf("\n") + 1) : data);
    cursor = nextCursor(response.headers.get("Link"));
  } while (cursor);
  return new Blob(parts, { type: "text/csv" });
}

/** Of `<?year=2027&cursor=…>; rel="next"` (RFC 8288) the cursor. */
export function nextCursor(link: string | null): string | undefined {
  const query = link?.match(/<\?([^>]*)>;\s*rel="next"/)?.[1];
  return new URLSearchParams(query).get("cursor") ?? undefined;
}
