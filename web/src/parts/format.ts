import { words } from "../words";

const LANGUAGE = "en";

export interface Money {
  amount_minor: number;
  currency: string;
}

/** How many digits a currency has after the point: 2 for USD, 0 for JPY. */
export function digitsOf(currency: string): number {
  return new Intl.NumberFormat(LANGUAGE, { style: "currency", currency }).resolvedOptions().maximumFractionDigits ?? 2;
}

export function money({ amount_minor, currency }: Money): string {
  const major = amount_minor / 10 ** digitsOf(currency);
  return new Intl.NumberFormat(LANGUAGE, { style: "currency", currency }).format(major);
}

/** What somebody typed, such as `412.50`, in minor units; null when it is no amount of this currency. */
export function minorOf(typed: string, currency: string): number | null {
  const digits = digitsOf(currency);
  const plain = typed.trim().replaceAll(",", "");
  const form = digits ? new RegExp(`^\\d+(\\.\\d{1,${digits}})?$`) : /^\d+$/;
  return form.test(plain) ? Math.round(Number(plain) * 10 ** digits) : null;
}

export function majorOf(amount_minor: number, currency: string): string {
  const digits = digitsOf(currency);
  return (amount_minor / 10 ** digits).toFixed(digits);
}

export function ownZone(): string {
  return new Intl.DateTimeFormat().resolvedOptions().timeZone;
}

/** An instant on the clock of a zone, with the zone's name: `Mon, Mar 29, 2027, 5:00 PM GMT+2`. */
export function instant(iso: string, zone: string = ownZone()): string {
  return new Intl.DateTimeFormat(LANGUAGE, {
    weekday: "short",
    year: "numeric",
    month: "short",
    day: "numeric",
    hour: "numeric",
    minute: "2-digit",
    timeZone: zone,
    timeZoneName: "short",
  }).format(new Date(iso));
}

export function day(iso: string, zone: string = ownZone()): string {
  const shown = { year: "numeric", month: "short", day: "numeric", timeZone: zone } as const;
  return new Intl.DateTimeFormat(LANGUAGE, shown).format(new Date(iso));
}

/** The short name of a month, January being 0. */
export function monthName(month: number): string {
  return new Intl.DateTimeFormat(LANGUAGE, { month: "short", timeZone: "UTC" }).format(Date.UTC(2026, month));
}

/** A month of the API's, such as `2026-11`: `Nov 2026`. */
export function monthOf(month: string): string {
  return `${monthName(Number(month.slice(5)) - 1)} ${month.slice(0, 4)}`;
}

/** A text of the API's, with its instants on the reader's own clock. */
export function told(text: string): string {
  return text.replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, (iso) => instant(iso));
}

/** A full hour of the day, as clocks show it: `8:00 AM`. */
export function hourOfDay(hour: number): string {
  const shown = { hour: "numeric", minute: "2-digit", timeZone: "UTC" } as const;
  return new Intl.DateTimeFormat(LANGUAGE, shown).format(Date.UTC(2026, 0, 1, hour));
}

const STEPS: [Intl.RelativeTimeFormatUnit, number][] = [
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
  ["second", 1],
];

/** How far an instant is from another: `in 3 days`, `2 hours ago`. */
export function relative(iso: string, now: number = Date.now()): string {
  const seconds = Math.round((Date.parse(iso) - now) / 1_000);
  const [unit, size] = STEPS.find(([, size]) => Math.abs(seconds) >= size) ?? ["second", 1];
  return new Intl.RelativeTimeFormat(LANGUAGE, { numeric: "auto" }).format(Math.trunc(seconds / size), unit);
}

export function fileSize(bytes: number): string {
  const units = ["byte", "kilobyte", "megabyte", "gigabyte"];
  const power = Math.min(units.length - 1, Math.floor(Math.log10(Math.max(bytes, 1)) / 3));
  const unitDisplay = power ? "short" : "long"; // short, 31 of them are `31 byte`
  const shown = { style: "unit", unit: units[power], unitDisplay, maximumFractionDigits: 1 } as const;
  return new Intl.NumberFormat(LANGUAGE, shown).format(bytes / 1_000 ** power);
}

/** How a name of the API's, such as `changes_requested`, is written for people. */
export function plain(name: string): string {
  const text = name.replace(/^[a-z]+\./, "").replaceAll(/[_-]/g, " ");
  return text.charAt(0).toUpperCase() + text.slice(1);
}

const FIGURES: Record<string, (value: number) => string> = {
  share: (value) => new Intl.NumberFormat(LANGUAGE, { style: "percent" }).format(value),
  percent: (value) => new Intl.NumberFormat(LANGUAGE, { style: "percent" }).format(value / 100),
  seconds: (value) => duration(value),
};

export function figure(value: number | null, unit: string): string {
  if (value === null) return words.record.tooFew;
  return FIGURES[unit]?.(value) ?? new Intl.NumberFormat(LANGUAGE, { maximumFractionDigits: 1 }).format(value);
}

export function duration(seconds: number): string {
  const [unit, size] = STEPS.find(([, size]) => seconds >= size) ?? ["second", 1];
  const shown = { style: "unit", unit, unitDisplay: "long", maximumFractionDigits: 1 } as const;
  return new Intl.NumberFormat(LANGUAGE, shown).format(seconds / size);
}
