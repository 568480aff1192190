import type { Schemas } from "../api/client";

type OfEmployer = { brief_id: string; employer: Pick<Schemas["Employer"], "organisation_id"> };

/** The list with one more employer on it; without a list all count, so the first one makes one. */
export function withEmployer(employers: readonly string[] | null, id: string): string[] {
  return [...new Set([...(employers ?? []), id])];
}

/** The list without one; null, so that all count, once nobody is on it. */
export function withoutEmployer(employers: readonly string[] | null, id: string): string[] | null {
  const left = (employers ?? []).filter((one) => one !== id);
  return left.length ? left : null;
}

/** Of each employer one brief: an employer's name is said where one brief is read, not in lists. */
export function briefOfEach(briefs: readonly OfEmployer[]): Map<string, string> {
  const found = new Map<string, string>();
  for (const { brief_id, employer } of briefs)
    if (!found.has(employer.organisation_id)) found.set(employer.organisation_id, brief_id);
  return found;
}
