import { code, escapeLine } from './html.ts';
import { formatTime } from '../time/format-time.ts';

const timeField = /(^|_)(time|timestamp|date|before|deadline)$/;
/** Unix seconds from 2001 to 2096: other numbers under such a name are not times. */
const isUnixTime = (value: number) => value > 1e9 && value < 4e9;

/**
 * A push's data as lines `path: value`, nested ones indented; changes as `field: old → new`, times as people read them.
 * Ids, names and numbers stay as Shopee sent them; empty fields are left out.
 */
export function dataLines(data: Record<string, unknown>, zone: string): string[] {
  return renderRecord(data, { zone, depth: 0 });
}

/** The changes among a push's data, each as `field: old → new`. */
export function changeLines(data: Record<string, unknown>, zone: string): string[] {
  const place = { zone, depth: 0 };
  const inLists = Object.values(data).flatMap((value) => (Array.isArray(value) ? value.filter(isRecord) : []));
  return [data, ...inLists].flatMap((record) => parseChange(record, place)?.lines ?? []);
}

interface Place {
  zone: string;
  depth: number;
}

function renderRecord(record: Record<string, unknown>, place: Place): string[] {
  const { lines, rest } = parseChange(record, place) ?? { lines: [], rest: record };
  return [...lines, ...Object.entries(rest).flatMap(([name, value]) => renderField(name, value, place))];
}

function renderField(name: string, value: unknown, place: Place): string[] {
  if (isEmpty(value)) return [];
  const label = `${indent(place)}${escapeLine(name)}:`;
  if (Array.isArray(value)) {
    if (value.every((item) => typeof item !== 'object' || item === null)) {
      return [`${label} ${value.map((item) => scalar(name, item, place.zone)).join(', ')}`];
    }
    return value.flatMap((item, index) => renderListItem(`${name} ${index + 1}`, item, place));
  }
  if (isRecord(value)) return [label, ...renderRecord(value, { ...place, depth: place.depth + 1 })];
  return [`${label} ${scalar(name, value, place.zone)}`];
}

/** An item of a list; a change needs no number and has its time in the same line. */
function renderListItem(name: string, item: unknown, place: Place): string[] {
  const change = isRecord(item) ? parseChange(item, place) : undefined;
  if (change === undefined) return renderField(name, item, place);
  const { update_time: time, ...rest } = change.rest;
  const when = isEmpty(time) ? '' : ` · ${scalar('update_time', time, place.zone)}`;
  return [change.lines.join('\n') + when, ...renderRecord(rest, { ...place, depth: place.depth + 1 })];
}

/**
 * The change in a record, and its other fields. Shopee has two forms: one field with its name (codes 8, 22, 29),
 * and all fields before and after (code 47).
 */
function parseChange(
  record: Record<string, unknown>,
  place: Place,
): { lines: string[]; rest: Record<string, unknown> } | undefined {
  for (const [field, before, after] of changeForms) {
    const { [field]: name, [before]: old, [after]: now, ...rest } = record;
    if (typeof name !== 'string' || !(before in record && after in record) || isRecord(old) || isRecord(now)) continue;
    return { lines: [renderChange(name, old, now, place)], rest };
  }
  const { old, new: now, ...rest } = record;
  if (!isRecord(old) || !isRecord(now)) return undefined;
  const names = [...new Set([...Object.keys(old), ...Object.keys(now)])];
  const lines = names.flatMap((name) =>
    JSON.stringify(old[name]) === JSON.stringify(now[name])
      ? renderField(name, now[name], place)
      : [renderChange(name, old[name], now[name], place)],
  );
  return { lines, rest };
}

const changeForms = [
  ['update_field', 'old_value', 'new_value'],
  ['name', 'old', 'new'],
] as const;

function renderChange(name: string, old: unknown, now: unknown, place: Place): string {
  const { zone } = place;
  return `${indent(place)}${escapeLine(name)}: ${scalar(name, old, zone)} → ${scalar(name, now, zone)}`;
}

function indent({ depth }: Place): string {
  return '\u2003'.repeat(depth);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isEmpty(value: unknown): boolean {
  if (value === '' || value === null || value === undefined) return true;
  return typeof value === 'object' && Object.values(value).every(isEmpty);
}

function scalar(name: string, value: unknown, zone: string): string {
  if (isEmpty(value)) return '–';
  if (typeof value === 'number' && timeField.test(name) && isUnixTime(value)) return formatTime(value, zone);
  if (typeof value === 'string') return /^[\w.:-]+$/.test(value) ? code(value) : escapeLine(value);
  return escapeLine(JSON.stringify(value));
}
