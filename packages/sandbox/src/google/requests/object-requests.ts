import type { sheets_v4 } from '@googleapis/sheets';
import { invalidArgument } from '../spreadsheet/api-error.ts';
import { isCells } from '../spreadsheet/a1.ts';
import type { Requests } from './editing.ts';
import { updated, updateMask } from '../spreadsheet/field-mask.ts';
import type { Sheet } from '../spreadsheet/sheet.ts';
import type { Spreadsheet } from '../spreadsheet/spreadsheet.ts';

/** Requests about things with an id of their own: charts, filter views, named ranges. */
export const objectRequests = {
  addChart: ({ spreadsheet }, { chart = {} }) => {
    checkSpec(spreadsheet, chart.spec);
    const anchor = chart.position?.overlayPosition?.anchorCell;
    if (anchor === undefined) throw invalidArgument('the sandbox puts charts at an overlayPosition.anchorCell only');
    const sheet = spreadsheet.sheetById(anchor.sheetId);
    const { rowCount, columnCount } = sheet.grid;
    if ((anchor.rowIndex ?? 0) >= rowCount || (anchor.columnIndex ?? 0) >= columnCount)
      throw invalidArgument('The anchor cell of the chart is outside of the sheet.');
    const made = { ...chart, chartId: chart.chartId ?? spreadsheet.newId() };
    sheet.set({ charts: [...sheet.fields.charts, made] });
    return { addChart: { chart: made } };
  },
  updateChartSpec: ({ spreadsheet }, { chartId, spec }) => {
    checkSpec(spreadsheet, spec);
    const { sheet, chart } = chartOf(spreadsheet, chartId);
    const made = { ...chart, ...(spec && { spec }) };
    sheet.set({ charts: sheet.fields.charts.map((one) => (one === chart ? made : one)) });
    return undefined;
  },
  deleteEmbeddedObject: ({ spreadsheet }, { objectId }) => {
    const { sheet, chart } = chartOf(spreadsheet, objectId);
    sheet.set({ charts: sheet.fields.charts.filter((one) => one !== chart) });
    return undefined;
  },

  addFilterView: ({ spreadsheet }, { filter = {} }) => {
    if (filter.range === undefined) throw invalidArgument('Filter range must be specified.');
    const sheet = spreadsheet.sheetById(filter.range.sheetId);
    sheet.area(filter.range);
    const count = sheet.fields.filterViews.length;
    const made = {
      ...filter,
      filterViewId: filter.filterViewId ?? spreadsheet.newId(),
      title: filter.title ?? `Filter ${count + 1}`,
    };
    sheet.set({ filterViews: [...sheet.fields.filterViews, made] });
    return { addFilterView: { filter: made } };
  },
  updateFilterView: ({ spreadsheet }, { filter = {}, fields }) => {
    const mask = updateMask(fields, 'FilterView');
    const { sheet, view } = viewOf(spreadsheet, filter.filterViewId);
    const made = updated(view, filter, mask);
    sheet.set({ filterViews: sheet.fields.filterViews.map((one) => (one === view ? made : one)) });
    return undefined;
  },
  deleteFilterView: ({ spreadsheet }, { filterId }) => {
    const { sheet, view } = viewOf(spreadsheet, filterId);
    sheet.set({ filterViews: sheet.fields.filterViews.filter((one) => one !== view) });
    return undefined;
  },

  addNamedRange: ({ spreadsheet }, { namedRange = {} }) => {
    const { namedRanges } = spreadsheet.fields;
    checkNamedRange(spreadsheet, namedRange);
    const made = { ...namedRange, namedRangeId: namedRange.namedRangeId ?? String(spreadsheet.newId()) };
    spreadsheet.set({ namedRanges: [...namedRanges, made] });
    return { addNamedRange: { namedRange: made } };
  },
  updateNamedRange: ({ spreadsheet }, { namedRange = {}, fields }) => {
    const mask = updateMask(fields, 'NamedRange');
    const { namedRanges } = spreadsheet.fields;
    const old = namedRanges.find((one) => one.namedRangeId === namedRange.namedRangeId);
    if (old === undefined) throw invalidArgument(`No named range with id: ${namedRange.namedRangeId ?? ''}`);
    const made = { ...updated(old, namedRange, mask), namedRangeId: old.namedRangeId ?? '' };
    checkNamedRange(spreadsheet, made, old);
    spreadsheet.set({ namedRanges: namedRanges.map((one) => (one === old ? made : one)) });
    return undefined;
  },
  deleteNamedRange: ({ spreadsheet }, { namedRangeId }) => {
    const { namedRanges } = spreadsheet.fields;
    if (!namedRanges.some((one) => one.namedRangeId === namedRangeId))
      throw invalidArgument(`No named range with id: ${namedRangeId ?? ''}`);
    spreadsheet.set({ namedRanges: namedRanges.filter((one) => one.namedRangeId !== namedRangeId) });
    return undefined;
  },
} satisfies Requests;

function checkNamedRange(
  spreadsheet: Spreadsheet,
  { name, range }: sheets_v4.Schema$NamedRange,
  own?: sheets_v4.Schema$NamedRange,
): void {
  if (typeof name !== 'string' || !/^[\p{L}_][\p{L}\p{N}_.]*$/u.test(name) || isCells(name))
    throw invalidArgument(`Invalid name: ${name ?? ''}`);
  if (range === undefined) throw invalidArgument('Named range must have a range.');
  spreadsheet.sheetById(range.sheetId).area(range);
  const others = spreadsheet.fields.namedRanges.filter((one) => one !== own);
  if (others.some((one) => one.name?.toLowerCase() === name.toLowerCase()))
    throw invalidArgument(`A named range with the name ${name} already exists.`);
}

function chartOf(
  spreadsheet: Spreadsheet,
  id: number | null | undefined,
): { sheet: Sheet; chart: sheets_v4.Schema$EmbeddedChart } {
  for (const sheet of spreadsheet.sheets) {
    const chart = sheet.fields.charts.find((one) => one.chartId === id);
    if (chart !== undefined) return { sheet, chart };
  }
  throw invalidArgument(`No embedded object with id: ${id ?? 0}`);
}

function viewOf(
  spreadsheet: Spreadsheet,
  id: number | null | undefined,
): { sheet: Sheet; view: sheets_v4.Schema$FilterView } {
  for (const sheet of spreadsheet.sheets) {
    const view = sheet.fields.filterViews.find((one) => one.filterViewId === id);
    if (view !== undefined) return { sheet, view };
  }
  throw invalidArgument(`No filter view with id: ${id ?? 0}`);
}

const chartKinds = new Set([
  'basicChart',
  'pieChart',
  'bubbleChart',
  'candlestickChart',
  'orgChart',
  'histogramChart',
  'waterfallChart',
  'treemapChart',
  'scorecardChart',
]);

/** A spec has one kind of chart, and its sources lie on tabs that are there. */
function checkSpec(spreadsheet: Spreadsheet, spec: sheets_v4.Schema$ChartSpec | undefined): void {
  const kinds = Object.keys(spec ?? {}).filter((name) => chartKinds.has(name));
  if (kinds.length !== 1) throw invalidArgument('Chart specification must have exactly one kind of chart.');
  for (const range of sources(spec)) spreadsheet.sheetById(range.sheetId).area(range);
}

function sources(json: unknown): sheets_v4.Schema$GridRange[] {
  if (Array.isArray(json)) return json.flatMap(sources);
  if (typeof json !== 'object' || json === null) return [];
  return Object.entries(json).flatMap(([name, value]) =>
    name === 'sources' ? (value as sheets_v4.Schema$GridRange[]) : sources(value),
  );
}
