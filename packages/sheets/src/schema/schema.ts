/** How a column is written, formatted and compared. `datetime` cells are given as unix seconds. */
export type ColumnKind = 'text' | 'status' | 'money' | 'integer' | 'number' | 'datetime';

/** One column of ours in a tab. `id` is what rows are keyed by and never changes; the user sees `header`. */
export interface Column {
  id: string;
  header: string;
  kind: ColumnKind;
  /** Pixels. */
  width: number;
  /** What it means and where it comes from; shown as the header's note. */
  note: string;
  /** Columns side by side with the same group can be collapsed together. */
  group?: string;
  /** What its header or its note said in earlier versions. */
  former?: readonly string[];
}

/** `null` leaves the cell as it is. */
export type Cell = string | number | boolean | null;

/** One row to upsert. Its key is the row's identity: written twice, it still stands once. */
export interface SheetRow {
  spreadsheetId: string;
  /** Name of its tab in the schema. */
  tab: string;
  key: string;
  /** An older version never overwrites a newer one, an equal one does. */
  version: number;
  /**
   * When the source was asked for it, unix ms; absent where it does not matter. Of one version, what was requested earlier
   * does not overwrite what any worker requested later.
   */
  requestedAt?: number | undefined;
  shopId: string;
  /** By column id. */
  cells: Record<string, Cell>;
  /** Cells that are written only when the row is new. */
  cellsIfNew?: Record<string, Cell>;
  /** The rows of another tab that belong to this one. */
  details?: DetailRows | undefined;
}

/** Rows whose keys are that of their main row and a part of their own, after a colon. */
export interface DetailRows {
  tab: string;
  /** All that the source has. */
  keys: readonly string[];
  /** Written into those that the sheet has beyond. */
  cellsIfGone: Record<string, Cell>;
}

/** The two technical columns that every tab has: the row's key and the version that was written. */
export const keyColumnId = 'row_key';
export const versionColumnId = 'row_version';

/** What one kind of tab holds. */
export interface TabSchema {
  /** 1 to 7, part of the tab's sheet id: never changed, never given to another tab. */
  number: number;
  /** The datetime column that holds the version of each row, where there is one. */
  versionDateColumnId?: string;
  /** In the order in which a new tab gets them. */
  columns: readonly Column[];
}

/** Background and text of cells with one of these values, as `#rrggbb`. */
export interface StatusColor {
  values: readonly string[];
  background: string;
  text: string;
}

/** The tables of a spreadsheet, and what of their contents the writer has to understand. */
export interface SheetSchema {
  /** Begins the keys of the developer metadata that we leave in the file. */
  namespace: string;
  /** By name; a tab gets its name for a title. */
  tabs: Readonly<Record<string, TabSchema>>;
  /** Whether a cell can be a key of ours; whatever else stands in the key column is the user's. */
  isKey: (text: string) => boolean;
  /** The datetime column that decides which period's tab a row goes to. */
  periodColumnId: string;
  /** The column that names the currency of a row's amounts. */
  currencyColumnId: string;
  decimalsOf: (currency: string) => number;
  /** Columns whose source hides their text some time later, and how that looks. */
  maskedColumnIds: readonly string[];
  isMasked: (text: string) => boolean;
  /** Of `status` columns. */
  statusColors: readonly StatusColor[];
}
