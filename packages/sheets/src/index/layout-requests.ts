import type { CellValue, SheetsRequest } from '../client/google-client.ts';
import { coalesce } from '../client/coalesce.ts';
import { columnRequests, headerRequest } from '../format/tab-format.ts';
import type { Column, SheetSchema } from '../schema/schema.ts';
import { createHeaderMap } from './header-map.ts';
import type { HeaderPlace } from './header-row.ts';
import { tagColumnRequests, tagHeaderRequests } from './layout-tags.ts';
import type { LocatedTab } from './locate-columns.ts';
import type { TabState } from './tab-state.ts';

/**
 * Adds the columns that a tab lacks to the right of its grid, where nothing of the user's is, and updates its state. None
 * when it lacks none.
 */
export function missingColumnRequests(schema: SheetSchema, state: TabState, decimals: number): SheetsRequest[] {
  const { missing, positions, row, texts } = state.header;
  if (missing.length === 0) return [];
  const { sheetId, columnCount: at } = state;
  state.columnCount += missing.length;
  const all = new Map([...positions, ...missing.map(({ id }, n) => [id, at + n] as const)]);
  const line = toLine(texts);
  for (const [n, { header }] of missing.entries()) line[at + n] = header;
  state.header = createHeaderMap(state.columns, all, { row, texts: line });
  return [
    insertColumnsRequest(sheetId, at, missing.length),
    ...columnRequests(schema, missing, { sheetId, at, decimals, headerRow: row }),
    ...renewedHeaderRequests(state),
  ];
}

/** Columns that mean more precisely what they meant before: their note, and their header unless the user renamed it. */
function renewedHeaderRequests({ sheetId, columns, header }: TabState): SheetsRequest[] {
  return columns.flatMap((column) => {
    const at = header.positions.get(column.id);
    if (at === undefined || column.former === undefined) return [];
    const isRenamed = !column.former.includes(String(header.texts.get(at)));
    const value = { note: column.note, ...(isRenamed ? {} : { userEnteredValue: { stringValue: column.header } }) };
    const start = { sheetId, rowIndex: header.row - 1, columnIndex: at };
    return [
      {
        updateCells: { start, rows: [{ values: [value] }], fields: isRenamed ? 'note' : 'note,userEnteredValue' },
      },
    ];
  });
}

/** Tags the columns and the header that have no tag yet. */
export function missingTagRequests(schema: SheetSchema, { state, tags }: LocatedTab): SheetsRequest[] {
  const { sheetId, header } = state;
  const untagged = [...header.positions].filter(([id, position]) => tags.columns.get(id) !== position);
  return [
    ...tagColumnRequests(schema, sheetId, untagged),
    ...(tags.headerRow === header.row
      ? []
      : tagHeaderRequests(schema, sheetId, header.row, tags.headerRow !== undefined)),
  ];
}

/** Puts the header back above all rows; `textOf` is what each column's header said last. */
export function headerRequests(
  schema: SheetSchema,
  { sheetId, columns, header }: TabState,
  place: Exclude<HeaderPlace, { kind: 'in-place' }>,
  textOf: (column: Column) => CellValue,
): SheetsRequest[] {
  const rows = (startIndex: number) => ({ sheetId, dimension: 'ROWS', startIndex, endIndex: startIndex + 1 });
  const row = place.kind === 'cleared' ? place.row : place.to;
  const named = columns.map((column) => ({ ...column, header: String(textOf(column)) }));
  const byPosition = new Map(named.flatMap((column) => toEntry(header.positions.get(column.id), column)));
  const texts = coalesce([...byPosition.keys()], 1).map(([first, last]) =>
    headerRequest(
      sheetId,
      Array.from({ length: last - first + 1 }, (_, n) => byPosition.get(first + n)).filter((one) => one !== undefined),
      { at: first, headerRow: row },
    ),
  );
  const tag = tagHeaderRequests(schema, sheetId, row, true);
  if (place.kind === 'moved')
    return [{ moveDimension: { source: rows(place.row - 1), destinationIndex: place.to - 1 } }, ...tag];
  if (place.kind === 'cleared') return [...texts, ...tag];
  const properties = { sheetId, gridProperties: { frozenRowCount: row } };
  return [
    { insertDimension: { range: rows(row - 1), inheritFromBefore: false } },
    ...texts,
    ...tag,
    { updateSheetProperties: { properties, fields: 'gridProperties.frozenRowCount' } },
  ];
}

function toEntry(position: number | undefined, column: Column): [number, Column][] {
  return position === undefined ? [] : [[position, column]];
}

function toLine(texts: ReadonlyMap<number, CellValue>): CellValue[] {
  const line: CellValue[] = [];
  for (const [position, text] of texts) line[position] = text;
  return line;
}

/**
 * New columns to the right of the grid. Inserted and not appended: what is then written at their place lands in new
 * columns also when the user has inserted others a moment ago. At the grid's end that takes inheritFromBefore
 * ("range.startIndex must be less than the grid size if inheritFromBefore is false").
 */
function insertColumnsRequest(sheetId: number, at: number, count: number): SheetsRequest {
  const range = { sheetId, dimension: 'COLUMNS', startIndex: at, endIndex: at + count };
  return { insertDimension: { range, inheritFromBefore: true } };
}
