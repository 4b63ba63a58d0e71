import type { sheets_v4 } from '@googleapis/sheets';
import { formatA1, type Area } from './a1.ts';
import { invalidArgument } from './api-error.ts';
import type { Formula } from './cell.ts';
import { Grid, type RecordUndo } from './grid.ts';

/** What lies on a sheet beside its cells. Never changed in place: `Sheet.set` replaces a field, and can undo it. */
export interface SheetFields {
  title: string;
  hidden: boolean;
  /** Frozen rows and columns, tab color and what else of the properties is not kept elsewhere. */
  properties: sheets_v4.Schema$SheetProperties;
  basicFilter: sheets_v4.Schema$BasicFilter | undefined;
  bandedRanges: sheets_v4.Schema$BandedRange[];
  conditionalFormats: sheets_v4.Schema$ConditionalFormatRule[];
  protectedRanges: sheets_v4.Schema$ProtectedRange[];
  charts: sheets_v4.Schema$EmbeddedChart[];
  filterViews: sheets_v4.Schema$FilterView[];
  merges: sheets_v4.Schema$GridRange[];
  validations: sheets_v4.Schema$SetDataValidationRequest[];
  rowGroups: sheets_v4.Schema$DimensionGroup[];
  columnGroups: sheets_v4.Schema$DimensionGroup[];
}

export const emptySheetFields: Omit<SheetFields, 'title'> = {
  hidden: false,
  properties: {},
  basicFilter: undefined,
  bandedRanges: [],
  conditionalFormats: [],
  protectedRanges: [],
  charts: [],
  filterViews: [],
  merges: [],
  validations: [],
  rowGroups: [],
  columnGroups: [],
};

/** One tab. */
export class Sheet {
  readonly id: number;
  readonly grid: Grid;
  fields: SheetFields;
  /** Reads a formula as the spreadsheet's locale and tabs have it. */
  readonly readFormula: (text: string) => Formula;
  readonly #record: RecordUndo;

  constructor(
    made: {
      id: number;
      fields: SheetFields;
      size: { rowCount: number; columnCount: number };
      readFormula: (text: string) => Formula;
    },
    record: RecordUndo,
  ) {
    this.id = made.id;
    this.fields = made.fields;
    this.readFormula = made.readFormula;
    this.grid = new Grid(made.size, record);
    this.#record = record;
  }

  get title(): string {
    return this.fields.title;
  }

  set(change: Partial<SheetFields>): void {
    const before = this.fields;
    this.#record(() => void (this.fields = before));
    this.fields = { ...before, ...change };
  }

  /** A GridRange as a rectangle of this sheet; throws the 400 of one that reaches past the grid or is empty. */
  area(range: sheets_v4.Schema$GridRange): Area {
    const { rowCount, columnCount } = this.grid;
    const area: Area = {
      startRow: range.startRowIndex ?? 0,
      endRow: range.endRowIndex ?? rowCount,
      startColumn: range.startColumnIndex ?? 0,
      endColumn: range.endColumnIndex ?? columnCount,
    };
    if (area.startRow < 0 || area.startColumn < 0 || area.endRow < area.startRow || area.endColumn < area.startColumn)
      throw invalidArgument(`Invalid range: ${JSON.stringify(range)}`);
    if (
      area.endRow > rowCount ||
      area.endColumn > columnCount ||
      area.startRow >= rowCount ||
      area.startColumn >= columnCount
    )
      throw this.gridLimitError(area);
    return area;
  }

  /** The 400 of a range that does not fit into the grid. */
  gridLimitError(area: Area): Error {
    const { rowCount, columnCount } = this.grid;
    const range = formatA1(this.title, area);
    return invalidArgument(`Range (${range}) exceeds grid limits. Max rows: ${rowCount}, max columns: ${columnCount}`);
  }
}
