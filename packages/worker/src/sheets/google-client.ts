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

/**
 * A healthy call takes about a second. Waiting all of Google's 180 s would hold up every order for a request that hangs;
 * so we give up earlier and look again, once those are over, at what was written.
 */
const defaultTimeoutMs = 60_000;

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
  readonly #options: GoogleClientOptions;
  readonly #stop = new AbortController();
  #session: Session;

  constructor(options: GoogleClientOptions) {
    this.email = options.account.email;
    this.#options = options;
    this.#session = newSession(options);
  }

  /** `beforeWrite` is asked right before a request that changes something is sent; if it rejects, nothing is sent. */
  open(spreadsheetId: string, beforeWrite: () => Promise<void> = () => Promise.resolve()): SpreadsheetClient {
    return {
      get: (fields) =>
        this.#call('get', ({ spreadsheets }, options) => spreadsheets.get({ spreadsheetId, fields }, options)),
      read: async (ranges, majorDimension = 'ROWS') => {
        // A POST, because hundreds of ranges do not fit into an address.
        const dataFilters = ranges.map((a1Range) => ({ a1Range }));
        const requestBody = { dataFilters, majorDimension, ...unformatted };
        const answer = await this.#call('read', ({ spreadsheets }, options) =>
          spreadsheets.values.batchGetByDataFilter({ spreadsheetId, requestBody }, options),
        );
        return (answer.valueRanges ?? []).map(valuesOf);
      },
      write: async (data) => {
        const requestBody = { valueInputOption: 'RAW', data };
        const fields = 'totalUpdatedCells';
        await this.#call(
          'write',
          ({ spreadsheets }, options) =>
            spreadsheets.values.batchUpdate({ spreadsheetId, requestBody, fields }, options),
          beforeWrite,
        );
      },
      change: async (requests) => {
        const requestBody = { requests };
        const fields = 'spreadsheetId';
        await this.#call(
          'change',
          ({ spreadsheets }, options) => spreadsheets.batchUpdate({ spreadsheetId, requestBody, fields }, options),
          beforeWrite,
        );
      },
    };
  }

  /** Gives up every request that is under way; each rejects, its outcome unknown. */
  abandon(): void {
    this.#stop.abort();
  }

  /** Sends a request; once more with a new access token when Google does not accept the one it had. */
  async #call<T>(method: CallInfo['method'], send: Send<T>, before?: () => Promise<void>): Promise<T> {
    const session = this.#session;
    try {
      return await this.#try(method, send, before);
    } catch (error) {
      // Nothing was applied. The token may have been revoked, or this machine's clock may be behind.
      const refused = error instanceof GoogleError && error.kind === 'credentials' && error.status === 401;
      if (!refused || session.token === undefined) throw error;
      if (this.#session === session) this.#session = newSession(this.#options);
      return this.#try(method, send, before);
    }
  }

  async #try<T>(method: CallInfo['method'], send: Send<T>, before?: () => Promise<void>): Promise<T> {
    const { quota, onCall } = this.#options;
    const { signal } = this.#stop;
    const session = this.#session;
    const kind = method === 'get' || method === 'read' ? 'read' : 'write';
    await quota.take(kind, signal);
    const began = performance.now();
    const failed = (error: GoogleError) => {
      onCall?.({ method, ms: performance.now() - began, error });
      return error;
    };
    try {
      // Apart from the call, so that its failure is never taken for a write of unknown outcome.
      session.token = (await session.auth.getAccessToken()).token ?? undefined;
    } catch (thrown) {
      throw failed(tokenFailure(thrown));
    }
    await before?.();
    try {
      const { data } = await send(session.api, { signal });
      onCall?.({ method, ms: performance.now() - began });
      return data;
    } catch (thrown) {
      // The library's error holds the request with the buyers' data: it ends here and is no cause of ours.
      const error = failed(classifyFailure(failureOf(thrown)));
      if (error.kind === 'quota') await quota.pause(kind, untilNextMinute());
      throw error;
    }
  }
}

/** The library's client and the access token that it has. */
interface Session {
  auth: JWT;
  api: sheets_v4.Sheets;
  token: string | undefined;
}

type Send<T> = (api: sheets_v4.Sheets, options: { signal: AbortSignal }) => Promise<{ data: T }>;

/** Node's own fetch: the library's throws an error that nobody can catch when a request is given up before it was sent. */
const fetchImplementation = globalThis.fetch;

function newSession({ account, rootUrl, tokenUrl, timeoutMs }: GoogleClientOptions): Session {
  const auth = new JWT({
    email: account.email,
    key: account.privateKey,
    scopes: [scope],
    transporterOptions: { timeout: 30_000, fetchImplementation },
  });
  sendTokenRequestsTo(tokenUrl, auth);
  const api = sheets({
    version: 'v4',
    auth,
    // The library's own retries know nothing of quotas, and would send a write again whose outcome is unknown.
    retry: false,
    fetchImplementation,
    timeout: timeoutMs ?? defaultTimeoutMs,
    ...(rootUrl === undefined ? {} : { rootUrl }),
  });
  return { auth, api, token: undefined };
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
