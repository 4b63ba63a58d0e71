import type { Spreadsheet } from '../spreadsheet/spreadsheet.ts';

export type Role = 'reader' | 'writer';

/** A spreadsheet with the accounts that it is shared with. */
export interface SharedSpreadsheet {
  spreadsheet: Spreadsheet;
  roles: Map<string, Role>;
}
