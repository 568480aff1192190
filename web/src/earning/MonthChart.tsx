import type { Schemas } from "../api/client";
import BarChart from "../parts/BarChart";
import { digitsOf, monthName } from "../parts/format";
import { words } from "../words";

type Row = Schemas["StatementRow"];

const MONTHS = Array.from({ length: 12 }, (_, month) => monthName(month));

/** What came in or was charged, month by month; the table beside it says the same. */
export default function MonthChart({ rows, year }: { rows: Row[]; year: number }) {
  const currency = rows[0]?.amount.currency ?? "USD";
  return <BarChart title={words.earnings.byMonth(currency)} labels={MONTHS} values={byMonth(rows, year, currency)} />;
}

/** Totals in major units, January first, of what was earned or charged in one currency. */
export function byMonth(rows: readonly Row[], year: number, currency: string): number[] {
  const sums = new Array<number>(12).fill(0);
  for (const { at, amount, name } of rows) {
    const date = new Date(at);
    const counts = name === "payout" || name === "fund";
    if (!counts || amount.currency !== currency || date.getUTCFullYear() !== year) continue;
    sums[date.getUTCMonth()] =
      (sums[date.getUTCMonth()] ?? 0) + Math.abs(amount.amount_minor) / 10 ** digitsOf(currency);
  }
  return sums;
}
