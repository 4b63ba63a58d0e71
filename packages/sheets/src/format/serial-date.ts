/** Days between Sheets' day 0 (1899-12-30) and 1970-01-01. Source: Sheets API, DateTimeRenderOption. */
const unixEpochDay = 25_569;

/** Seconds to add to UTC for the clock on the wall of an IANA zone at that moment; 0 for a zone nobody knows. */
export function zoneOffsetSeconds(unixSeconds: number, timeZone: string): number {
  const format = zoneFormat(timeZone);
  if (format === undefined) return 0;
  const parts: Record<string, number> = {};
  for (const { type, value } of format.formatToParts(unixSeconds * 1000)) parts[type] = Number(value);
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts;
  const wall = Date.UTC(year, month - 1, day, hour, minute, second) / 1000;
  return wall - Math.floor(unixSeconds);
}

/** A moment as the serial number that Sheets shows as that zone's date and time. Sheets itself knows no zones. */
export function serialDate(unixSeconds: number, timeZone: string): number {
  // A quarter of an hour is the finest step that any zone changes by, so one look-up serves all of it.
  const step = `${timeZone}|${Math.floor(unixSeconds / 900)}`;
  let offset = offsets.get(step);
  if (offset === undefined) {
    offset = zoneOffsetSeconds(unixSeconds, timeZone);
    if (offsets.size > 20_000) offsets.clear();
    offsets.set(step, offset);
  }
  return (unixSeconds + offset) / 86_400 + unixEpochDay;
}

/** The moment of a serial number; within the hour that a clock is set back, one of the two. NaN for what is no number. */
export function unixSeconds(serial: number, timeZone: string): number {
  const wall = Math.round((serial - unixEpochDay) * 86_400);
  if (Number.isNaN(wall)) return wall;
  const near = wall - zoneOffsetSeconds(wall, timeZone);
  return wall - zoneOffsetSeconds(near, timeZone);
}

/** The date at that moment in a zone, as `2026-11-23`. */
export function localDate(unixSeconds: number, timeZone: string): string {
  const days = Math.floor(serialDate(unixSeconds, timeZone)) - unixEpochDay;
  return new Date(days * 86_400_000).toISOString().slice(0, 10);
}

const offsets = new Map<string, number>();
const formats = new Map<string, Intl.DateTimeFormat | undefined>();

function zoneFormat(timeZone: string): Intl.DateTimeFormat | undefined {
  if (!formats.has(timeZone)) formats.set(timeZone, createZoneFormat(timeZone));
  return formats.get(timeZone);
}

function createZoneFormat(timeZone: string): Intl.DateTimeFormat | undefined {
  try {
    return new Intl.DateTimeFormat('en-US', {
      timeZone,
      calendar: 'gregory',
      numberingSystem: 'latn',
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
  } catch {
    // Sheets offers a few names that this ICU may not know; UTC is then better than no row at all.
    return undefined;
  }
}
