import { type CellValue, type Column, keyColumnId, versionColumnId } from '@shopee-webhook/sheets';
import type { FoundRow } from './row-finder.ts';

/** Day 0 of a sheet is 1899-12-30, day 25,569 is 1970-01-01. */
const unixEpochDay = 25_569;

/** A row's URL. */
export function rowLink(spreadsheetId: string, { sheetId, row }: Pick<FoundRow, 'sheetId' | 'row'>): string {
  const id = encodeURIComponent(spreadsheetId);
  return `https://docs.google.com/spreadsheets/d/${id}/edit#gid=${String(sheetId)}&range=A${String(row)}`;
}

/** Columns without internal ones. */
export function visibleColumns(columns: readonly Column[]): Column[] {
  return columns.filter(({ id }) => id !== keyColumnId && id !== versionColumnId);
}

/** A cell as the sheet displays it: dates formatted, a blank cell as null. */
export function formatCell(value: CellValue | undefined, kind: Column['kind']): CellValue {
  if (value === undefined || value === '') return null;
  if (kind !== 'datetime' || typeof value !== 'number') return value;
  const text = new Date(Math.round((value - unixEpochDay) * 86_400) * 1000).toISOString();
  return text.slice(0, 16).replace('T', ' ');
}
