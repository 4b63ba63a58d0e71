import type { DimensionTag, SheetsRequest, SpreadsheetClient } from '../client/google-client.ts';
import type { SheetSchema } from '../schema/schema.ts';

/** Where the columns and the header of one tab are, by the developer metadata that they carry through every move. */
export interface LayoutTags {
  /** Column id → position from 0. */
  columns: ReadonlyMap<string, number>;
  /** From 1. */
  headerRow: number | undefined;
}

const columnKey = ({ namespace }: SheetSchema) => `${namespace}-column`;
const headerKey = ({ namespace }: SheetSchema) => `${namespace}-header`;

/** The tags of every tab, by sheet id: one read, whatever the size of the spreadsheet. */
export async function readLayoutTags(
  client: Pick<SpreadsheetClient, 'findMetadata'>,
  schema: SheetSchema,
): Promise<(sheetId: number) => LayoutTags> {
  const tags = await client.findMetadata([columnKey(schema), headerKey(schema)]);
  const bySheet = Map.groupBy(tags, ({ sheetId }) => sheetId);
  return (sheetId) => {
    const ofTab = bySheet.get(sheetId) ?? [];
    const columns = new Map<string, number>();
    for (const { key, value, dimension, index } of ofTab) {
      if (key === columnKey(schema) && dimension === 'COLUMNS' && !columns.has(value)) columns.set(value, index);
    }
    const header = ofTab.find(({ key, dimension }) => key === headerKey(schema) && dimension === 'ROWS');
    return { columns, headerRow: header === undefined ? undefined : header.index + 1 };
  };
}

/** Tags columns, given as column id → position. */
export function tagColumnRequests(
  schema: SheetSchema,
  sheetId: number,
  positions: Iterable<readonly [id: string, position: number]>,
): SheetsRequest[] {
  return [...positions].map(([id, position]) =>
    tagRequest({ key: columnKey(schema), value: id, sheetId, dimension: 'COLUMNS', index: position }),
  );
}

/** Tags the header's row, from 1, and no other of the tab. */
export function tagHeaderRequests(
  schema: SheetSchema,
  sheetId: number,
  row: number,
  isRetag: boolean,
): SheetsRequest[] {
  const metadataLookup = { metadataKey: headerKey(schema), metadataLocation: { sheetId } };
  const remove = { deleteDeveloperMetadata: { dataFilter: { developerMetadataLookup: metadataLookup } } };
  const tag = { key: headerKey(schema), value: 'header', sheetId, dimension: 'ROWS' as const, index: row - 1 };
  return [...(isRetag ? [remove] : []), tagRequest(tag)];
}

function tagRequest({ key, value, sheetId, dimension, index }: DimensionTag): SheetsRequest {
  const dimensionRange = { sheetId, dimension, startIndex: index, endIndex: index + 1 };
  return {
    createDeveloperMetadata: {
      developerMetadata: {
        metadataKey: key,
        metadataValue: value,
        location: { dimensionRange },
        visibility: 'DOCUMENT',
      },
    },
  };
}
