const formats = new Map<string, Intl.DateTimeFormat>();

/** The last midnight in a time zone, ms. Off by an hour on the days when the clocks change, which is good enough here. */
export function midnightIn(timeZone: string, now: number): number {
  let format = formats.get(timeZone);
  if (format === undefined) {
    format = new Intl.DateTimeFormat('en-GB', { timeZone, hour: 'numeric', minute: 'numeric', second: 'numeric' });
    formats.set(timeZone, format);
  }
  const part = (type: Intl.DateTimeFormatPartTypes, parts: Intl.DateTimeFormatPart[]) =>
    Number(parts.find((one) => one.type === type)?.value ?? 0);
  const parts = format.formatToParts(now);
  const sinceMidnight = (part('hour', parts) % 24) * 3600 + part('minute', parts) * 60 + part('second', parts);
  return Math.floor(now / 1000) * 1000 - sinceMidnight * 1000;
}
