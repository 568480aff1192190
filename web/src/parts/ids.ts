/** An id as the API makes them, typed as it is or at the end of an address; null when there is none. */
export function idIn(typed: string): string | null {
  const last = typed.trim().replace(/\/+$/, "").split("/").at(-1) ?? "";
  return /^[A-Za-z0-9_-]{8,64}$/.test(last) ? last : null;
}
