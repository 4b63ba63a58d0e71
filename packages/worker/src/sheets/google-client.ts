import { sheets, type sheets_v4 } from '@googleapis/sheets';
import { GaxiosError } from 'gaxios';
import { JWT } from 'google-auth-library';
import { startOfA1 } from './a1.ts';
import type { ServiceAccount } from './credentials.ts';
import { classifyFailure, GoogleError } from './google-errors.ts';
import type { Quota } from './quota.ts';

export type SheetsRequest = sheets_v4.Schema$Request;
export type Spreadsheet = sheets_v4.Schema$Spreadsheet;
export type CellValue = string | number | boolean | null;

/** A block of values to write or that was read; rows from 1, columns from 0. */
export interface Values {
  title: string;
  row: number;
  column: number;
  values: CellValue[][];
}

export interface CallInfo {
  method: 'get' | 'read' | 'write' | 'change';
  ms: number;
  error?: GoogleError;
}

export interface GoogleClientOptions {
  account: ServiceAccount;
  quota: Quota;
  /** Root of the Sheets API, with its last slash; Google's own when left out. */
  rootUrl?: string | undefined;
  /** Where access tokens come from; Google's own when left out. */
  tokenUrl?: string | undefined;
  timeoutMs?: number | undefined;
  onCall?: ((info: CallInfo) => void) | undefined;
}

const scope = 'https://www.googleapis.com/auth/spreadsheets';
const googleTokenUrl = 'https://oauth2.googleapis.com/token';

/** Google ends a request after 180 s (Sheets API, usage limits): what has no answer by then has failed. */
export const serverTimeoutMs = 180_000;

/** One spreadsheet: the four calls of the Sheets API that we make. Each takes from the quota first and fails with a GoogleError only. */
export interface SpreadsheetClient {
  /** The spreadsheet without its cells; `fields` is a field mask. */
  get(fields: string): Promise<Spreadsheet>;
  /**
   * Reads many ranges (A1 notation) in one request. Numbers come as numbers and dates as serial numbers, whatever the
   * sheet's language. Blocks come in no promised order and without their empty last rows and cells.
   */
  read(ranges: readonly string[], majorDimension?: 'ROWS' | 'COLUMNS'): Promise<Values[]>;
  /** Writes values as they are (RAW: a text that begins with `=` stays text) in one request; `null` skips a cell. */
  write(data: { range: string; values: CellValue[][] }[]): Promise<void>;
  /** Changes tabs, rows, formats: all of the requests or none. */
  change(requests: SheetsRequest[]): Promise<void>;
}

/** Google Sheets in the name of one service account. */
export class GoogleClient {
  readonly email: string;
  readonly #api: sheets_v4.Sheets;
  readonly #auth: JWT;
  readonly #quota: Quota;
  readonly #onCall: ((info: CallInfo) => void) | undefined;
  readonly #stop = new AbortController();

  constructor(options: GoogleClientOptions) {
    this.email = options.account.email;
    this.#quota = options.quota;
    this.#onCall = options.onCall;
    this.#auth = new JWT({
      email: options.account.email,
      key: options.account.privateKey,
      scopes: [scope],
      transporterOptions: { timeout: 30_000 },
    });
    sendTokenRequestsTo(options.tokenUrl, this.#auth);
    this.#api = sheets({
      version: 'v4',
      auth: this.#auth,
      // The library's own retries know nothing of quotas, and would send a write again whose outcome is unknown.
      retry: false,
      timeout: options.timeoutMs ?? serverTimeoutMs + 20_000,
      ...(options.rootUrl === undefined ? {} : { rootUrl: options.rootUrl }),
    });
  }

  /** `beforeWrite` is asked right before a request that changes something is sent; if it rejects, nothing is sent. */
  open(spreadsheetId: string, beforeWrite: () => Promise<void> = () => Promise.resolve()): SpreadsheetClient {
    const { spreadsheets } = this.#api;
    return {
      get: (fields) => this.#call('get', (options) => spreadsheets.get({ spreadsheetId, fields }, options)),
      read: async (ranges, majorDimension = 'ROWS') => {
        // A POST, because hundreds of ranges do not fit into an address.
        const dataFilters = ranges.map((a1Range) => ({ a1Range }));
        const requestBody = { dataFilters, majorDimension, ...unformatted };
        const answer = await this.#call('read', (options) =>
          spreadsheets.values.batchGetByDataFilter({ spreadsheetId, requestBody }, options),
        );
        return (answer.valueRanges ?? []).map(valuesOf);
      },
      write: async (data) => {
        const requestBody = { valueInputOption: 'RAW', data };
        const fields = 'totalUpdatedCells';
        await this.#call(
          'write',
          (options) => spreadsheets.values.batchUpdate({ spreadsheetId, requestBody, fields }, options),
          beforeWrite,
        );
      },
      change: async (requests) => {
        const requestBody = { requests };
        const fields = 'spreadsheetId';
        await this.#call(
          'change',
          (options) => spreadsheets.batchUpdate({ spreadsheetId, requestBody, fields }, options),
          beforeWrite,
        );
      },
    };
  }

  /** Gives up every request that is under way; each rejects, its outcome unknown. */
  abandon(): void {
    this.#stop.abort();
  }

  async #call<T>(
    method: CallInfo['method'],
    send: (options: { signal: AbortSignal }) => Promise<{ data: T }>,
    before?: () => Promise<void>,
  ): Promise<T> {
    const { signal } = this.#stop;
    const kind = method === 'get' || method === 'read' ? 'read' : 'write';
    await this.#quota.take(kind, signal);
    const began = performance.now();
    const report = (error?: GoogleError) =>
      this.#onCall?.({ method, ms: performance.now() - began, ...(error === undefined ? {} : { error }) });
    try {
      // Apart from the call, so that its failure is never taken for a write of unknown outcome.
      await this.#auth.getAccessToken();
    } catch (thrown) {
      const error = tokenFailure(thrown);
      report(error);
      throw error;
    }
    await before?.();
    try {
      const { data } = await send({ signal });
      report();
      return data;
    } catch (thrown) {
      // The library's error holds the request with the buyers' data: it ends here and is no cause of ours.
      const error = classifyFailure(failureOf(thrown));
      report(error);
      if (error.kind === 'quota') await this.#quota.pause(kind, untilNextMinute());
      throw error;
    }
  }
}

/** "After 1 minute, you can execute requests again" (Sheets API, usage limits); jitter, for others wait too. */
function untilNextMinute(): number {
  return 60_000 - (Date.now() % 60_000) + 500 + Math.random() * 2500;
}

const unformatted = { valueRenderOption: 'UNFORMATTED_VALUE', dateTimeRenderOption: 'SERIAL_NUMBER' };

function valuesOf({ valueRange }: sheets_v4.Schema$MatchedValueRange): Values {
  const { title, row, column } = startOfA1(valueRange?.range ?? '');
  return { title, row, column, values: (valueRange?.values ?? []) as CellValue[][] };
}

function tokenFailure(thrown: unknown): GoogleError {
  const { status, body } = failureOf(thrown);
  if (status !== undefined && status < 500 && status !== 429) {
    return new GoogleError('credentials', `Google refuses the service account: ${tokenErrorOf(body)}`, { status });
  }
  // A key that cannot be read fails before anything is sent.
  if (thrown instanceof Error && !(thrown instanceof GaxiosError)) {
    return new GoogleError('credentials', 'the private key of the service account cannot be used');
  }
  return new GoogleError('unreachable', 'no access token from Google', { status });
}

/** The library asks a fixed address for tokens; this sends those requests elsewhere. */
function sendTokenRequestsTo(tokenUrl: string | undefined, auth: JWT): void {
  if (tokenUrl === undefined) return;
  auth.transporter.interceptors.request.add({
    resolved: (config) => {
      if (config.url.href === googleTokenUrl) config.url = new URL(tokenUrl);
      return Promise.resolve(config);
    },
  });
}

function failureOf(thrown: unknown): { status?: number | undefined; body?: unknown; code?: string | undefined } {
  if (!(thrown instanceof GaxiosError)) {
    return { code: thrown instanceof Error ? thrown.name : undefined };
  }
  const status = thrown.response?.status;
  const body: unknown = thrown.response?.data;
  return { status, body, code: codeOf(thrown) };
}

/** `ECONNREFUSED` and the like, which may lie a few causes deep. */
function codeOf(error: Error): string | undefined {
  for (let at: unknown = error; at instanceof Error; at = at.cause) {
    if ('code' in at && typeof at.code === 'string') return at.code;
  }
  return undefined;
}

function tokenErrorOf(body: unknown): string {
  if (typeof body !== 'object' || body === null) return 'no reason given';
  const error = 'error' in body && typeof body.error === 'string' ? body.error : '';
  const description =
    'error_description' in body && typeof body.error_description === 'string' ? body.error_description : '';
  return [error, description].filter(Boolean).join(': ') || 'no reason given';
}
