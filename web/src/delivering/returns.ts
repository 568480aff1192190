import type { BriefFile } from "./Files";

/** Whether a file went back, or is about to go back, with the review of a submission. */
export function isReturnOf(number: number, file: Pick<BriefFile, "purpose" | "submission_number" | "status">): boolean {
  return file.purpose === "return" && file.submission_number === number && file.status !== "removed";
}
