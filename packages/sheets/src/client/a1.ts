/** A rectangle of cells: rows from 1, columns from 0, both ends included; an end left out reaches to the grid's. */
export interface Block {
  title: string;
  firstRow: number;
  lastRow?: number;
  firstColumn: number;
  lastColumn?: number;
}

/** `0` → `A`, `26` → `AA`. */
export function columnName(column: number): string {
  let name = '';
  for (let rest = column; rest >= 0; rest = Math.floor(rest / 26) - 1) {
    name = String.fromCharCode(65 + (rest % 26)) + name;
  }
  return name;
}

/** `A` → `0`, `AA` → `26`. */
export function columnNumber(name: string): number {
  let number = 0;
  for (const letter of name) number = number * 26 + letter.charCodeAt(0) - 64;
  return number - 1;
}

/** A tab's title as A1 notation wants it: always quoted, for a title may look like a cell. */
export function quoteTitle(title: string): string {
  return `'${title.replaceAll("'", "''")}'`;
}

/** The block in A1 notation; without a last row it is open-ended, as `'Orders'!A2:C`. */
export function toA1(block: Block): string {
  const { title, firstRow, lastRow, firstColumn, lastColumn } = block;
  const from = `${columnName(firstColumn)}${firstRow}`;
  if (lastColumn === undefined) return `${quoteTitle(title)}!${from}:${lastRow ?? firstRow}`;
  return `${quoteTitle(title)}!${from}:${columnName(lastColumn)}${lastRow ?? ''}`;
}

/** Where a range that Google echoed begins: it drops quotes, fills in open ends, and cuts `A1:A1` to `A1`. */
export function parseRangeStart(range: string): { title: string; row: number; column: number } {
  const bang = range.lastIndexOf('!');
  const quoted = range.slice(0, bang);
  const title = quoted.startsWith("'") ? quoted.slice(1, -1).replaceAll("''", "'") : quoted;
  const cell = /^([A-Z]*)(\d*)/.exec(range.slice(bang + 1));
  const column = cell?.[1] ? columnNumber(cell[1]) : 0;
  return { title, row: cell?.[2] ? Number(cell[2]) : 1, column };
}
