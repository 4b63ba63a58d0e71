import { toA1 } from '../client/a1.ts';
import type { CellValue, SpreadsheetClient } from '../client/google-client.ts';
import { ReadCells } from '../client/read-cells.ts';
import { keyColumnId, type SheetSchema } from '../schema/schema.ts';
import { createHeaderMap } from './header-map.ts';
import { readLayoutTags, type LayoutTags } from './layout-tags.ts';
import { countHeaders, matchColumns } from './match-columns.ts';
import type { TabState } from './tab-state.ts';

/** A header without tags is looked for in so many rows from the top. */
const probeRows = 20;

/** What is known of a tab's columns once `locateColumns` has set its header. */
export interface LocatedTab {
  state: TabState;
  tags: LayoutTags;
  /** Whether the tab has cells of anyone outside its header, as far as its first rows show. */
  holdsData: boolean;
}

/**
 * Finds where the columns and the header of these tabs are and sets `header` of each. Columns are known by their tags; those
 * without (of an earlier version, in a copied file) by text, note and place. Two requests when all are tagged.
 */
export async function locateColumns(
  client: SpreadsheetClient,
  schema: SheetSchema,
  states: readonly TabState[],
): Promise<LocatedTab[]> {
  if (states.length === 0) return [];
  const tagsOf = await readLayoutTags(client, schema);
  const tabs = states.map((state) => ({ state, tags: tagsOf(state.sheetId) }));
  const blocks = await client.readRanges(tabs.flatMap((tab) => probeRanges(tab)));
  const untagged = tabs.filter((tab) => !isTagged(tab));
  const notesOf = await readNotes(client, untagged);
  return tabs.map(({ state, tags }) => {
    const cells = new ReadCells(blocks, state.title);
    const notes = notesOf.get(state.sheetId) ?? [];
    const row = tags.headerRow ?? findHeaderRow(state, cells, notes);
    const texts = cells.row(row);
    const positions = matchColumns(state.columns, { texts, notes: notes[row - 1] ?? [] }, tags.columns);
    const keyAt = positions.get(keyColumnId) ?? findKeyColumn(state, cells, row);
    if (keyAt !== undefined) positions.set(keyColumnId, keyAt);
    state.header = createHeaderMap(state.columns, positions, { row, texts });
    return { state, tags, holdsData: holdsData(state, cells, row) };
  });
}

interface TaggedTab {
  state: TabState;
  tags: LayoutTags;
}

function isTagged({ state, tags }: TaggedTab): boolean {
  return tags.headerRow !== undefined && state.columns.every(({ id }) => tags.columns.has(id));
}

function probeRanges({ state, tags }: TaggedTab): string[] {
  const { title, columnCount } = state;
  const width = { title, firstColumn: 0, lastColumn: columnCount - 1 };
  const { headerRow = 0 } = tags;
  const lastProbed = Math.min(probeRows, state.rowCount);
  return [
    ...(isTagged({ state, tags }) ? [] : [toA1({ ...width, firstRow: 1, lastRow: lastProbed })]),
    ...(isTagged({ state, tags }) || headerRow > lastProbed
      ? [toA1({ ...width, firstRow: headerRow, lastRow: headerRow })]
      : []),
  ];
}

/** Notes of the first rows, by sheet id, row and column from 0. */
async function readNotes(
  client: SpreadsheetClient,
  tabs: readonly TaggedTab[],
): Promise<Map<number, readonly string[][]>> {
  if (tabs.length === 0) return new Map();
  const ranges = tabs.map(({ state: { title, columnCount, rowCount } }) =>
    toA1({ title, firstRow: 1, lastRow: Math.min(probeRows, rowCount), firstColumn: 0, lastColumn: columnCount - 1 }),
  );
  const { sheets = [] } = await client.getSpreadsheet('sheets(properties.sheetId,data(rowData(values(note))))', ranges);
  return new Map(
    sheets.map(({ properties, data = [] }) => [
      properties?.sheetId ?? 0,
      (data[0]?.rowData ?? []).map(({ values = [] }) => values.map(({ note }) => note ?? '')),
    ]),
  );
}

/** The row that names most of our columns; the first one when none does. */
function findHeaderRow({ columns }: TabState, cells: ReadCells, notes: readonly string[][]): number {
  const ours = new Set(columns.map(({ note }) => note));
  const scores = Array.from({ length: probeRows }, (_, n) => {
    const noted = (notes[n] ?? []).filter((note) => note !== '' && ours.has(note)).length;
    return countHeaders(columns, cells.row(n + 1)) + noted;
  });
  const best = Math.max(...scores);
  return best === 0 ? 1 : scores.indexOf(best) + 1;
}

/** The column whose cells are all keys. */
function findKeyColumn({ columnCount, index }: TabState, cells: ReadCells, headerRow: number): number | undefined {
  const rows = Array.from({ length: probeRows }, (_, n) => n + 1).filter((row) => row !== headerRow);
  for (let column = 0; column < columnCount; column += 1) {
    const values = rows.map((row) => cells.get(row, column)).filter((cell) => cell !== '');
    if (values.length > 0 && values.every((cell: CellValue) => index.isKey(cell))) return column;
  }
  return undefined;
}

function holdsData({ rowCount }: TabState, cells: ReadCells, headerRow: number): boolean {
  const rows = Array.from({ length: Math.min(probeRows, rowCount) }, (_, n) => n + 1);
  return rows.some((row) => row !== headerRow && cells.row(row).some((cell) => cell !== ''));
}
