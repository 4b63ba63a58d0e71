import { sheets, type sheets_v4 } from '@googleapis/sheets';
import { GaxiosError } from 'gaxios';
import { JWT } from 'google-auth-library';
import { parseRangeStart } from './a1.ts';
import { type ServiceAccount, systemClock } from '@shopee-webhook/runtime';
import { classifyFailure, GoogleError } from './google-errors.ts';
import { BackgroundQuota, type Quota, type QuotaKind } from './quota.ts';

export type SheetsRequest = sheets_v4.Schema$Request;
export type Spreadsheet = sheets_v4.Schema$Spreadsheet;
export type CellValue = string | number | boolean | null;

/** A block of values to write or that was read; rows from 1, columns from 0. */
export interface ValueBlock {
  title: string;
  row: number;
  column: number;
  values: CellValue[][];
}

/** A piece of developer metadata on one row or column. */
export interface DimensionTag {
  key: string;
  value: string;
  sheetId: number;
  dimension: 'ROWS' | 'COLUMNS';
  /** From 0. */
  index: number;
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

/** Google ends a request after 180 s (Sheets API, usage limits): what has no response by then has failed. */
export const serverTimeoutMs = 180_000;

/**
 * A healthy call takes about a second. Waiting all of Google's 180 s would delay every row for a request that hangs;
 * so we time out earlier and verify, once those are over, what was written.
 */
const defaultTimeoutMs = 60_000;

const maxQuotaBackoffMs = 64_000;

/** One spreadsheet: the calls of the Sheets API that we make. Each acquires quota first and fails with a GoogleError only. */
export interface SpreadsheetClient {
  /** The spreadsheet as far as the field mask `fields` goes; of its cells, only those in `ranges`. */
  getSpreadsheet(fields: string, ranges?: readonly string[]): Promise<Spreadsheet>;
  /** Every piece of developer metadata with one of these keys that is on a row or a column. */
  findMetadata(keys: readonly string[]): Promise<DimensionTag[]>;
  /**
   * Reads many ranges (A1 notation) in one request. Numbers come as numbers and dates as serial numbers, whatever the
   * sheet's language. Blocks come in no promised order and without their empty last rows and cells.
   */
  readRanges(ranges: readonly string[], majorDimension?: 'ROWS' | 'COLUMNS'): Promise<ValueBlock[]>;
  /** Writes values as they are (RAW: a text that begins with `=` stays text) in one request; `null` skips a cell. */
  writeRanges(data: { range: string; values: CellValue[][] }[]): Promise<void>;
  /** Changes tabs, rows, formats: all of the requests or none. */
  batchUpdate(requests: SheetsRequest[]): Promise<void>;
}

/** Google Sheets as one service account. */
export class GoogleClient {
  readonly email: string;
  readonly #options: GoogleClientOptions;
  readonly #stop = new AbortController();
  #session: GoogleSession;
  /** Since the last request of the kind that was within the quota. */
  readonly #quotaErrors: Record<QuotaKind, number> = { read: 0, write: 0 };

  constructor(options: GoogleClientOptions) {
    this.email = options.account.email;
    this.#options = options;
    this.#session = createSession(options);
  }

  /** `beforeWrite` is called right before a request that changes something is sent; if it rejects, nothing is sent. */
  open(spreadsheetId: string, beforeWrite?: () => Promise<void>): SpreadsheetClient {
    return this.#open(spreadsheetId, this.#options.quota, beforeWrite);
  }

  /** The same spreadsheets for background work, which yields to everything else. */
  inBackground(): Pick<GoogleClient, 'open'> {
    const quota = new BackgroundQuota(this.#options.quota);
    return { open: (spreadsheetId, beforeWrite) => this.#open(spreadsheetId, quota, beforeWrite) };
  }

  #open(spreadsheetId: string, quota: Quota, beforeWrite?: () => Promise<void>): SpreadsheetClient {
    const call = <T>(method: CallInfo['method'], send: Send<T>, before?: () => Promise<void>) =>
      this.#callWithValidToken({ method, send, before, quota });
    return {
      getSpreadsheet: (fields, ranges = []) =>
        call('get', ({ spreadsheets }, options) =>
          spreadsheets.get({ spreadsheetId, fields, ranges: [...ranges] }, options),
        ),
      findMetadata: async (keys) => {
        const dataFilters = keys.map((metadataKey) => ({ developerMetadataLookup: { metadataKey } }));
        const response = await call('read', ({ spreadsheets }, options) =>
          spreadsheets.developerMetadata.search({ spreadsheetId, requestBody: { dataFilters } }, options),
        );
        return (response.matchedDeveloperMetadata ?? []).flatMap(({ developerMetadata }) =>
          toDimensionTags(developerMetadata),
        );
      },
      readRanges: async (ranges, majorDimension = 'ROWS') => {
        // A POST, because hundreds of ranges do not fit into an address.
        const dataFilters = ranges.map((a1Range) => ({ a1Range }));
        const requestBody = { dataFilters, majorDimension, ...unformatted };
        const response = await call('read', ({ spreadsheets }, options) =>
          spreadsheets.values.batchGetByDataFilter({ spreadsheetId, requestBody }, options),
        );
        // Google responds in an order of its own, and once for a range that is in the request twice.
        const byRange = new Map(
          (response.valueRanges ?? []).flatMap((matched) =>
            (matched.dataFilters ?? []).map(({ a1Range }) => [a1Range, matched] as const),
          ),
        );
        return ranges.flatMap((range) => {
          const matched = byRange.get(range);
          return matched === undefined ? [] : [toValueBlock(matched)];
        });
      },
      writeRanges: async (data) => {
        const requestBody = { valueInputOption: 'RAW', data };
        const fields = 'totalUpdatedCells';
        await call(
          'write',
          ({ spreadsheets }, options) =>
            spreadsheets.values.batchUpdate({ spreadsheetId, requestBody, fields }, options),
          beforeWrite,
        );
      },
      batchUpdate: async (requests) => {
        const requestBody = { requests };
        const fields = 'spreadsheetId';
        await call(
          'change',
          ({ spreadsheets }, options) => spreadsheets.batchUpdate({ spreadsheetId, requestBody, fields }, options),
          beforeWrite,
        );
      },
    };
  }

  /** Aborts every request in flight; each rejects, its outcome unknown. */
  forceStop(): void {
    this.#stop.abort();
  }

  /** Sends a request; once more with a new access token when Google rejects the one it had. */
  async #callWithValidToken<T>(call: Call<T>): Promise<T> {
    const session = this.#session;
    try {
      return await this.#sendOnce(call);
    } catch (error) {
      // Nothing was applied. The token may have been revoked, or this machine's clock may be behind.
      const isRejected = error instanceof GoogleError && error.kind === 'credentials' && error.status === 401;
      if (!isRejected || session.token === undefined) throw error;
      if (this.#session === session) this.#session = createSession(this.#options);
      return this.#sendOnce(call);
    }
  }

  async #sendOnce<T>({ method, send, before, quota }: Call<T>): Promise<T> {
    const { onCall } = this.#options;
    const { signal } = this.#stop;
    const session = this.#session;
    const kind = method === 'get' || method === 'read' ? 'read' : 'write';
    await quota.acquire(kind, signal);
    const began = systemClock.monotonicMs();
    const failed = (error: GoogleError) => {
      onCall?.({ method, ms: systemClock.monotonicMs() - began, error });
      return error;
    };
    try {
      // Apart from the call, so that its failure never counts as a write in doubt.
      session.token = (await session.auth.getAccessToken()).token ?? undefined;
    } catch (thrown) {
      throw failed(toTokenError(thrown));
    }
    await before?.();
    try {
      const { data } = await send(session.api, { signal });
      this.#quotaErrors[kind] = 0;
      onCall?.({ method, ms: systemClock.monotonicMs() - began });
      return data;
    } catch (thrown) {
      // The library's error holds the request with the cells' data: it ends here and is no cause of ours.
      const error = failed(classifyFailure(toFailure(thrown)));
      if (error.kind === 'quota') await quota.pause(kind, this.#quotaBackoff(kind));
      throw error;
    }
  }

  /** Truncated exponential backoff from about 2 s, as Google advises for a 429; jitter, for others wait too. */
  #quotaBackoff(kind: QuotaKind): number {
    this.#quotaErrors[kind] += 1;
    return Math.min(2000 * 2 ** (this.#quotaErrors[kind] - 1), maxQuotaBackoffMs) * (0.75 + Math.random() / 2);
  }
}

/** The library's client and its access token. */
interface GoogleSession {
  auth: JWT;
  api: sheets_v4.Sheets;
  token: string | undefined;
}

interface Call<T> {
  method: CallInfo['method'];
  send: Send<T>;
  before: (() => Promise<void>) | undefined;
  quota: Quota;
}

type Send<T> = (api: sheets_v4.Sheets, options: { signal: AbortSignal }) => Promise<{ data: T }>;

/** Node's own fetch: the library's throws an error that nobody can catch when a request is aborted before it was sent. */
const fetchImplementation = globalThis.fetch;

function createSession({ account, rootUrl, tokenUrl, timeoutMs }: GoogleClientOptions): GoogleSession {
  const auth = new JWT({
    email: account.email,
    key: account.privateKey,
    scopes: [scope],
    transporterOptions: { timeout: 30_000, fetchImplementation },
  });
  redirectTokenRequests(tokenUrl, auth);
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

const unformatted = { valueRenderOption: 'UNFORMATTED_VALUE', dateTimeRenderOption: 'SERIAL_NUMBER' };

function toDimensionTags(metadata: sheets_v4.Schema$DeveloperMetadata = {}): DimensionTag[] {
  const { sheetId, dimension, startIndex } = metadata.location?.dimensionRange ?? {};
  if (dimension !== 'ROWS' && dimension !== 'COLUMNS') return [];
  const { metadataKey, metadataValue } = metadata;
  // A first row, column or tab is left out, as proto JSON leaves out zeros.
  return [
    { key: metadataKey ?? '', value: metadataValue ?? '', sheetId: sheetId ?? 0, dimension, index: startIndex ?? 0 },
  ];
}

function toValueBlock({ valueRange }: sheets_v4.Schema$MatchedValueRange): ValueBlock {
  const { title, row, column } = parseRangeStart(valueRange?.range ?? '');
  return { title, row, column, values: (valueRange?.values ?? []) as CellValue[][] };
}

function toTokenError(thrown: unknown): GoogleError {
  const { status, body } = toFailure(thrown);
  if (status !== undefined && status < 500 && status !== 429) {
    return new GoogleError('credentials', `Google rejects the service account: ${tokenErrorText(body)}`, { status });
  }
  // A key that cannot be read fails before anything is sent.
  if (thrown instanceof Error && !(thrown instanceof GaxiosError)) {
    return new GoogleError('credentials', 'the private key of the service account cannot be used');
  }
  return new GoogleError('unreachable', 'no access token from Google', { status });
}

/** The library requests tokens from a fixed URL; this redirects those requests. */
function redirectTokenRequests(tokenUrl: string | undefined, auth: JWT): void {
  if (tokenUrl === undefined) return;
  auth.transporter.interceptors.request.add({
    resolved: (config) => {
      if (config.url.href === googleTokenUrl) config.url = new URL(tokenUrl);
      return Promise.resolve(config);
    },
  });
}

function toFailure(thrown: unknown): { status?: number | undefined; body?: unknown; code?: string | undefined } {
  if (!(thrown instanceof GaxiosError)) {
    return { code: thrown instanceof Error ? thrown.name : undefined };
  }
  const status = thrown.response?.status;
  const body: unknown = thrown.response?.data;
  return { status, body, code: errorCode(thrown) };
}

/** `ECONNREFUSED` and the like, which may lie a few causes deep. */
function errorCode(error: Error): string | undefined {
  for (let at: unknown = error; at instanceof Error; at = at.cause) {
    if ('code' in at && typeof at.code === 'string') return at.code;
  }
  return undefined;
}

function tokenErrorText(body: unknown): string {
  if (typeof body !== 'object' || body === null) return 'no reason given';
  const error = 'error' in body && typeof body.error === 'string' ? body.error : '';
  const description =
    'error_description' in body && typeof body.error_description === 'string' ? body.error_description : '';
  return [error, description].filter(Boolean).join(': ') || 'no reason given';
}
