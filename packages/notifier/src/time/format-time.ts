const dateTime: Intl.DateTimeFormatOptions = {
  year: 'numeric',
  month: '2-digit',
  day: '2-digit',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hourCycle: 'h23',
  timeZoneName: 'shortOffset',
};
const clock: Intl.DateTimeFormatOptions = { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' };

/** Creating a formatter costs as much as hundreds of uses. */
const formatters = new Map<string, Intl.DateTimeFormat>();

function formatter(kind: 'dateTime' | 'clock', zone: string): Intl.DateTimeFormat {
  const key = `${kind} ${zone}`;
  const known = formatters.get(key);
  if (known !== undefined) return known;
  const options = kind === 'clock' ? clock : dateTime;
  const made = new Intl.DateTimeFormat('en-GB', { ...options, timeZone: zone });
  formatters.set(key, made);
  return made;
}

/** Unix seconds as people of the zone read them: `2026-09-01 14:05:07 GMT+8`. */
export function formatTime(seconds: number, zone: string): string {
  const parts = formatter('dateTime', zone).formatToParts(seconds * 1000);
  const get = (type: Intl.DateTimeFormatPartTypes) => parts.find((part) => part.type === type)?.value ?? '';
  const time = `${get('hour')}:${get('minute')}:${get('second')}`;
  return `${get('year')}-${get('month')}-${get('day')} ${time} ${get('timeZoneName')}`;
}

/** `14:05`, for lists of one day. */
export function formatClock(ms: number, zone: string): string {
  return formatter('clock', zone).format(ms);
}

/** `2 h 5 min`, `3 d 4 h`, `45 s`. */
export function formatSpan(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  const units: [number, string][] = [
    [86_400, 'd'],
    [3_600, 'h'],
    [60, 'min'],
    [1, 's'],
  ];
  const first = units.findIndex(([size]) => seconds >= size);
  if (first < 0) return '0 s';
  const [size, name] = units[first] ?? [1, 's'];
  const [below, belowName] = units[first + 1] ?? [1, ''];
  const rest = belowName === '' || belowName === 's' ? 0 : Math.floor((seconds % size) / below);
  return `${Math.floor(seconds / size)} ${name}${rest > 0 ? ` ${rest} ${belowName}` : ''}`;
}
