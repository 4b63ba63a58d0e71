import { toA1 } from './a1.ts';
import type { CellValue, SpreadsheetClient } from './google-client.ts';
import { isRowKey } from './key-index.ts';
import type { Layout, Place } from './layout.ts';
import { ReadCells } from './read-cells.ts';
import { spans } from './spans.ts';
import { lineOf, type RangeOfValues } from './write-plan.ts';
import type { WrittenRow } from './written-row.ts';

export interface RepairParts {
  client: SpreadsheetClient;
  layout: Layout;
  /** Writes the ranges, which hold these rows. */
  write: (data: RangeOfValues[], rows: readonly WrittenRow[]) => Promise<void>;
}

export interface Mended {
  /** The rows that it wrote again, as they are now. */
  rows: WrittenRow[];
  /** Rows of which it cannot tell whether their cells are right. */
  doubtful: WrittenRow[];
}

/**
 * Mends rows that went into the wrong columns because the user moved columns under their write. A row counts as strayed
 * when its cells stand where the columns were and not where they are; it is looked for where it was written and where
 * its key is now. It is written again where the columns are now, and what it left in columns that are not ours is taken out.
 */
export async function mendStrays({ client, layout, write }: RepairParts, rows: readonly WrittenRow[]): Promise<Mended> {
  const looked = rows.map((row) => ({ row, places: placesOf(row, layout) }));
  const places = looked.flatMap((one) => one.places);
  if (places.length === 0) return { rows: [], doubtful: [...rows] };
  const blocks = await client.read([...new Set(places.map(wholeRow))]);
  const tabs = new Set(places.map(({ tab }) => tab));
  const cellsOf = new Map([...tabs].map((tab) => [tab, new ReadCells(blocks, tab.title)]));
  const mended: WrittenRow[] = [];
  const doubtful: WrittenRow[] = [];
  const data: RangeOfValues[] = [];
  for (const { row, places } of looked) {
    const found = places.map((place) => examine(row, place, cellsOf.get(place.tab)?.row(place.at) ?? []));
    const strayed = found.find(({ kind }) => kind === 'strayed');
    if (strayed !== undefined) {
      mended.push({ ...row, ...strayed.place });
      data.push(...cellRanges(strayed.place, strayed.line));
    } else if (!found.some(({ kind }) => kind === 'right')) {
      doubtful.push(row);
    }
  }
  if (data.length > 0) await write(data, mended);
  return { rows: mended, doubtful };
}

/** Where a row may be: where it was written, and where its key is by now. */
function placesOf({ tab: { sheetId, tab: kind }, at, key }: WrittenRow, layout: Layout): Place[] {
  const tab = layout.tab(sheetId);
  const places = tab === undefined || at > tab.rowCount ? [] : [{ tab, at }];
  const found = layout.place(kind, key);
  if (found !== undefined && !(found.tab === tab && found.at === at)) places.push(found);
  return places;
}

interface Examined {
  kind: 'right' | 'strayed' | 'other';
  place: Place;
  /** What to write over it. */
  line: CellValue[];
}

function examine(row: WrittenRow, place: Place, stands: CellValue[]): Examined {
  const written = lineOf(row.cells, row.tab);
  const right = lineOf(row.cells, place.tab);
  if (stand(right, stands)) return { kind: 'right', place, line: [] };
  const strayed = stand(written, stands) || isWreck(stands[place.tab.header.key]);
  return { kind: strayed ? 'strayed' : 'other', place, line: mend(right, { row, place, written, stands }) };
}

/** The A1 range of a row with all of its columns. */
export function wholeRow({ tab, at }: Place): string {
  return toA1({ title: tab.title, firstRow: at, lastRow: at, firstColumn: 0, lastColumn: tab.columnCount - 1 });
}

/** Whether all that a line would write is there. */
function stand(line: readonly CellValue[], stands: readonly CellValue[]): boolean {
  return line.every((cell, position) => cell === null || isSame(cell, stands[position] ?? ''));
}

/** Dates come back with the last digits of their fraction changed. */
function isSame(one: CellValue, other: CellValue): boolean {
  if (typeof one === 'number' && typeof other === 'number') return Math.abs(one - other) < 1e-6;
  return one === other;
}

/** Where a key should be there is something else: several writes went astray in this row. */
function isWreck(key: CellValue | undefined): boolean {
  return key !== undefined && key !== null && key !== '' && !isRowKey(key);
}

/** The right cells, and blanks for what still stands where it should never have been written. */
function mend(
  right: CellValue[],
  { row, place, written, stands }: { row: WrittenRow; place: Place; written: CellValue[]; stands: CellValue[] },
): CellValue[] {
  const ours = new Set(place.tab.header.positions.values());
  return Array.from({ length: Math.max(right.length, written.length) }, (_, position) => {
    const cell = right[position] ?? null;
    const left = written[position] ?? '';
    const isLeft = left !== '' && left === stands[position];
    // A new row held nothing before, so whatever is in our columns came from us.
    return cell === null && (isLeft || (row.isNew && ours.has(position))) ? '' : cell;
  });
}

/** Only the cells that have something to write: others may be the user's, and protected. */
function cellRanges({ tab, at }: Place, line: readonly CellValue[]): RangeOfValues[] {
  const filled = line.flatMap((cell, position) => (cell === null || position >= tab.columnCount ? [] : [position]));
  return spans(filled, 1).map(([firstColumn, lastColumn]) => ({
    range: toA1({ title: tab.title, firstRow: at, lastRow: at, firstColumn, lastColumn }),
    values: [line.slice(firstColumn, lastColumn + 1)],
  }));
}
