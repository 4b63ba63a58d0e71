import type { sheets_v4 } from '@googleapis/sheets';
import type { Area } from './a1.ts';
import { isFormula, type CellValue } from './cell.ts';
import { metadataJson } from './developer-metadata.ts';
import { includes, below, masked, type Mask } from './field-mask.ts';
import { formatValue } from './number-format.ts';
import type { Sheet } from './sheet.ts';
import type { Spreadsheet } from './spreadsheet.ts';

/** The part of the spreadsheet that a caller wants to see. */
export interface View {
  /** Per tab the areas requested; undefined shows every tab whole. */
  areas: Map<Sheet, Area[]> | undefined;
  gridData: boolean;
  mask: Mask | undefined;
}

/** A Spreadsheet as the API gives it. Cells are read only where the view requests them. */
export function spreadsheetJson(spreadsheet: Spreadsheet, view: View): sheets_v4.Schema$Spreadsheet {
  const { properties, namedRanges, metadata } = spreadsheet.fields;
  const { mask } = view;
  const pieces = includes(mask, 'developerMetadata') ? metadata : [];
  const own = pieces.map((one) => metadataJson(spreadsheet, one)).filter((one) => one.location?.spreadsheet === true);
  const sheets = spreadsheet.sheets.filter((sheet) => view.areas?.has(sheet) ?? true);
  const sheetMask = below(mask, 'sheets');
  return {
    spreadsheetId: spreadsheet.id,
    properties,
    ...(includes(mask, 'sheets') && {
      sheets: sheets.map((sheet) => sheetJson(spreadsheet, sheet, { ...view, mask: sheetMask })),
    }),
    ...(namedRanges.length > 0 && { namedRanges: withoutZeroSheet(namedRanges) }),
    spreadsheetUrl: `https://docs.google.com/spreadsheets/d/${spreadsheet.id}/edit`,
    ...(own.length > 0 && { developerMetadata: own }),
  };
}

function sheetJson(spreadsheet: Spreadsheet, sheet: Sheet, view: View): sheets_v4.Schema$Sheet {
  const { fields } = sheet;
  const metadata = includes(view.mask, 'developerMetadata') ? metadataOf(spreadsheet, sheet) : [];
  return {
    properties: sheetProperties(spreadsheet, sheet),
    ...(view.gridData && { data: dataOf(spreadsheet, sheet, view) }),
    ...withoutZeroSheet({
      ...(fields.merges.length > 0 && { merges: fields.merges }),
      ...(fields.conditionalFormats.length > 0 && { conditionalFormats: fields.conditionalFormats }),
      ...(fields.filterViews.length > 0 && { filterViews: fields.filterViews }),
      ...(fields.protectedRanges.length > 0 && { protectedRanges: fields.protectedRanges }),
      ...(fields.basicFilter !== undefined && { basicFilter: fields.basicFilter }),
      ...(fields.charts.length > 0 && { charts: fields.charts }),
      ...(fields.bandedRanges.length > 0 && { bandedRanges: fields.bandedRanges }),
      ...(fields.rowGroups.length > 0 && { rowGroups: fields.rowGroups }),
      ...(fields.columnGroups.length > 0 && { columnGroups: fields.columnGroups }),
    }),
    ...(metadata.length > 0 && { developerMetadata: metadata }),
  };
}

/** SheetProperties of a tab, with its place among the others and the size of its grid. */
export function sheetProperties(spreadsheet: Spreadsheet, sheet: Sheet): sheets_v4.Schema$SheetProperties {
  const { gridProperties, ...properties } = sheet.fields.properties;
  const { rowCount, columnCount } = sheet.grid;
  return {
    sheetId: sheet.id,
    title: sheet.title,
    index: spreadsheet.sheets.indexOf(sheet),
    sheetType: 'GRID',
    gridProperties: { rowCount, columnCount, ...gridProperties },
    ...(sheet.fields.hidden && { hidden: true }),
    ...properties,
  };
}

function metadataOf(spreadsheet: Spreadsheet, sheet: Sheet): sheets_v4.Schema$DeveloperMetadata[] {
  const own = spreadsheet.fields.metadata.filter(
    ({ location }) => location?.sheetId === sheet.id && location.locationType === 'SHEET',
  );
  return own.map((one) => metadataJson(spreadsheet, one));
}

const boundNames = new Set(['startRowIndex', 'endRowIndex', 'startColumnIndex', 'endColumnIndex', 'startIndex']);

/** As Google's JSON has it: a range on the tab with id 0 does not name its tab. */
export function withoutZeroSheet<T>(json: T): T {
  if (Array.isArray(json)) return json.map(withoutZeroSheet) as T;
  if (typeof json !== 'object' || json === null) return json;
  const names = Object.keys(json);
  const isRange = names.some((name) => boundNames.has(name)) || (names.length === 1 && names[0] === 'sheetId');
  const entries = Object.entries(json).filter(([name, value]) => !(isRange && name === 'sheetId' && value === 0));
  return Object.fromEntries(entries.map(([name, value]) => [name, withoutZeroSheet(value)])) as T;
}

function dataOf(spreadsheet: Spreadsheet, sheet: Sheet, view: View): sheets_v4.Schema$GridData[] {
  const mask = below(view.mask, 'data');
  return (view.areas?.get(sheet) ?? [sheet.grid.area]).map((area) => gridData(spreadsheet, { sheet, area, mask }));
}

function gridData(
  spreadsheet: Spreadsheet,
  { sheet, area, mask }: { sheet: Sheet; area: Area; mask: Mask | undefined },
): sheets_v4.Schema$GridData {
  const { startRow, startColumn, endRow, endColumn } = area;
  const { grid } = sheet;
  const properties = (
    one: { pixelSize?: number | undefined; hidden?: boolean | undefined; metadata?: number[] | undefined } | undefined,
    size: number,
  ) => ({
    pixelSize: one?.pixelSize ?? size,
    ...(one?.hidden === true && { hiddenByUser: true }),
    ...(one?.metadata !== undefined && { developerMetadata: piecesOf(spreadsheet, one.metadata) }),
  });
  const data: sheets_v4.Schema$GridData = {};
  if (startRow > 0) data.startRow = startRow;
  if (startColumn > 0) data.startColumn = startColumn;
  if (includes(mask, 'rowData')) {
    const valueMask = below(below(mask, 'rowData'), 'values');
    data.rowData = rowsOf(sheet, area, valueMask);
  }
  if (includes(mask, 'rowMetadata'))
    data.rowMetadata = Array.from({ length: endRow - startRow }, (_, index) =>
      properties(grid.rows[startRow + index], 21),
    );
  if (includes(mask, 'columnMetadata'))
    data.columnMetadata = grid.columns.slice(startColumn, endColumn).map((column) => properties(column, 100));
  return data;
}

function piecesOf(spreadsheet: Spreadsheet, ids: number[]): sheets_v4.Schema$DeveloperMetadata[] {
  const pieces = spreadsheet.fields.metadata.filter(({ metadataId }) => ids.includes(metadataId ?? 0));
  return pieces.map((one) => withoutZeroSheet(metadataJson(spreadsheet, one)));
}

function rowsOf(sheet: Sheet, area: Area, mask: Mask | undefined): sheets_v4.Schema$RowData[] {
  const rows: sheets_v4.Schema$RowData[] = [];
  for (let row = area.startRow; row < area.endRow; row += 1) {
    const values: sheets_v4.Schema$CellData[] = [];
    for (let column = area.startColumn; column < area.endColumn; column += 1)
      values.push(masked(cellJson(sheet, row, column), mask) as sheets_v4.Schema$CellData);
    while (values.length > 0 && Object.keys(values.at(-1) ?? {}).length === 0) values.pop();
    rows.push(values.length === 0 ? {} : { values });
  }
  while (rows.length > 0 && rows.at(-1)?.values === undefined) rows.pop();
  return rows;
}

function cellJson(sheet: Sheet, row: number, column: number): sheets_v4.Schema$CellData {
  const value = sheet.grid.cell(row, column);
  const extra = sheet.grid.extra(row, column);
  const format = sheet.grid.format(row, column);
  const formatted = Object.keys(format).length > 0;
  return {
    ...(value !== undefined && {
      userEnteredValue: extendedValue(value),
      effectiveValue: effectiveValue(value),
      formattedValue: formatValue(value, format),
    }),
    ...(formatted && { userEnteredFormat: format, effectiveFormat: format }),
    ...(extra?.note !== undefined && { note: extra.note }),
    ...(extra?.validation !== undefined && { dataValidation: extra.validation }),
  };
}

/** The fake does not calculate: a formula that can be read shows its own text. */
function effectiveValue(value: CellValue): sheets_v4.Schema$ExtendedValue {
  if (!isFormula(value)) return extendedValue(value);
  if (value.isUnreadable === true) return { errorValue: { type: 'ERROR', message: 'Formula parse error.' } };
  return { stringValue: value.formula };
}

function extendedValue(value: CellValue): sheets_v4.Schema$ExtendedValue {
  if (typeof value === 'number') return { numberValue: value };
  if (typeof value === 'boolean') return { boolValue: value };
  return typeof value === 'string' ? { stringValue: value } : { formulaValue: value.formula };
}
