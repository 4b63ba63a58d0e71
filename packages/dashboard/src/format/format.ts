import { toIsoDate, zoneName } from './zone.ts';

const number = new Intl.NumberFormat('en');
const short = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 });

const styles = {
  clock: { hour: '2-digit', minute: '2-digit', second: '2-digit', hour12: false },
  minutes: { hour: '2-digit', minute: '2-digit', hour12: false },
  day: { day: 'numeric', month: 'short' },
  dayAndYear: { day: 'numeric', month: 'short', year: 'numeric' },
  exact: { dateStyle: 'medium', timeStyle: 'long' },
} as const satisfies Record<string, Intl.DateTimeFormatOptions>;

const formats = new Map<string, Intl.DateTimeFormat>();

/** Formats a moment in the shown zone. */
function inZone(style: keyof typeof styles, at: number): string {
  const key = `${style} ${zoneName() ?? ''}`;
  const format = formats.get(key) ?? new Intl.DateTimeFormat(undefined, { ...styles[style], timeZone: zoneName() });
  formats.set(key, format);
  return format.format(at);
}

/** `15:04:05`, with the day before it when that is not today. */
export function formatTime(at: number, now = Date.now()): string {
  return withDay('clock', at, now);
}

/** `15:04`, with the day before it when that is not today. */
export function formatMinute(at: number, now = Date.now()): string {
  return withDay('minutes', at, now);
}

function withDay(style: 'clock' | 'minutes', at: number, now: number): string {
  const isToday = toIsoDate(at) === toIsoDate(now);
  return isToday ? inZone(style, at) : `${formatDay(at, now)}, ${inZone(style, at)}`;
}

/** `23 Nov, 15:04` */
export function formatDayMinute(at: number): string {
  return `${formatDay(at)}, ${inZone('minutes', at)}`;
}

/** `3 Nov`, with the year when it is another one. */
export function formatDay(at: number, now = Date.now()): string {
  return inZone(toIsoDate(at).slice(0, 4) === toIsoDate(now).slice(0, 4) ? 'day' : 'dayAndYear', at);
}

/** A day of the calendar, `2026-11-23`, as `23 Nov`: the same in every zone. */
export function formatDate(date: string): string {
  return new Date(`${date}T00:00:00Z`).toLocaleDateString(undefined, { ...styles.day, timeZone: 'UTC' });
}

/** Full date and time, with the time zone's offset. */
export function formatExactTime(at: number): string {
  return inZone('exact', at);
}

/** `just now`, `12 min ago`, `in 3 h`. */
export function formatAge(at: number, now: number): string {
  const ms = now - at;
  if (Math.abs(ms) < 5_000) return 'just now';
  return ms > 0 ? `${formatSpan(ms)} ago` : `in ${formatSpan(-ms)}`;
}

/** A duration in its largest unit: `45 s`, `12 min`, `3 h`, `9 days`. */
export function formatSpan(ms: number): string {
  const seconds = Math.round(ms / 1000);
  if (seconds < 90) return `${String(seconds)} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 90) return `${String(minutes)} min`;
  const hours = Math.round(minutes / 60);
  if (hours < 48) return `${String(hours)} h`;
  return `${String(Math.round(hours / 24))} days`;
}

/** A measured duration: `< 1 ms`, `0.6 ms`, `42 ms`, `1.3 s`, `2 min`. */
export function formatDuration(ms: number): string {
  if (ms === 0) return '< 1 ms';
  if (ms < 10) return `${String(Math.round(ms * 10) / 10)} ms`;
  if (ms < 1_000) return `${String(Math.round(ms))} ms`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`;
  return formatSpan(ms);
}

/** `12,345` */
export function formatCount(value: number): string {
  return number.format(value);
}

/** `12.3K` */
export function formatShortCount(value: number): string {
  return short.format(value);
}

/** `1 event`, `12,345 events`. */
export function pluralize(value: number, one: string, many = `${one}s`): string {
  return `${formatCount(value)} ${value === 1 ? one : many}`;
}

/** 0.973 → `97%`; never `100%` for less than all. */
export function formatPercent(part: number): string {
  return `${String(part < 1 ? Math.min(99, Math.round(part * 100)) : 100)}%`;
}

/** `12 MB` */
export function formatBytes(bytes: number): string {
  if (bytes < 1_000) return `${String(bytes)} B`;
  if (bytes < 1_000_000) return `${(bytes / 1_000).toFixed(1)} kB`;
  return `${(bytes / 1_000_000).toFixed(1)} MB`;
}
