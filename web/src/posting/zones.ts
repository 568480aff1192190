import { CalendarDateTime, parseAbsolute, parseDateTime, toZoned } from "@internationalized/date";

/** `2027-03-14T17:00` on the clock of a zone, as an instant with that zone's offset then; null when it is no time. */
export function instantIn(local: string, zone: string): string | null {
  try {
    return toZoned(parseDateTime(local), zone).toAbsoluteString();
  } catch {
    return null;
  }
}

/** An instant as `<input type="datetime-local">` takes it, on the clock of a zone. */
export function localIn(instant: string, zone: string): string {
  const at = parseAbsolute(instant, zone);
  return new CalendarDateTime(at.year, at.month, at.day, at.hour, at.minute).toString().slice(0, 16);
}

export const ZONES = Intl.supportedValuesOf("timeZone");

export const ZONE_OPTIONS = ZONES.map((zone) => ({ value: zone, label: zone.replaceAll("_", " ") }));
