import type { sheets_v4 } from '@googleapis/sheets';
import type { CellValue } from './cell.ts';

/** What a typed text becomes, and the format that a cell takes on by it. */
export interface UserInput {
  value: CellValue | undefined;
  numberFormat?: sheets_v4.Schema$NumberFormat;
}

/**
 * Reads a text as if a person had typed it (USER_ENTERED, locale en_US): formulas, booleans, numbers (with grouping, sign, percent) and
 * ISO dates. This is what mangles order ids and phone numbers, and runs what a buyer wrote.
 */
export function parseUserInput(text: string): UserInput {
  if (text === '') return { value: undefined };
  if (text.startsWith("'")) return { value: text.slice(1) };
  if (/^=./su.test(text)) return { value: { formula: text } };
  const trimmed = text.trim();
  if (/^(?:true|false)$/iu.test(trimmed)) return { value: trimmed.toLowerCase() === 'true' };
  if (/^[+-]?(?:\d{1,3}(?:,\d{3})+|\d+)?(?:\.\d*)?(?:e[+-]?\d+)?$/iu.test(trimmed) && /\d/u.test(trimmed))
    return { value: Number(trimmed.replaceAll(',', '')) };
  if (/^[+-]?\d+(?:\.\d+)?%$/u.test(trimmed))
    return { value: Number(trimmed.slice(0, -1)) / 100, numberFormat: { type: 'PERCENT', pattern: '0.00%' } };
  const date = /^(\d{4})-(\d{1,2})-(\d{1,2})(?:[ T](\d{1,2}):(\d{2})(?::(\d{2}))?)?$/u.exec(trimmed);
  if (date === null) return { value: text };
  const [year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0] = date
    .slice(1)
    .map((part) => Number(part ?? 0));
  const at = Date.UTC(year, month - 1, day, hour, minute, second) - Date.UTC(1899, 11, 30);
  if (date[4] === undefined) return { value: at / 86_400_000, numberFormat: { type: 'DATE', pattern: 'yyyy-mm-dd' } };
  return { value: at / 86_400_000, numberFormat: { type: 'DATE_TIME', pattern: 'yyyy-mm-dd hh:mm:ss' } };
}
