import { toA1 } from '../client/a1.ts';
import type { CellValue, SpreadsheetClient } from '../client/google-client.ts';
import type { SpreadsheetIndex } from '../index/spreadsheet-index.ts';
import type { RowLocation } from '../index/tab-state.ts';
import { ReadCells } from '../client/read-cells.ts';
import { coalesce } from '../client/coalesce.ts';
import { toRowValues, type ValueRange } from '../rows/value-ranges.ts';
import type { WrittenRow } from '../rows/row-values.ts';

export interface RepairDeps {
  client: SpreadsheetClient;
  index: SpreadsheetIndex;
  /** Writes the ranges, which hold these rows. */
  write: (data: ValueRange[], rows: readonly WrittenRow[]) => Promise<void>;
}

export interface MisplacedRepair {
  /** The rows that it wrote again, as they are now. */
  rows: WrittenRow[];
  /** Rows of which it cannot tell whether their cells are right. */
  unverifiable: WrittenRow[];
}

/**
 * Repairs rows that went into the wrong columns because the user moved columns under their write. A row counts as strayed
 * when its cells stand where the columns were and not where they are; it is looked for where it was written and where
 * its key is now. It is written again where the columns are now, and what it left in columns that are not ours is taken out.
 */
export async function repairMisplacedRows(
  { client, index, write }: RepairDeps,
  rows: readonly WrittenRow[],
): Promise<MisplacedRepair> {
  const candidates = rows.map((row) => ({ row, places: candidateLocations(row, index) }));
  const places = candidates.flatMap((one) => one.places);
  if (places.length === 0) return { rows: [], unverifiable: [...rows] };
  const blocks = await client.readRanges([...new Set(places.map(wholeRowRange))]);
  const tabs = new Set(places.map(({ tab }) => tab));
  const cellsOf = new Map([...tabs].map((tab) => [tab, new ReadCells(blocks, tab.title)]));
  const repaired: WrittenRow[] = [];
  const unverifiable: WrittenRow[] = [];
  const data: ValueRange[] = [];
  for (const { row, places } of candidates) {
    const found = places.map((place) => inspectRow(row, place, cellsOf.get(place.tab)?.row(place.at) ?? []));
    const misplaced = found.find(({ kind }) => kind === 'misplaced');
    if (misplaced !== undefined) {
      repaired.push({ ...row, ...misplaced.place });
      data.push(...cellRanges(misplaced.place, misplaced.line));
    } else if (!found.some(({ kind }) => kind === 'right')) {
      unverifiable.push(row);
    }
  }
  if (data.length > 0) await write(data, repaired);
  return { rows: repaired, unverifiable };
}

/** Where a row may be: where it was written, and where its key is by now. */
function candidateLocations(
  { tab: { sheetId, tab: kind }, at, key }: WrittenRow,
  layout: SpreadsheetIndex,
): RowLocation[] {
  const tab = layout.tab(sheetId);
  const places = tab === undefined || at > tab.rowCount ? [] : [{ tab, at }];
  const found = layout.locateKey(kind, key);
  if (found !== undefined && !(found.tab === tab && found.at === at)) places.push(found);
  return places;
}

interface Inspection {
  kind: 'right' | 'misplaced' | 'other';
  place: RowLocation;
  /** What to write over it. */
  line: CellValue[];
}

function inspectRow(row: WrittenRow, place: RowLocation, stands: CellValue[]): Inspection {
  const written = toRowValues(row.cells, row.tab);
  const right = toRowValues(row.cells, place.tab);
  if (matches(right, stands)) return { kind: 'right', place, line: [] };
  const isMisplaced = matches(written, stands) || isCorrupt(place, stands[place.tab.header.key]);
  return {
    kind: isMisplaced ? 'misplaced' : 'other',
    place,
    line: repairedLine(right, { row, place, written, stands }),
  };
}

/** The A1 range of a row with all of its columns. */
export function wholeRowRange({ tab, at }: RowLocation): string {
  return toA1({ title: tab.title, firstRow: at, lastRow: at, firstColumn: 0, lastColumn: tab.columnCount - 1 });
}

/** Whether all that a line would write is there. */
function matches(line: readonly CellValue[], stands: readonly CellValue[]): boolean {
  return line.every((cell, position) => cell === null || isSame(cell, stands[position] ?? ''));
}

/** Dates come back with the last digits of their fraction changed. */
function isSame(one: CellValue, other: CellValue): boolean {
  if (typeof one === 'number' && typeof other === 'number') return Math.abs(one - other) < 1e-6;
  return one === other;
}

/** Where a key should be there is something else: several writes went astray in this row. */
function isCorrupt({ tab }: RowLocation, key: CellValue | undefined): boolean {
  return key !== undefined && key !== null && key !== '' && !tab.index.isKey(key);
}

/** The right cells, and blanks for what still stands where it should never have been written. */
function repairedLine(
  right: CellValue[],
  { row, place, written, stands }: { row: WrittenRow; place: RowLocation; written: CellValue[]; stands: CellValue[] },
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
function cellRanges({ tab, at }: RowLocation, line: readonly CellValue[]): ValueRange[] {
  const filled = line.flatMap((cell, position) => (cell === null || position >= tab.columnCount ? [] : [position]));
  return coalesce(filled, 1).map(([firstColumn, lastColumn]) => ({
    range: toA1({ title: tab.title, firstRow: at, lastRow: at, firstColumn, lastColumn }),
    values: [line.slice(firstColumn, lastColumn + 1)],
  }));
}
