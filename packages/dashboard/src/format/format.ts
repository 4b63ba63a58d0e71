const clock = new Intl.DateTimeFormat(undefined, {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hour12: false,
});
const minutes = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit', hour12: false });
const day = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short' });
const dayAndYear = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short', year: 'numeric' });
const number = new Intl.NumberFormat('en');
const short = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 });

/** `15:04:05`, with the day before it when that is not today. */
export function formatTime(at: number, now = Date.now()): string {
  return withDay(at, { now, time: clock });
}

/** `15:04`, with the day before it when that is not today. */
export function formatMinute(at: number, now = Date.now()): string {
  return withDay(at, { now, time: minutes });
}

function withDay(at: number, { now, time }: { now: number; time: Intl.DateTimeFormat }): string {
  const date = new Date(at);
  const isToday = date.toDateString() === new Date(now).toDateString();
  return isToday ? time.format(date) : `${formatDay(at, now)}, ${time.format(date)}`;
}

/** `3 Nov`, with the year when it is another one. */
export function formatDay(at: number, now = Date.now()): string {
  const date = new Date(at);
  return (date.getFullYear() === new Date(now).getFullYear() ? day : dayAndYear).format(date);
}

/** Full date and time, with the time zone's offset. */
export function formatExactTime(at: number): string {
  return new Date(at).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'long' });
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
