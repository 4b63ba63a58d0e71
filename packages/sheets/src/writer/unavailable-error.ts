import { KeyColumnMissingError } from '../index/key-column-missing-error.ts';
import { GoogleError, type GoogleErrorKind } from '../client/google-errors.ts';
import { SheetUnavailableError } from '../rows/sheet-row.ts';
import { LockLostError } from './lock-lost-error.ts';
import { defaultTimings, type WriterTimings } from '../rows/writer-timings.ts';

interface ErrorContext {
  /** The service account's. */
  email: string;
  spreadsheetId: string;
  timings?: Pick<WriterTimings, 'shortRetryMs' | 'longRetryMs'>;
}

/** Why the sheet cannot be written now, with what a person should do, where one can. */
export function toUnavailableError(
  error: unknown,
  { email, spreadsheetId, timings = defaultTimings }: ErrorContext,
): SheetUnavailableError {
  const { shortRetryMs, longRetryMs } = timings;
  if (error instanceof SheetUnavailableError) return error;
  if (error instanceof LockLostError) {
    return new SheetUnavailableError('another worker took over this spreadsheet', { retryAfterMs: 1000, cause: error });
  }
  if (error instanceof KeyColumnMissingError) {
    const action =
      `Restore the column “Row key” in the tab ${error.title} (Ctrl+Z, or File → Version history), or rename the tab: ` +
      'then a new one is created. Until then nothing is written.';
    return new SheetUnavailableError(error.message, { retryAfterMs: longRetryMs, action, cause: error });
  }
  if (!(error instanceof GoogleError)) {
    return new SheetUnavailableError('the sheet writer failed', { retryAfterMs: shortRetryMs, cause: error });
  }
  const passing = error.kind === 'unknown' || error.kind === 'unreachable';
  const action = actionFor(error, email, spreadsheetId);
  return new SheetUnavailableError(error.message, {
    retryAfterMs: passing ? shortRetryMs : longRetryMs,
    action,
    cause: error,
  });
}

/** What the operator must do; undefined when it passes by itself. */
function actionFor(error: GoogleError, email: string, spreadsheetId: string): string | undefined {
  const actions: Partial<Record<GoogleErrorKind, string>> = {
    permission: `Share the spreadsheet ${spreadsheetId} with ${email} as Editor.`,
    protected: `Remove the protection of the cells, or let ${email} edit them.`,
    'not-found': `There is no spreadsheet ${spreadsheetId}: check SPREADSHEET_ID, and share the spreadsheet with ${email} as Editor.`,
    disabled: 'Switch on the Google Sheets API in the Google Cloud project of the service account.',
    credentials: `Google does not accept the key of ${email}: check GOOGLE_CREDENTIALS_JSON and the clock of this machine.`,
    'not-a-sheet': `The file ${spreadsheetId} is an Excel file: open it, choose File → Save as Google Sheets, and use the new file’s id as SPREADSHEET_ID.`,
    'cells-full':
      'The spreadsheet has its 10 million cells: delete old rows or tabs, or set SHEETS_ROTATE and a new SPREADSHEET_ID.',
    'bad-request': 'Google rejects a valid request: please report it with the log line.',
  };
  return actions[error.kind];
}
