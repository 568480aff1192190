import { words } from "../words";
import type { Schemas } from "./client";

type Problem = Schemas["Problem"];

/** What the API refused (RFC 9457), or that nobody answered: then `status` is 0. */
export class Refused extends Error {
  readonly status: number;
  readonly code: string;
  readonly problem: Partial<Problem>;

  constructor(status: number, problem: Partial<Problem> & { message?: string }) {
    super(
      problem.detail ?? (status === 0 ? words.problems.offline : (problem.message ?? words.problems.unknown(status))),
    );
    this.status = status;
    this.code = problem.code ?? `http_${status}`;
    this.problem = problem;
  }

  /** Whether the brief has moved on since it was read. */
  get isConflict(): boolean {
    return this.status === 409;
  }
}

/** What is wrong, by the JSON pointer of the field that caused it. */
export type FieldErrors = Record<string, string>;

export function fieldErrors(error: unknown): FieldErrors {
  const errors = error instanceof Refused ? (error.problem.errors ?? []) : [];
  return Object.fromEntries(errors.map(({ field, detail }) => [field, detail]));
}

/** The error of a field, or of the nearest part around it that was named. */
export function errorAt(errors: FieldErrors, pointer: string): string | undefined {
  return errors[pointer];
}

/** Errors that none of the shown fields can show: said above the form. */
export function errorsElsewhere(errors: FieldErrors, shown: ReadonlySet<string>): string[] {
  return Object.entries(errors)
    .filter(([pointer]) => !shown.has(pointer))
    .map(([pointer, detail]) => `${pointer}: ${detail}`);
}
