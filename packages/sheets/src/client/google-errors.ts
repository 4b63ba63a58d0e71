/**
 * What went wrong with a call to Google, as far as the caller does something else for it.
 * `unknown` is the dangerous one: the write may have been applied, may not, or may still be.
 */
export type GoogleErrorKind =
  | 'quota' // 429: nothing was applied
  | 'unknown' // 408, 5xx, timeout or reset: it may have been applied or not
  | 'unreachable' // the request never left: no address, connection refused, no access token
  | 'grid' // a row or column beyond the grid
  | 'range' // no tab of that title
  | 'cells-full' // the spreadsheet's 10 million cells
  | 'protected' // a protected range keeps the service account out
  | 'permission' // the spreadsheet is not shared with it
  | 'disabled' // the Sheets API is off in its Google Cloud project
  | 'not-found' // no such spreadsheet
  | 'not-a-sheet' // an Office file that is only shown in Sheets
  | 'credentials' // Google does not accept the service account
  | 'bad-request'; // any other 400: one of the cells or requests is wrong

/** A failed call to Google: the kind and Google's message, never the request and its cells (buyers' data). */
export class GoogleError extends Error {
  override name = 'GoogleError';
  kind: GoogleErrorKind;
  status: number | undefined;
  /** For `quota`: which of the two limits was hit. */
  limit: 'user' | 'project' | undefined;
  /** For `unknown`: Google may still apply the write, for it gave no response of its own. */
  mayApplyLate: boolean;

  constructor(
    kind: GoogleErrorKind,
    text: string,
    more: Partial<Pick<GoogleError, 'status' | 'limit' | 'mayApplyLate'>> = {},
  ) {
    super(text);
    this.kind = kind;
    this.status = more.status;
    this.limit = more.limit;
    this.mayApplyLate = more.mayApplyLate ?? false;
  }
}

/** The parts of a response (or of its absence) that the kind is derived from. */
export interface Failure {
  status?: number | undefined;
  /** The parsed JSON body, or the text of a body that is none (408 answers in HTML). */
  body?: unknown;
  /** `ECONNRESET`, `TimeoutError`… when there is no response. */
  code?: string | undefined;
}

interface ErrorBody {
  message: string;
  status: string;
  details: { reason?: unknown; metadata?: { quota_limit?: unknown } }[];
}

/**
 * Classifies a failure by AIP-193's `error.status`, `error.message` and `details[].reason`.
 * The older `errors[]` list is ignored: Google sends it to some clients only.
 */
export function classifyFailure(failure: Failure): GoogleError {
  const { status, code } = failure;
  if (status === undefined) return noResponseError(code);
  const body = parseErrorBody(failure.body);
  const text = errorMessage(body, status);
  if (status === 429) return new GoogleError('quota', text, { status, limit: exceededLimit(body) });
  if (status === 408 || status >= 500) {
    // These are a front server's: the one behind it may still apply the write.
    return new GoogleError('unknown', text, {
      status,
      mayApplyLate: status === 408 || status === 504 || status === 502,
    });
  }
  return new GoogleError(classifyClientError(status, text, body), text, { status });
}

const neverSent = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH', 'EADDRNOTAVAIL']);

function noResponseError(code: string | undefined): GoogleError {
  const text = `no response from Google (${code ?? 'connection failed'})`;
  if (code !== undefined && neverSent.has(code)) return new GoogleError('unreachable', text);
  return new GoogleError('unknown', text, { mayApplyLate: true });
}

function classifyClientError(status: number, text: string, body: ErrorBody | undefined): GoogleErrorKind {
  if (status === 401) return 'credentials';
  if (status === 404) return 'not-found';
  if (status === 403) {
    const disabled = body?.details.some((detail) => detail.reason === 'SERVICE_DISABLED') === true;
    return disabled || /has not been used in project|it is disabled/.test(text) ? 'disabled' : 'permission';
  }
  if (body?.status === 'FAILED_PRECONDITION' || /operation is not supported for this document/i.test(text))
    return 'not-a-sheet';
  if (/exceeds grid limits|beyond the last requested|tried writing to (column|row)/.test(text)) return 'grid';
  if (/Unable to parse range|No (grid|sheet) with id/i.test(text)) return 'range';
  if (/above the limit of \d+ cells/.test(text)) return 'cells-full';
  if (/protected cell or object/.test(text)) return 'protected';
  return 'bad-request';
}

function parseErrorBody(body: unknown): ErrorBody | undefined {
  if (typeof body !== 'object' || body === null || !('error' in body)) return undefined;
  const { error } = body;
  if (typeof error !== 'object' || error === null) return undefined;
  return {
    message: 'message' in error && typeof error.message === 'string' ? error.message : '',
    status: 'status' in error && typeof error.status === 'string' ? error.status : '',
    details: 'details' in error && Array.isArray(error.details) ? (error.details as ErrorBody['details']) : [],
  };
}

/** Google's message without the value that it complains about: `Invalid value at 'data[0]' (…), "Jane Doe"`. */
function errorMessage(body: ErrorBody | undefined, status: number): string {
  if (body === undefined || body.message === '') return `Google responded with ${status}`;
  const at = body.message.indexOf('Invalid value at ');
  const quote = at < 0 ? -1 : body.message.indexOf('"', at);
  const message = quote < 0 ? body.message : `${body.message.slice(0, quote)}…`;
  return message.length > 400 ? `${message.slice(0, 400)}…` : message;
}

function exceededLimit(body: ErrorBody | undefined): 'user' | 'project' {
  const named = body?.details.find((detail) => detail.metadata?.quota_limit !== undefined)?.metadata?.quota_limit;
  const text = typeof named === 'string' ? named : (body?.message ?? '');
  return /per ?user/i.test(text) ? 'user' : 'project';
}
