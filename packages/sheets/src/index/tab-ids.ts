import type { SheetSchema } from '../schema/schema.ts';

export type Rotation = 'never' | 'year' | 'month';

/** A tab of ours: which rows it holds, and of what time (`''`: all time, `2026` or `2026-11` with rotation). */
export interface TabName {
  tab: string;
  period: string;
}

type Tabs = SheetSchema['tabs'];

/**
 * We give our tabs sheet ids of our own choice, so that a tab is known again after the user renamed it and the worker
 * was restarted: 71 N PPPPPP, N the tab's number, P the period (13 numbers a year: the year itself, then its months).
 */
const base = 710_000_000;
const perNumber = 1_000_000;

/** The sheet id of a tab that holds no rows: `number` is 8, 9 or 10. */
export function derivedSheetId(number: 8 | 9 | 10): number {
  return base + number * perNumber;
}

export function sheetIdOf(tabs: Tabs, { tab, period }: TabName): number {
  return base + (tabs[tab]?.number ?? 0) * perNumber + periodNumber(period);
}

/** The tab that we gave this id to, if any. */
export function tabFromSheetId(tabs: Tabs, sheetId: number): TabName | undefined {
  const number = Math.floor((sheetId - base) / perNumber);
  const period = (sheetId - base) % perNumber;
  const [tab] = Object.entries(tabs).find(([, schema]) => schema.number === number) ?? [];
  if (sheetId < base || tab === undefined || period > 100 * 13) return undefined;
  return { tab, period: periodText(period) };
}

/** The title that a tab gets when it is created. */
export function titleOf({ tab, period }: TabName): string {
  return period === '' ? tab : `${tab} ${period}`;
}

/** The tab that is created under this title, if any. */
export function tabFromTitle(tabs: Tabs, title: string): TabName | undefined {
  const [, tab = '', period = ''] = /^(.+?)(?: (\d{4}(?:-\d{2})?))?$/.exec(title) ?? [];
  return tabs[tab] === undefined ? undefined : { tab, period };
}

/** The period that a row of that day goes to. `day` is a date as `2026-11-23`. */
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
