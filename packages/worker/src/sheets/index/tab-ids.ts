import type { Tab } from '../../report/columns.ts';

export type Rotation = 'never' | 'year' | 'month';

/** A tab of ours: which rows it holds, and of what time (`''`: all time, `2026` or `2026-11` with rotation). */
export interface TabName {
  tab: Tab;
  period: string;
}

/**
 * We give our tabs sheet ids of our own choice, so that a tab is known again after the user renamed it and the worker
 * was started anew: 71 K PPPPPP, K the kind, P the period (13 numbers a year: the year itself, then its months).
 */
const base = 710_000_000;
const perKind = 1_000_000;
const kinds: readonly Tab[] = ['Orders', 'Items', 'Returns'];

export const summarySheetId = base + 8 * perKind;
export const costsSheetId = base + 9 * perKind;

export function sheetIdOf({ tab, period }: TabName): number {
  return base + (kinds.indexOf(tab) + 1) * perKind + periodNumber(period);
}

/** The tab that we gave this id to, if any. */
export function tabFromSheetId(sheetId: number): TabName | undefined {
  const kind = kinds[Math.floor((sheetId - base) / perKind) - 1];
  const number = (sheetId - base) % perKind;
  if (sheetId < base || kind === undefined || number > 100 * 13) return undefined;
  return { tab: kind, period: periodText(number) };
}

/** The title that a tab gets when it is made. */
export function titleOf({ tab, period }: TabName): string {
  return period === '' ? tab : `${tab} ${period}`;
}

/** The tab that is made under this title, if any. */
export function tabFromTitle(title: string): TabName | undefined {
  const [, tab, period = ''] = /^(\w+)(?: (\d{4}(?:-\d{2})?))?$/.exec(title) ?? [];
  const kind = kinds.find((one) => one === tab);
  return kind === undefined ? undefined : { tab: kind, period };
}

/** The period that an order of that day goes to. `day` is a date as `2026-11-23`. */
export function periodOf(day: string, rotation: Rotation): string {
  return day.slice(0, { never: 0, year: 4, month: 7 }[rotation]);
}

function periodNumber(period: string): number {
  if (period === '') return 0;
  const [year = 0, month = 0] = period.split('-').map(Number);
  return (year - 2000) * 13 + month;
}

function periodText(number: number): string {
  if (number === 0) return '';
  const year = String(2000 + Math.floor(number / 13));
  const month = number % 13;
  return month === 0 ? year : `${year}-${String(month).padStart(2, '0')}`;
}
