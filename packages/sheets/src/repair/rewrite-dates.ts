import { toA1 } from '../client/a1.ts';
import type { CellValue, SpreadsheetClient } from '../client/google-client.ts';
import { serialDate, unixSeconds } from '../format/serial-date.ts';
import type { SpreadsheetIndex } from '../index/spreadsheet-index.ts';
import type { TabState } from '../index/tab-state.ts';
import type { ZoneChange } from '../index/zone.ts';
import type { RowRef } from '../rows/write-journal.ts';
import { versionColumnId, type Cell, type SheetRow } from '../schema/schema.ts';

/** Rows whose dates have the clock of a zone that the spreadsheet had before. */
export interface OutdatedDates {
  /** To be written again: their dates only, and their version as it stands. */
  rows: SheetRow[];
  /** Of which the sheet does not tell; their source does. */
  unknown: RowRef[];
}

/** Dates come back with the last digits of their fraction changed. */
const halfMinute = 30 / 86_400;

/**
 * Reads the dates of every row of ours. A row whose date of its version has the new clock is right; of a tab without such a
 * date nothing is known after a rewrite that was cut short. One read for each tab.
 */
export async function readOutdatedDates(
  { client, index, spreadsheetId }: { client: SpreadsheetClient; index: SpreadsheetIndex; spreadsheetId: string },
  change: ZoneChange,
): Promise<OutdatedDates> {
  const found: OutdatedDates = { rows: [], unknown: [] };
  for (const state of index.tabs) {
    const dates = dateColumns(state);
    if (dates.length === 0 || state.index.size === 0) continue;
    const dateOfVersion = index.schema.tabs[state.tab]?.versionDateColumnId;
    if (change.isResumed && dateOfVersion === undefined) {
      found.unknown.push(...[...state.index.keys()].map((key) => ({ tab: state.tab, key })));
      continue;
    }
    const read = await readColumns(client, state, [versionColumnId, ...dates]);
    for (const key of state.index.keys()) {
      const at = state.index.get(key) ?? 0;
      const version = Number(read(versionColumnId, at)) || 0;
      if (isRewritten(read(dateOfVersion ?? '', at), version, change.to)) continue;
      const cells = Object.fromEntries(
        dates.flatMap((id): [string, Cell][] => {
          const serial = read(id, at);
          return typeof serial === 'number' ? [[id, unixSeconds(serial, change.from)]] : [];
        }),
      );
      const shopId = key.split(':', 1)[0] ?? '';
      if (Object.keys(cells).length > 0)
        found.rows.push({ spreadsheetId, tab: state.tab, key, version, shopId, cells });
    }
  }
  return found;
}

function dateColumns({ columns, header }: TabState): string[] {
  return columns.filter(({ id, kind }) => kind === 'datetime' && header.positions.has(id)).map(({ id }) => id);
}

function isRewritten(date: CellValue, version: number, zone: string): boolean {
  return typeof date === 'number' && Math.abs(date - serialDate(version, zone)) < halfMinute;
}

/** Whole columns by id: they are too long for `ReadCells`. */
async function readColumns(
  client: SpreadsheetClient,
  { title, header }: TabState,
  ids: readonly string[],
): Promise<(id: string, row: number) => CellValue> {
  const positions = ids.flatMap((id) => header.positions.get(id) ?? []);
  const ranges = positions.map((column) => toA1({ title, firstRow: 1, firstColumn: column, lastColumn: column }));
  const blocks = (await client.readRanges(ranges, 'COLUMNS')).filter((block) => block.title === title);
  const byColumn = new Map(blocks.map(({ column, row, values }) => [column, { row, cells: values[0] ?? [] }]));
  return (id, row) => {
    const block = byColumn.get(header.positions.get(id) ?? -1);
    return block?.cells[row - block.row] ?? '';
  };
}
