import type { CellFormat, CellValue } from './cell.ts';
import { isFormula } from './cell.ts';

/** Day 0 of a spreadsheet's dates, 1899-12-30, in ms since 1970. */
const dayZero = Date.UTC(1899, 11, 30);
const dateTypes = new Set(['DATE', 'TIME', 'DATE_TIME']);
const defaultPatterns: Record<string, string> = {
  DATE: 'yyyy-mm-dd',
  TIME: 'hh:mm:ss',
  DATE_TIME: 'yyyy-mm-dd hh:mm:ss',
  PERCENT: '0.00%',
  CURRENCY: '$#,##0.00',
  NUMBER: '#,##0.00',
  SCIENTIFIC: '0.00E+00',
};

/** Whether a number in this format is a point in time. */
export function isDate(format: CellFormat): boolean {
  return dateTypes.has(format.numberFormat?.type ?? '');
}

/** The text that a person sees in a cell. Covers the common patterns: digits, grouping, percent, currency signs, dates and times. */
export function formatValue(value: CellValue | undefined, format: CellFormat): string {
  if (value === undefined) return '';
  if (isFormula(value)) return value.isUnreadable === true ? '#ERROR!' : value.formula;
  if (typeof value === 'boolean') return value ? 'TRUE' : 'FALSE';
  if (typeof value === 'string') return value;
  const type = format.numberFormat?.type ?? '';
  const pattern = format.numberFormat?.pattern ?? defaultPatterns[type] ?? '';
  if (type === 'TEXT' || pattern === '' || pattern === '@' || pattern.toLowerCase() === 'general') return plain(value);
  return isDate(format) ? dateText(value, pattern) : numberText(value, pattern);
}

function plain(value: number): string {
  return Number.isInteger(value) && Math.abs(value) < 1e15 ? String(value) : String(Number(value.toPrecision(10)));
}

function numberText(value: number, pattern: string): string {
  const [positive = '', negative] = sections(pattern);
  const section = value < 0 && negative !== undefined ? negative : positive;
  const sign = value < 0 && negative === undefined ? '-' : '';
  const digits = /[#0?][#0?,.]*/u.exec(masked(section))?.[0];
  if (digits === undefined) return sign + literal(section);
  const [whole = '', fraction = ''] = digits.split('.');
  const scaled = Math.abs(value) * (section.includes('%') ? 100 : 1);
  const text = scaled.toFixed(fraction.replaceAll(',', '').length);
  const [integer = '0', decimals = ''] = text.split('.');
  const minimum = whole.replaceAll(/[^0]/gu, '').length;
  const padded = integer === '0' && minimum === 0 ? '' : integer.padStart(minimum, '0');
  const grouped = whole.includes(',') ? padded.replaceAll(/\B(?=(?:\d{3})+$)/gu, ',') : padded;
  const decimalsShown = trimmed(decimals, fraction);
  const at = masked(section).indexOf(digits);
  // As in Sheets, a point of the pattern stays even with nothing behind it.
  const number = grouped + (digits.includes('.') ? `.${decimalsShown}` : '');
  return sign + literal(section.slice(0, at)) + number + literal(section.slice(at + digits.length));
}

/** Decimals without the zeros that the pattern marks as optional. */
function trimmed(decimals: string, pattern: string): string {
  let shown = decimals;
  while (shown.endsWith('0') && pattern[shown.length - 1] !== '0') shown = shown.slice(0, -1);
  return shown;
}

function sections(pattern: string): string[] {
  return pattern.match(/(?:"[^"]*"|\[[^\]]*\]|\\.|[^;])+/gu) ?? [];
}

/** The pattern with its literal parts blanked out, so that signs in them are not read as digits. */
function masked(pattern: string): string {
  return pattern.replaceAll(/"[^"]*"|\[[^\]]*\]|\\./gu, (part) => ' '.repeat(part.length));
}

function literal(pattern: string): string {
  return pattern
    .replaceAll(/\[\$([^\]-]*)[^\]]*\]/gu, '$1')
    .replaceAll(/\[[^\]]*\]/gu, '')
    .replaceAll(/"([^"]*)"/gu, '$1')
    .replaceAll(/\\(.)/gu, '$1')
    .replaceAll(/[_*]./gu, ' ');
}

const days = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
const months = 'January February March April May June July August September October November December'.split(' ');

function dateText(serial: number, pattern: string): string {
  // To the second, so that 0.999… of one is not shown as the second before.
  const at = new Date(dayZero + Math.round(serial * 86_400) * 1000);
  const twelve = /am\/pm|a\/p/iu.test(pattern);
  const hour = twelve ? at.getUTCHours() % 12 || 12 : at.getUTCHours();
  let minutes = false;
  return pattern.replaceAll(/"[^"]*"|\\.|am\/pm|a\/p|\[h+\]|y+|m+|d+|h+|s+/giu, (part, offset: number) => {
    const size = part.length;
    const rest = pattern.slice(offset + size);
    switch (part[0]?.toLowerCase()) {
      case 'y':
        return size <= 2 ? two(at.getUTCFullYear() % 100) : String(at.getUTCFullYear());
      case 'd':
        return dayText(at, size);
      case 'h':
        minutes = true;
        return size > 1 ? two(hour) : String(hour);
      case '[':
        minutes = true;
        return String(Math.floor(serial * 24));
      case 's':
        return size > 1 ? two(at.getUTCSeconds()) : String(at.getUTCSeconds());
      case 'a':
        return at.getUTCHours() < 12 ? 'AM' : 'PM';
      case 'm': {
        // An m is minutes after an hour or before seconds, else the month.
        const isMinute = size <= 2 && (minutes || /^[^a-z]*s/iu.test(rest));
        minutes = false;
        return isMinute ? (size > 1 ? two(at.getUTCMinutes()) : String(at.getUTCMinutes())) : monthText(at, size);
      }
      default:
        return literal(part);
    }
  });
}

function dayText(at: Date, size: number): string {
  const name = days[at.getUTCDay()] ?? '';
  if (size > 2) return size === 3 ? name.slice(0, 3) : name;
  return size > 1 ? two(at.getUTCDate()) : String(at.getUTCDate());
}

function monthText(at: Date, size: number): string {
  const name = months[at.getUTCMonth()] ?? '';
  if (size > 2) return size === 3 ? name.slice(0, 3) : name;
  return size > 1 ? two(at.getUTCMonth() + 1) : String(at.getUTCMonth() + 1);
}

function two(value: number): string {
  return String(value).padStart(2, '0');
}
