import type { sheets_v4 } from '@googleapis/sheets';
import type { Formula } from './cell.ts';
import { canonicalFormula, isFormulaReadable } from './formula.ts';
import { parseA1, type OpenArea } from './a1.ts';
import { invalidArgument } from './api-error.ts';
import { emptySheetFields, Sheet, type SheetFields } from './sheet.ts';

/** Blank cells count: rows times columns of all tabs. */
export const maxCells = 10_000_000;
export const maxCellCharacters = 50_000;
export const maxColumns = 18_278;

/** A range of a tab. */
export interface Located {
  sheet: Sheet;
  range: OpenArea;
}

/** What a spreadsheet has beside its tabs. Replaced, never changed in place. */
export interface SpreadsheetFields {
  properties: sheets_v4.Schema$SpreadsheetProperties;
  namedRanges: sheets_v4.Schema$NamedRange[];
  /** All pieces, those on rows and columns included; where a row or column stands is asked of the grid. */
  metadata: sheets_v4.Schema$DeveloperMetadata[];
}

/** One spreadsheet. Changes made inside `atomically` are undone when one of them fails. */
export class Spreadsheet {
  readonly id: string;
  sheets: Sheet[] = [];
  fields: SpreadsheetFields;
  /** Ids of sheets, charts, bands and the like are given from here; a spreadsheet never gives one twice. */
  nextId = 1;
  #undos: (() => void)[] | undefined;

  constructor(id: string, properties: sheets_v4.Schema$SpreadsheetProperties) {
    this.id = id;
    this.fields = { properties, namedRanges: [], metadata: [] };
  }

  readonly record = (undo: () => void): void => {
    this.#undos?.push(undo);
  };

  /** Runs the changes; if they throw, everything that they did is taken back. */
  atomically<T>(change: () => T): T {
    const undos: (() => void)[] = [];
    this.#undos = undos;
    try {
      return change();
    } catch (error) {
      this.#undos = undefined;
      for (const undo of undos.toReversed()) undo();
      throw error;
    } finally {
      this.#undos = undefined;
    }
  }

  set(change: Partial<SpreadsheetFields>): void {
    const before = this.fields;
    this.record(() => void (this.fields = before));
    this.fields = { ...before, ...change };
  }

  /** Puts the tabs into this order, new ones and missing ones included. */
  arrange(sheets: Sheet[]): void {
    const before = this.sheets;
    this.record(() => void (this.sheets = before));
    this.sheets = sheets;
  }

  addSheet(made: {
    id?: number;
    index?: number;
    rowCount: number;
    columnCount: number;
    fields: Partial<SheetFields> & { title: string };
  }): Sheet {
    const { id, index = this.sheets.length, rowCount, columnCount } = made;
    if (columnCount > maxColumns)
      throw invalidArgument(`This action would increase the number of columns above ${maxColumns}.`);
    this.reserve(rowCount * columnCount);
    const fields = { ...emptySheetFields, ...made.fields };
    const size = { rowCount, columnCount };
    const readFormula = (text: string) => this.#readFormula(text);
    const sheet = new Sheet({ id: id ?? this.newId(), fields, size, readFormula }, this.record);
    this.arrange(this.sheets.toSpliced(index, 0, sheet));
    return sheet;
  }

  /** An id that nothing in this spreadsheet has. */
  newId(): number {
    // Google's are random; these look alike and are the same in every run.
    do this.nextId = (this.nextId * 48_271) % 2_147_483_647;
    while (this.#isTaken(this.nextId));
    return this.nextId;
  }

  get cellCount(): number {
    return this.sheets.reduce((sum, { grid }) => sum + grid.rowCount * grid.columnCount, 0);
  }

  /** Throws the 400 of a workbook that would grow past its limit. */
  reserve(cells: number): void {
    if (this.cellCount + cells > maxCells)
      throw invalidArgument(
        `This action would increase the number of cells in the workbook above the limit of ${maxCells} cells.`,
      );
  }

  sheetById(id: number | null | undefined, what = 'grid'): Sheet {
    const sheet = this.sheets.find((one) => one.id === (id ?? 0));
    if (sheet === undefined) throw invalidArgument(`No ${what} with id: ${id ?? 0}`);
    return sheet;
  }

  /** Google does not tell capitals from small letters in titles. */
  sheetByTitle(title: string): Sheet | undefined {
    return this.sheets.find((sheet) => sheet.title.toLowerCase() === title.toLowerCase());
  }

  /**
   * Reads A1 notation or the name of a named range; a range without a title is on the first visible tab. Throws the 400 with which
   * Google answers for a tab that is not there.
   */
  locate(text: string): Located {
    const named = this.fields.namedRanges.find(({ name }) => name?.toLowerCase() === text.toLowerCase());
    if (named?.range !== undefined) return this.locateGridRange(named.range);
    const { title, ...range } = parseA1(text);
    const sheet = title === undefined ? this.sheets.find(({ fields }) => !fields.hidden) : this.sheetByTitle(title);
    if (sheet === undefined) throw invalidArgument(`Unable to parse range: ${text}`);
    return { sheet, range };
  }

  /** A GridRange with its tab; what it leaves open stays open. */
  locateGridRange(range: sheets_v4.Schema$GridRange): Located {
    const open: OpenArea = {
      startRow: range.startRowIndex ?? undefined,
      endRow: range.endRowIndex ?? undefined,
      startColumn: range.startColumnIndex ?? undefined,
      endColumn: range.endColumnIndex ?? undefined,
    };
    return { sheet: this.sheetById(range.sheetId), range: open };
  }

  #readFormula(text: string): Formula {
    const isReadable = isFormulaReadable(text, this.fields.properties.locale ?? 'en_US');
    if (!isReadable) return { formula: text, isUnreadable: true };
    return {
      formula: canonicalFormula(
        text,
        this.sheets.map(({ title }) => title),
      ),
    };
  }

  #isTaken(id: number): boolean {
    return (
      this.sheets.some((sheet) => sheet.id === id) || this.fields.metadata.some(({ metadataId }) => metadataId === id)
    );
  }
}
