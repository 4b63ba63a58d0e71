import { code, escapeLine } from './html.ts';
import { formatTime } from './times.ts';

const timeField = /(^|_)(time|timestamp|date|before|deadline)$/;
/** Unix seconds from 2001 to 2096: other numbers under such a name are not times. */
const isUnixTime = (value: number) => value > 1e9 && value < 4e9;

/**
 * A push's data as lines `path: value`, nested ones indented; times also as people read them. Ids, names and numbers
 * stay as Shopee sent them.
 */
export function dataLines(data: Record<string, unknown>, zone: string): string[] {
  return Object.entries(data).flatMap(([name, value]) => linesOf(name, value, { zone, depth: 0 }));
}

interface Place {
  zone: string;
  depth: number;
}

function linesOf(name: string, value: unknown, place: Place): string[] {
  const indent = '\u2003'.repeat(place.depth);
  const label = `${indent}${escapeLine(name)}:`;
  const deeper = { ...place, depth: place.depth + 1 };
  if (Array.isArray(value)) {
    if (value.every((item) => typeof item !== 'object' || item === null)) {
      return [`${label} ${value.length === 0 ? '–' : value.map((item) => scalar(name, item, place.zone)).join(', ')}`];
    }
    return value.flatMap((item, index) => linesOf(`${name} ${index + 1}`, item, place));
  }
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value);
    if (entries.length === 0) return [`${label} –`];
    return [label, ...entries.flatMap(([key, inner]) => linesOf(key, inner, deeper))];
  }
  return [`${label} ${scalar(name, value, place.zone)}`];
}

function scalar(name: string, value: unknown, zone: string): string {
  if (value === null || value === undefined || value === '') return '–';
  if (typeof value === 'number' && timeField.test(name) && isUnixTime(value)) return formatTime(value, zone);
  if (typeof value === 'string') return /^[\w.:-]+$/.test(value) ? code(value) : escapeLine(value);
  return escapeLine(JSON.stringify(value));
}
