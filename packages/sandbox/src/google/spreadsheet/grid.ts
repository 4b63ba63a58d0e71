import type { Area } from './a1.ts';
import type { CellExtra, CellFormat, CellValue, Column, ColumnFormat, Row } from './cell.ts';
import { merged } from './field-mask.ts';

export type Dimension = 'ROWS' | 'COLUMNS';

/** A stretch of rows or columns, end excluded. */
export interface Stretch {
  dimension: Dimension;
  start: number;
  end: number;
}

/** Notes how to undo a change, while someone may still want to. */
export type RecordUndo = (undo: () => void) => void;

/**
 * The cells of one tab. Rows are made when something is written into them, so a million blank ones cost nothing; a read or a write
 * costs what it touches. Changes of columns (insert, delete, move) go through all rows: only people make them.
 */
export class Grid {
  rows: (Row | undefined)[] = [];
  columns: Column[];
  rowCount: number;
  readonly #record: RecordUndo;

  constructor(size: { rowCount: number; columnCount: number }, record: RecordUndo) {
    this.rowCount = size.rowCount;
    this.columns = Array.from({ length: size.columnCount }, () => ({ formats: [] }));
    this.#record = record;
  }

  get columnCount(): number {
    return this.columns.length;
  }

  /** The whole sheet as a rectangle. */
  get area(): Area {
    return { startRow: 0, endRow: this.rowCount, startColumn: 0, endColumn: this.columnCount };
  }

  cell(row: number, column: number): CellValue | undefined {
    return this.rows[row]?.cells[column];
  }

  extra(row: number, column: number): CellExtra | undefined {
    return this.rows[row]?.extras?.get(column);
  }

  /** Row after the last one that holds a value in these columns, looking upwards from `endRow`. */
  usedRows(area: Area): number {
    for (let row = Math.min(area.endRow, this.rows.length) - 1; row >= area.startRow; row -= 1) {
      const cells = this.rows[row]?.cells ?? [];
      for (let column = area.startColumn; column < Math.min(area.endColumn, cells.length); column += 1)
        if (cells[column] !== undefined) return row + 1;
    }
    return area.startRow;
  }

  /** Writes a row's cells from a column on: null leaves the cell alone, undefined empties it. */
  write(row: number, column: number, values: readonly (CellValue | null | undefined)[]): void {
    if (values.length === 0) return;
    const target = this.#row(row);
    const before = target.cells.slice(column, column + values.length);
    this.#record(() => {
      for (let index = 0; index < values.length; index += 1) target.cells[column + index] = before[index];
    });
    values.forEach((value, index) => {
      if (value === null) return;
      // A hole at the end is not worth a cell.
      if (value !== undefined || column + index < target.cells.length) target.cells[column + index] = value;
    });
  }

  /** Replaces what a cell has beside its value. */
  setCellExtra(row: number, column: number, extra: CellExtra): void {
    const target = this.#row(row);
    const before = target.extras?.get(column);
    const put = (value: CellExtra | undefined) => {
      target.extras ??= new Map();
      if (value === undefined || Object.values(value).every((part) => part === undefined)) target.extras.delete(column);
      else target.extras.set(column, value);
      if (target.extras.size === 0) target.extras = undefined;
    };
    this.#record(() => put(before));
    put(extra);
  }

  /** Lays a format over a stretch of rows of a column, and over what single cells there had in the same fields. */
  formatColumn(
    column: number,
    stretch: { startRow: number; endRow: number },
    change: (format: CellFormat) => CellFormat,
  ): void {
    const target = this.columns[column];
    if (target === undefined) return;
    const before = target.formats;
    this.#record(() => void (target.formats = before));
    const same = before.find((one) => one.startRow === stretch.startRow && one.endRow === stretch.endRow);
    target.formats = [...before.filter((one) => one !== same), { ...stretch, format: change(same?.format ?? {}) }];
    for (let row = stretch.startRow; row < Math.min(stretch.endRow, this.rows.length); row += 1) {
      const extra = this.extra(row, column);
      if (extra?.format !== undefined) this.setCellExtra(row, column, { ...extra, format: change(extra.format) });
    }
  }

  /** The format in which a cell is shown. */
  format(row: number, column: number): CellFormat {
    let format: CellFormat = {};
    for (const one of this.columns[column]?.formats ?? [])
      if (one.startRow <= row && row < one.endRow) format = merged(format, one.format);
    const own = this.extra(row, column)?.format;
    return own === undefined ? format : merged(format, own);
  }

  /** Properties of rows or columns: hidden, pixelSize, metadata. */
  setDimension(stretch: Stretch, properties: Partial<Pick<Row, 'hidden' | 'pixelSize' | 'metadata'>>): void {
    for (let index = stretch.start; index < stretch.end; index += 1) {
      const target = stretch.dimension === 'ROWS' ? this.#row(index) : this.columns[index];
      if (target === undefined) continue;
      const before = { hidden: target.hidden, pixelSize: target.pixelSize, metadata: target.metadata };
      this.#record(() => void Object.assign(target, before));
      Object.assign(target, properties);
    }
  }

  /** Adds blank rows or columns before `start`, looking like the ones before it or after it. */
  insert({ dimension, start, end }: Stretch, like: 'before' | 'after'): void {
    const count = end - start;
    const blank: undefined[] = Array.from({ length: count }, () => undefined);
    if (dimension === 'COLUMNS') {
      const neighbor = this.columns[like === 'before' ? start - 1 : start];
      const order = this.columns.map((_, index) => index);
      this.#arrangeColumns([...order.slice(0, start), ...blank, ...order.slice(start)], neighbor?.formats);
      return;
    }
    this.#setRows(this.rowCount + count, start >= this.rows.length ? this.rows : spliced(this.rows, start, 0, blank));
    // A stretch that begins or ends where the new rows come takes in those that look like it.
    const grown = (at: number) => (at > start || (at === start && like === 'before') ? at + count : at);
    this.#moveFormats((one) => ({ ...one, startRow: grown(one.startRow), endRow: grown(one.endRow) }));
  }

  /** Takes rows or columns away with all that is in them. */
  remove({ dimension, start, end }: Stretch): void {
    if (dimension === 'COLUMNS') {
      const order = this.columns.map((_, index) => index);
      this.#arrangeColumns([...order.slice(0, start), ...order.slice(end)]);
      return;
    }
    this.#setRows(this.rowCount - (end - start), spliced(this.rows, start, end - start, []));
    const shrunk = (at: number) => (at <= start ? at : Math.max(start, at - (end - start)));
    this.#moveFormats((one) => ({ ...one, startRow: shrunk(one.startRow), endRow: shrunk(one.endRow) }));
  }

  /** Moves rows or columns to before `to`, an index of the time before the move. */
  move({ dimension, start, end }: Stretch, to: number): void {
    const target = to > start ? to - (end - start) : to;
    if (dimension === 'COLUMNS') {
      const order = this.columns.map((_, index) => index);
      this.#arrangeColumns(spliced(spliced(order, start, end - start, []), target, 0, order.slice(start, end)));
      return;
    }
    const rows = [...this.rows];
    while (rows.length < Math.max(end, to)) rows.push(undefined);
    this.#setRows(this.rowCount, spliced(spliced(rows, start, end - start, []), target, 0, rows.slice(start, end)));
  }

  /** Sorts the rows of an area by `compare`; rows go as a whole where the area is as wide as the sheet. */
  sort(area: Area, compare: (a: Row | undefined, b: Row | undefined) => number): void {
    const before = this.rows.slice(area.startRow, area.endRow);
    const sorted = before.map((row) => row ?? { cells: [] }).sort(compare);
    const whole = area.startColumn === 0 && area.endColumn === this.columnCount;
    const after = whole ? sorted : before.map((row, index) => crossed(row, sorted[index], area));
    this.#setRows(this.rowCount, spliced(this.rows, area.startRow, before.length, after));
  }

  /** The rows of a stretch, blank ones made. */
  madeRows(start: number, end: number): Row[] {
    return Array.from({ length: end - start }, (_, index) => this.#row(start + index));
  }

  /** Puts rows back into the order in which they are given; others keep their places. */
  reorder(area: Area, order: readonly Row[]): void {
    const now = this.rows.slice(area.startRow, area.endRow);
    const there = new Set(now);
    const wanted = order.filter((row) => there.has(row));
    const given = new Set(order);
    const after = now.map((row) => (row !== undefined && given.has(row) ? wanted.shift() : row));
    this.#setRows(this.rowCount, spliced(this.rows, area.startRow, now.length, after));
  }

  /** Replaces rows by those that were there before. */
  putRows(start: number, rows: readonly (Row | undefined)[]): void {
    const after = [...this.rows];
    while (after.length < start) after.push(undefined);
    this.#setRows(this.rowCount, spliced(after, start, rows.length, rows));
  }

  /** Replaces columns by those that were there before, with their formats. */
  putColumns(start: number, columns: readonly Column[]): void {
    const before = this.columns;
    this.#record(() => void (this.columns = before));
    this.columns = spliced(before, start, columns.length, columns);
  }

  #row(index: number): Row {
    const row = this.rows[index];
    if (row !== undefined) return row;
    const made: Row = { cells: [] };
    while (this.rows.length < index) this.rows.push(undefined);
    this.rows[index] = made;
    return made;
  }

  #setRows(rowCount: number, rows: (Row | undefined)[]): void {
    const before = { rowCount: this.rowCount, rows: this.rows };
    this.#record(() => void Object.assign(this, before));
    Object.assign(this, { rowCount, rows });
  }

  #moveFormats(moved: (one: ColumnFormat) => ColumnFormat): void {
    for (const column of this.columns) {
      const before = column.formats;
      this.#record(() => void (column.formats = before));
      column.formats = before.map(moved).filter((one) => one.startRow < one.endRow);
    }
  }

  /** Puts the columns into the order of their old indexes; undefined is a new one, which gets `formats`. */
  #arrangeColumns(order: (number | undefined)[], formats: ColumnFormat[] = []): void {
    const before = { columns: this.columns, rows: this.rows };
    this.#record(() => void Object.assign(this, before));
    this.columns = order.map((old) => (old === undefined ? undefined : before.columns[old]) ?? { formats });
    this.rows = before.rows.map((row) => row && arranged(row, order));
  }
}

function arranged(row: Row, order: (number | undefined)[]): Row {
  const cells = order.map((old) => (old === undefined ? undefined : row.cells[old]));
  while (cells.length > 0 && cells.at(-1) === undefined) cells.pop();
  if (row.extras === undefined) return { ...row, cells };
  const extras = new Map<number, CellExtra>();
  order.forEach((old, index) => {
    const extra = old === undefined ? undefined : row.extras?.get(old);
    if (extra !== undefined) extras.set(index, extra);
  });
  return { ...row, cells, extras: extras.size > 0 ? extras : undefined };
}

/** `row` with the cells of `from` in the columns of the area. */
function crossed(row: Row | undefined, from: Row | undefined, { startColumn, endColumn }: Area): Row {
  const made: Row = { ...row, cells: [...(row?.cells ?? [])], extras: new Map(row?.extras) };
  for (let column = startColumn; column < endColumn; column += 1) {
    made.cells[column] = from?.cells[column];
    const extra = from?.extras?.get(column);
    if (extra === undefined) made.extras?.delete(column);
    else made.extras?.set(column, extra);
  }
  if (made.extras?.size === 0) made.extras = undefined;
  return made;
}

/** Like toSpliced, for inserts of any length: spreading hundreds of thousands of arguments overflows the stack. */
function spliced<T>(list: readonly T[], start: number, removed: number, added: readonly T[]): T[] {
  return [...list.slice(0, start), ...added, ...list.slice(start + removed)];
}
