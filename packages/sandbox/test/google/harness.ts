import { createSign } from 'node:crypto';
import { createGoogle, type Google, type GoogleOptions } from '../../src/google/google.ts';
import type { ServiceAccount } from '../../src/google/api/accounts.ts';

const scope = 'https://www.googleapis.com/auth/spreadsheets';

export interface TestResponse {
  status: number;
  body: Record<string, unknown>;
  /** `error.message` of the body. */
  message: string;
}

export interface Client {
  google: Google;
  token: string;
  /** Calls a path under the spreadsheet: `/values/A1`, `:batchUpdate`. */
  call: (method: string, path: string, body?: unknown, headers?: Record<string, string>) => Promise<TestResponse>;
  /** spreadsheets.batchUpdate. */
  change: (...requests: object[]) => Promise<TestResponse>;
  /** values.update, RAW. */
  put: (range: string, values: unknown[][]) => Promise<TestResponse>;
  /** values.get, UNFORMATTED_VALUE. */
  get: (range: string, query?: string) => Promise<TestResponse>;
}

/** A JWT as a service account makes it; `claims` and `head` replace its parts. */
export function jwt(account: ServiceAccount, claims: object = {}, head: object = {}): string {
  const now = Math.floor(Date.now() / 1000);
  const all = {
    iss: account.client_email,
    scope,
    aud: 'https://oauth2.googleapis.com/token',
    iat: now,
    exp: now + 3600,
    ...claims,
  };
  const parts = [{ alg: 'RS256', typ: 'JWT', kid: account.private_key_id, ...head }, all];
  const text = parts.map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
  return `${text}.${createSign('RSA-SHA256').update(text).sign(account.private_key, 'base64url')}`;
}

/** Asks the token endpoint. */
export async function requestToken(google: Google, assertion: string, grantType?: string): Promise<TestResponse> {
  const grant_type = grantType ?? 'urn:ietf:params:oauth:grant-type:jwt-bearer';
  return result(await fetch(google.tokenUrl, { method: 'POST', body: new URLSearchParams({ grant_type, assertion }) }));
}

/** A fake with a caller that has a token. */
export async function start(options: GoogleOptions = {}): Promise<Client> {
  const google = await createGoogle(options);
  return clientOf(google, google.credentials);
}

/** A caller for an account. */
export async function clientOf(google: Google, account: ServiceAccount): Promise<Client> {
  const token = String((await requestToken(google, jwt(account))).body['access_token']);
  const call: Client['call'] = async (method, path, body, headers) => {
    const url = `${google.url}v4/spreadsheets/${google.spreadsheetId}${path}`;
    const response = await fetch(url, {
      method,
      headers: { authorization: `Bearer ${token}`, ...headers },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    return result(response);
  };
  return {
    google,
    token,
    call,
    change: (...requests) => call('POST', ':batchUpdate', { requests }),
    put: (range, values) => call('PUT', `/values/${encodeURIComponent(range)}?valueInputOption=RAW`, { values }),
    get: (range, query = '') =>
      call('GET', `/values/${encodeURIComponent(range)}?valueRenderOption=UNFORMATTED_VALUE${query}`),
  };
}

async function result(response: Response): Promise<TestResponse> {
  const text = await response.text();
  const isJson = response.headers.get('content-type')?.includes('json') ?? false;
  const body = (isJson ? JSON.parse(text) : { text }) as Record<string, unknown>;
  const error = body['error'] as { message?: string } | undefined;
  return { status: response.status, body, message: error?.message ?? '' };
}
