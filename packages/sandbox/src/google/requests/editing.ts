import type { sheets_v4 } from '@googleapis/sheets';
import type { Spreadsheet } from '../spreadsheet/spreadsheet.ts';

/** Who changes what. */
export interface Editing {
  spreadsheet: Spreadsheet;
  /** The caller's e-mail, for protected ranges. */
  user: string;
}

export type Reply = sheets_v4.Schema$Response;

type Request = sheets_v4.Schema$Request;

/** The requests of a spreadsheets.batchUpdate by name; a handler without a response replies `{}`. */
export type Requests = {
  [Kind in keyof Request]?: (editing: Editing, request: NonNullable<Request[Kind]>) => Reply | undefined;
};
