import type { ErrorBody } from '@shopee-webhook/contracts/dashboard-api';

/** A response that was no success, or none at all (status 0). */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly status: number;
  /** The API's error code, e.g. `worker_unavailable`. */
  readonly code: string;

  constructor(status: number, code: string, message: string, cause?: unknown) {
    super(message, { cause });
    this.status = status;
    this.code = code;
  }
}

/** GET below /api. Throws ApiError. */
export function get<Body>(path: string): Promise<Body> {
  return request<Body>(path, { method: 'GET' });
}

/** POST or PUT below /api, each with a JSON body. Throws ApiError. */
export function send<Body>(path: string, body: object = {}, method: 'POST' | 'PUT' = 'POST'): Promise<Body> {
  const headers = { 'content-type': 'application/json' };
  return request<Body>(path, { method, headers, body: JSON.stringify(body) });
}

/** `?a=1&b=2`, without undefined and empty values; '' when none is left. */
export function toQueryString(parameters: Readonly<Record<string, string | number | undefined>>): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== undefined && value !== '') search.set(name, String(value));
  }
  const text = search.toString();
  return text === '' ? '' : `?${text}`;
}

/** A server that hangs must not leave a page waiting forever. */
const timeoutMs = 60_000;

async function request<Body>(path: string, init: RequestInit): Promise<Body> {
  const response = await fetch(`/api${path}`, { signal: AbortSignal.timeout(timeoutMs), ...init }).catch(
    (error: unknown) => {
      throw new ApiError(0, 'forwarder_unreachable', 'The server is unavailable.', error);
    },
  );
  if (response.ok) return (await response.json()) as Body;
  throw await parseError(response);
}

/** Parses what the server sent: it comes from the same release, whose contract gives its type. */
export function parseResponse(text: string): object {
  return JSON.parse(text) as object;
}

async function parseError(response: Response): Promise<ApiError> {
  const text = await response.text();
  try {
    const { error, message } = parseResponse(text) as ErrorBody;
    return new ApiError(response.status, error, message);
  } catch (cause) {
    // A proxy's own page: its status is all we know.
    return new ApiError(
      response.status,
      'not_json',
      `The server responded with status ${String(response.status)}.`,
      cause,
    );
  }
}
