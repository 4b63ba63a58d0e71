import type { sheets_v4 } from '@googleapis/sheets';

/** A formula; the fake keeps its text and does not calculate it. */
export interface Formula {
  formula: string;
  /** Google cannot parse it: the cell shows `#ERROR!`. */
  isUnreadable?: true;
}

export type CellValue = string | number | boolean | Formula;

export type CellFormat = sheets_v4.Schema$CellFormat;

/** What a cell has beside its value. */
export interface CellExtra {
  format?: CellFormat | undefined;
  note?: string | undefined;
  validation?: sheets_v4.Schema$DataValidationRule | undefined;
}

export interface Row {
  /** A hole is a blank cell. */
  cells: (CellValue | undefined)[];
  /** By column; absent as long as no cell of the row has any. */
  extras?: Map<number, CellExtra> | undefined;
  hidden?: boolean | undefined;
  pixelSize?: number | undefined;
  metadata?: number[] | undefined;
}

/** A format of a stretch of rows in one column; of two that overlap the later one in the list wins. */
export interface ColumnFormat {
  startRow: number;
  /** Infinity: as far as the sheet goes, rows still to come included. */
  endRow: number;
  format: CellFormat;
}

export interface Column {
  formats: ColumnFormat[];
  hidden?: boolean | undefined;
  pixelSize?: number | undefined;
  metadata?: number[] | undefined;
}

export function isFormula(value: CellValue | undefined): value is Formula {
  return typeof value === 'object';
}
