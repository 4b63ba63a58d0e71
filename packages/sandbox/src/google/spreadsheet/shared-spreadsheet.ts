import type { Spreadsheet } from './spreadsheet.ts';

export type Role = 'reader' | 'writer';

/**
 * What became of the file: in the trash it can still be read and written for 30 days; `deleted` for good is as if it had never been;
 * `xlsx` is an Excel file, which the browser edits and the API does not.
 */
export type FileState = 'there' | 'trash' | 'deleted' | 'xlsx';

/** A spreadsheet with the accounts that it is shared with. */
export interface SharedSpreadsheet {
  spreadsheet: Spreadsheet;
  roles: Map<string, Role>;
  file: FileState;
}
