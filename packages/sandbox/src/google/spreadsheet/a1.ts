import { invalidArgument } from './api-error.ts';

/** A rectangle of a sheet: first row and column counted from 0, ends excluded; an absent end is the grid's. */
export interface OpenArea {
  startRow: number | undefined;
  endRow: number | undefined;
  startColumn: number | undefined;
  endColumn: number | undefined;
}

/** A rectangle with four ends. */
export interface Area {
  startRow: number;
  endRow: number;
  startColumn: number;
  endColumn: number;
}

export interface A1Range extends OpenArea {
  /** The tab; undefined means the first one. */
  title: string | undefined;
}

const everything: OpenArea = { startRow: undefined, endRow: undefined, startColumn: undefined, endColumn: undefined };
/** ZZZ, the last column that a sheet can have. */
const maxColumns = 18_278;

/**
 * Reads A1 notation: `Orders!A2:C`, `'Đơn hàng'!B:B`, `A1`, `Orders`. Before `!` Google takes any title unquoted that does not begin
 * with a quote. Throws the 400 of a range that cannot be read.
 */
export function parseA1(text: string): A1Range {
  const quoted = /^'((?:[^']|'')*)'(?:!(.*))?$/su.exec(text);
  if (quoted !== null) {
    const title = quoted[1]?.replaceAll("''", "'") ?? '';
    return { title, ...(quoted[2] === undefined ? everything : cells(quoted[2], text)) };
  }
  const plain = /^([^'].*)!([^!]*)$/su.exec(text);
  if (plain !== null) return { title: plain[1], ...cells(plain[2] ?? '', text) };
  if (isCells(text)) return { title: undefined, ...cells(text, text) };
  if (text === '' || text.includes('!')) throw invalidArgument(`Unable to parse range: ${text}`);
  return { title: text, ...everything };
}

/** A1 notation of a rectangle, quoted only where the title needs it: `Orders!A2:C9`, `'Đơn hàng'!B2`. */
export function formatA1(title: string, area: OpenArea): string {
  const { startRow, endRow, startColumn, endColumn } = area;
  const from = columnName(startColumn) + (startRow === undefined ? '' : String(startRow + 1));
  const to = columnName(endColumn === undefined ? undefined : endColumn - 1) + (endRow ?? '');
  return `${quoteTitle(title)}!${from === to ? from : `${from}:${to}`}`;
}

/** The letters of a column counted from 0; '' for none. */
export function columnName(index: number | undefined): string {
  let name = '';
  for (let rest = (index ?? -1) + 1; rest > 0; rest = Math.floor((rest - 1) / 26))
    name = String.fromCodePoint(65 + ((rest - 1) % 26)) + name;
  return name;
}

/** The index from 0 of a column's letters. */
export function columnIndex(name: string): number {
  let index = 0;
  for (const letter of name.toUpperCase()) index = index * 26 + (letter.codePointAt(0) ?? 0) - 64;
  return index - 1;
}

/** A title as it stands before `!`, quoted only where Google quotes it. */
export function quoteTitle(title: string): string {
  const plain = /^[A-Za-z_][A-Za-z0-9_.]*$/u.test(title) && !isCells(title) && !/^R\d+C\d+$/iu.test(title);
  return plain ? title : `'${title.replaceAll("'", "''")}'`;
}

const corner = /^\$?([A-Za-z]{1,3})?\$?([1-9]\d{0,7})?$/u;

/** Whether a text is A1 notation of cells, without a title. */
export function isCells(text: string): boolean {
  const [from = '', to, more] = text.split(':');
  if (more !== undefined || from === '' || to === '') return false;
  // A lone `Orders`, `A` or `7` is a title; only a range may leave out the row or the column.
  if (to === undefined)
    return /^\$?[A-Za-z]{1,3}\$?[1-9]\d{0,7}$/u.test(from) && columnIndex(letters(from)) < maxColumns;
  return corner.test(from) && corner.test(to);
}

function letters(cell: string): string {
  return corner.exec(cell)?.[1] ?? '';
}

function cells(text: string, whole: string): OpenArea {
  if (!isCells(text)) throw invalidArgument(`Unable to parse range: ${whole}`);
  const [from = '', to = from] = text.split(':');
  const columns = [letters(from), letters(to)].map((name) => (name === '' ? undefined : columnIndex(name)));
  const rows = [from, to]
    .map((cell) => corner.exec(cell)?.[2])
    .map((row) => (row === undefined ? undefined : Number(row) - 1));
  const [startColumn, endColumn] = ordered(columns);
  const [startRow, endRow] = ordered(rows);
  return { startRow, endRow, startColumn, endColumn };
}

/** First and past-the-last of two inclusive ends, the smaller one first; an end that is left out stays open. */
function ordered(ends: (number | undefined)[]): [number | undefined, number | undefined] {
  const [from, to] = ends;
  if (to === undefined) return [from, undefined];
  if (from === undefined) return [0, to + 1];
  return [Math.min(from, to), Math.max(from, to) + 1];
}
