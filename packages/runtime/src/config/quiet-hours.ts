/** A time of day when messages are silent; spans midnight when `from` is later than `to`. */
export interface QuietHours {
  /** Minutes after midnight. */
  from: number;
  to: number;
  /** IANA zone; defaults to the shop's own. */
  zone: string | undefined;
}

const expected = 'must be hours, such as 22:00-08:00 or 22:00-08:00 Asia/Singapore';

/** Parses TELEGRAM_QUIET; throws an error that says what is expected. */
export function parseQuietHours(text: string): QuietHours {
  const match = /^(\d{1,2}):(\d{2})\s*-\s*(\d{1,2}):(\d{2})(?:\s+(\S+))?$/.exec(text.trim());
  if (match === null) throw new Error(expected);
  const [hour = 0, minute = 0, toHour = 0, toMinute = 0] = match.slice(1, 5).map(Number);
  if (hour > 23 || toHour > 24 || minute > 59 || toMinute > 59) throw new Error(expected);
  const zone = match[5];
  if (zone !== undefined && !isZone(zone)) throw new Error(expected);
  return { from: hour * 60 + minute, to: toHour * 60 + toMinute, zone };
}

function isZone(zone: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: zone }).resolvedOptions().timeZone !== '';
  } catch {
    // Intl throws for an unknown zone.
    return false;
  }
}
