import type { sheets_v4 } from '@googleapis/sheets';
import { formatA1 } from '../spreadsheet/a1.ts';
import { inPart, invalidArgument } from '../spreadsheet/api-error.ts';
import { queryFlag, queryValue, type Call, type Method } from '../requests/call.ts';
import { echoed, locateByFilter, locateByFilters } from '../spreadsheet/data-filter.ts';
import { checkProtection } from '../requests/protection.ts';
import type { Sheet } from '../spreadsheet/sheet.ts';
import type { Located } from '../spreadsheet/spreadsheet.ts';
import { readableArea, readValues, type Rendering } from '../spreadsheet/value-reading.ts';
import { applyWrite, inputOption, planWrite, updateResponse, type Written } from './value-writing.ts';

type ValueRange = sheets_v4.Schema$ValueRange;

/** The methods under spreadsheets.values but append, by their names in Google's description. */
export const valuesMethods: Record<string, Method> = {
  'values.get': (call) => read(call.spreadsheet.locate(call.path['range'] ?? ''), renderingOf(call)),
  'values.batchGet': (call) => ({
    spreadsheetId: call.spreadsheet.id,
    valueRanges: eachPart(call.query['ranges'] ?? [], 'ranges', (range) =>
      read(call.spreadsheet.locate(range), renderingOf(call)),
    ),
  }),
  'values.batchGetByDataFilter': (call) => {
    const body = call.body as sheets_v4.Schema$BatchGetValuesByDataFilterRequest;
    const filters = body.dataFilters ?? [];
    eachPart(filters, 'dataFilters', (filter) => locateByFilter(call.spreadsheet, filter));
    const matched = locateByFilters(call.spreadsheet, filters).map(({ dataFilters, ...place }) => ({
      valueRange: read(place, body),
      dataFilters,
    }));
    return { spreadsheetId: call.spreadsheet.id, ...(matched.length > 0 && { valueRanges: matched }) };
  },
  'values.update': (call) => {
    const { path, spreadsheet } = call;
    const body = call.body as ValueRange;
    const range = path['range'] ?? '';
    const { sheet, range: area } = spreadsheet.locate(range);
    if (typeof body.range === 'string' && !isSame(spreadsheet.locate(body.range), { sheet, range: area }))
      throw invalidArgument(`Input range '${range}' does not match value's range '${body.range}'.`);
    const option = inputOption(queryValue(call, 'valueInputOption'));
    const written = applyWrite(planWrite(sheet, area, { values: body, option, user: call.user }));
    return withData(updateResponse(spreadsheet.id, written), written, echoOf(call));
  },
  'values.batchUpdate': (call) => {
    const body = call.body as sheets_v4.Schema$BatchUpdateValuesRequest;
    const option = inputOption(body.valueInputOption);
    const planned = eachPart(body.data ?? [], 'data', (values) => {
      const { sheet, range } = call.spreadsheet.locate(values.range ?? '');
      return planWrite(sheet, range, { values, option, user: call.user });
    });
    const written = planned.map(applyWrite);
    const responses = written.map((one) => withData(updateResponse(call.spreadsheet.id, one), one, body));
    return { spreadsheetId: call.spreadsheet.id, ...totals(written), responses };
  },
  'values.batchUpdateByDataFilter': (call) => {
    const body = call.body as sheets_v4.Schema$BatchUpdateValuesByDataFilterRequest;
    const option = inputOption(body.valueInputOption);
    const planned = eachPart(body.data ?? [], 'data', (values) =>
      locateByFilter(call.spreadsheet, values.dataFilter ?? {}).map(({ sheet, range }) => ({
        plan: planWrite(sheet, range, { values, option, user: call.user }),
        dataFilter: echoed(values.dataFilter ?? {}),
      })),
    ).flat();
    const written = planned.map(({ plan, dataFilter }) => ({ ...applyWrite(plan), dataFilter }));
    const responses = written.map((one) => {
      const { spreadsheetId: _, ...response } = updateResponse(call.spreadsheet.id, one);
      return withData({ ...response, dataFilter: one.dataFilter }, one, body);
    });
    return { spreadsheetId: call.spreadsheet.id, ...totals(written), responses };
  },
  'values.clear': (call) => {
    const clearedRange = clear(call.spreadsheet.locate(call.path['range'] ?? ''), call.user)();
    return { spreadsheetId: call.spreadsheet.id, clearedRange };
  },
  'values.batchClear': (call) => {
    const body = call.body as sheets_v4.Schema$BatchClearValuesRequest;
    const clearing = eachPart(body.ranges ?? [], 'ranges', (range) => clear(call.spreadsheet.locate(range), call.user));
    return { spreadsheetId: call.spreadsheet.id, clearedRanges: clearing.map((one) => one()) };
  },
  'values.batchClearByDataFilter': (call) => {
    const body = call.body as sheets_v4.Schema$BatchClearValuesByDataFilterRequest;
    const clearing = eachPart(body.dataFilters ?? [], 'dataFilters', (filter) =>
      locateByFilter(call.spreadsheet, filter).map((place) => clear(place, call.user)),
    );
    return { spreadsheetId: call.spreadsheet.id, clearedRanges: clearing.flat().map((one) => one()) };
  },
};

function read({ sheet, range }: Located, rendering: Rendering): ValueRange {
  return readValues(sheet, readableArea(sheet, range), rendering);
}

/** Checks a clearing at once; the function returned does it. */
function clear({ sheet, range }: Located, user: string): () => string {
  const area = readableArea(sheet, range);
  checkProtection(sheet, area, user);
  return () => {
    const width = area.endColumn - area.startColumn;
    for (let row = area.startRow; row < Math.min(area.endRow, sheet.grid.rows.length); row += 1)
      if (sheet.grid.rows[row] !== undefined)
        sheet.grid.write(
          row,
          area.startColumn,
          Array.from({ length: width }, () => undefined),
        );
    return formatA1(sheet.title, area);
  };
}

function renderingOf(call: Call): Rendering {
  return {
    majorDimension: queryValue(call, 'majorDimension'),
    valueRenderOption: queryValue(call, 'valueRenderOption'),
    dateTimeRenderOption: queryValue(call, 'dateTimeRenderOption'),
  };
}

function isSame(a: Located, b: Located): boolean {
  return a.sheet === b.sheet && formatA1(a.sheet.title, a.range) === formatA1(b.sheet.title, b.range);
}

/** Whether and how a response repeats what was written. */
export interface Echo {
  includeValuesInResponse?: boolean | null;
  responseValueRenderOption?: string | null;
  responseDateTimeRenderOption?: string | null;
}

/** The echo that the query of update and append requests. */
export function echoOf(call: Call): Echo {
  return {
    includeValuesInResponse: queryFlag(call, 'includeValuesInResponse'),
    responseValueRenderOption: queryValue(call, 'responseValueRenderOption') ?? null,
    responseDateTimeRenderOption: queryValue(call, 'responseDateTimeRenderOption') ?? null,
  };
}

/** The response with the written values read back, when the caller requested them. */
export function withData<T extends object>(response: T, written: Written, echo: Echo): T {
  if (echo.includeValuesInResponse !== true || written.cells === 0) return response;
  const valueRenderOption = echo.responseValueRenderOption ?? undefined;
  const dateTimeRenderOption = echo.responseDateTimeRenderOption;
  return {
    ...response,
    updatedData: readValues(written.sheet, written.area, { valueRenderOption, dateTimeRenderOption }),
  };
}

function totals(written: Written[]): object {
  const sheets = new Map<Sheet, { rows: Set<number>; columns: Set<number> }>();
  let cells = 0;
  for (const one of written) {
    if (one.cells === 0) continue;
    const seen = sheets.get(one.sheet) ?? { rows: new Set(), columns: new Set() };
    for (const row of one.rows) seen.rows.add(row);
    for (const column of one.columns) seen.columns.add(column);
    sheets.set(one.sheet, seen);
    cells += one.cells;
  }
  if (cells === 0) return {};
  const sum = (count: (seen: { rows: Set<number>; columns: Set<number> }) => number) =>
    [...sheets.values()].reduce((total, seen) => total + count(seen), 0);
  return {
    totalUpdatedRows: sum((seen) => seen.rows.size),
    totalUpdatedColumns: sum((seen) => seen.columns.size),
    totalUpdatedCells: cells,
    totalUpdatedSheets: sheets.size,
  };
}

/** Does the same for each part of a batch; an error names the part. */
function eachPart<T, R>(parts: readonly T[], name: string, work: (part: T) => R): R[] {
  return parts.map((part, index) => {
    try {
      return work(part);
    } catch (error) {
      throw inPart(`${name}[${index}]`, error);
    }
  });
}
