import { systemClock } from './clock.ts';
import { type AxiosInstance, type AxiosResponse, create, isAxiosError } from 'axios';
import { isRecord, parseJson } from '../push/json.ts';
import { classifyError } from './error-kinds.ts';
import { ShopeeError, nextMidnightUtc8 } from './errors.ts';
import { stripTrailingSlash } from './hosts.ts';
import { type BodyField, bodyText } from './request-body.ts';
import { signRequest } from './request-signature.ts';

/** The shop a call is made for, with its token. */
export interface ShopAuth {
  shopId: string;
  accessToken: string;
}

/** One call, before it is signed. */
export interface ApiRequest {
  method: 'GET' | 'POST';
  /** From `/api/v2/…`. */
  path: string;
  query?: Record<string, string | number | boolean | undefined>;
  body?: Record<string, BodyField | undefined>;
  /** Absent for public calls. */
  shop?: ShopAuth;
}

/** A response's top level: `error` was checked, the rest is as it came. */
export type ApiResponse = Record<string, unknown>;
export type Send = (request: ApiRequest) => Promise<ApiResponse>;

/** What is reported of each call when it has ended; `error` is the ShopeeError's code. */
export interface CallInfo {
  path: string;
  shopId: string | undefined;
  error: string | undefined;
  ms: number;
}

export interface TransportOptions {
  partnerId: string;
  partnerKey: string;
  /** Scheme and host, see `apiHosts`. */
  baseUrl: string;
  timeoutMs?: number | undefined;
  /** Milliseconds. */
  now?: (() => number) | undefined;
  onCall?: ((info: CallInfo) => void) | undefined;
}

type ParsedBody = { json: unknown } | 'not-json';

const maxResponseBytes = 32 * 1024 * 1024;

/** Signs calls, sends them, and turns whatever comes back into a response or a ShopeeError. */
export class Transport {
  readonly #options: TransportOptions;
  readonly #timeoutMs: number;
  readonly #now: () => number;
  readonly #http: AxiosInstance;

  constructor(options: TransportOptions) {
    this.#options = options;
    this.#timeoutMs = options.timeoutMs ?? 15_000;
    this.#now = options.now ?? systemClock.wallMs;
    this.#http = create({
      baseURL: stripTrailingSlash(options.baseUrl),
      maxRedirects: 0,
      maxContentLength: maxResponseBytes,
      validateStatus: () => true,
      responseType: 'text',
      transformResponse: [parseBody],
      headers: { accept: 'application/json', 'user-agent': 'shopee-webhook' },
    });
  }

  /** Makes the call. Throws ShopeeError and nothing else. */
  async send(request: ApiRequest): Promise<ApiResponse> {
    const startedAt = systemClock.monotonicMs();
    const report = (error: string | undefined) =>
      this.#options.onCall?.({
        path: request.path,
        shopId: request.shop?.shopId,
        error,
        ms: systemClock.monotonicMs() - startedAt,
      });
    try {
      const body = this.#classify(request, await this.#exchange(request));
      report(undefined);
      return body;
    } catch (error) {
      report(error instanceof ShopeeError ? error.code : 'unexpected');
      throw error;
    }
  }

  async #exchange(request: ApiRequest): Promise<AxiosResponse<ParsedBody>> {
    const { method, path, body } = request;
    const config = {
      method,
      url: path,
      params: this.#query(request),
      // Not axios' own timeout, which counts silence: this ends a response that trickles in, too.
      signal: AbortSignal.timeout(this.#timeoutMs),
      ...(body && { data: bodyText(body), headers: { 'content-type': 'application/json' } }),
    };
    try {
      return await this.#http.request<ParsedBody>(config);
    } catch (error) {
      throw toNetworkError(path, error);
    }
  }

  #query({ path, query = {}, shop }: ApiRequest): URLSearchParams {
    const { partnerId, partnerKey } = this.#options;
    const timestamp = Math.floor(this.#now() / 1000);
    const subject = shop && { accessToken: shop.accessToken, subjectId: shop.shopId };
    const params = new URLSearchParams({
      partner_id: partnerId,
      timestamp: String(timestamp),
      sign: signRequest(partnerKey, { partnerId, path, timestamp, ...subject }),
      ...(shop && { access_token: shop.accessToken, shop_id: shop.shopId }),
    });
    for (const [name, value] of Object.entries(query)) if (value !== undefined) params.set(name, String(value));
    return params;
  }

  /** Success is an `error` of '' or '-', whatever the HTTP status: Shopee fails with 200 and documents no other. */
  #classify(request: ApiRequest, response: AxiosResponse<ParsedBody>): ApiResponse {
    const { data, status } = response;
    if (data === 'not-json' || !isRecord(data.json)) throw nonJsonError(request.path, status);
    const body = data.json;
    const error = typeof body['error'] === 'string' ? body['error'].trim() : undefined;
    if (error === '' || error === '-' || (error === undefined && status < 400)) return body;
    throw this.#toError(request, response, error?.replace(/^common\./, '') ?? `http-${status}`, body);
  }

  #toError(request: ApiRequest, response: AxiosResponse<ParsedBody>, code: string, body: ApiResponse): ShopeeError {
    const message = typeof body['message'] === 'string' ? body['message'].trim() : '';
    const classification = classifyError({
      code,
      message,
      onTokenEndpoint: request.path.startsWith('/api/v2/auth/'),
      httpStatus: response.status,
    });
    const skew = /timestamp/i.test(message) ? this.#clockSkewHint(response.headers['date']) : '';
    return new ShopeeError({
      ...classification,
      code,
      detail: this.#redact(request, message) + skew,
      path: request.path,
      httpStatus: response.status,
      requestId: typeof body['request_id'] === 'string' ? body['request_id'] : undefined,
      retryAt: this.#retryAt(classification.kind, response.headers['retry-after']),
    });
  }

  #retryAt(kind: string, retryAfter: unknown): number | undefined {
    if (kind === 'retry-tomorrow') return nextMidnightUtc8(this.#now());
    const seconds = typeof retryAfter === 'string' ? Number(retryAfter) : Number.NaN;
    return kind === 'retry-later' && seconds > 0 ? this.#now() + seconds * 1000 : undefined;
  }

  /** The commonest reason for a rejected timestamp is a host whose clock runs wrong: say by how much. */
  #clockSkewHint(date: unknown): string {
    const theirs = typeof date === 'string' ? Date.parse(date) : Number.NaN;
    if (Number.isNaN(theirs)) return '';
    const seconds = Math.round((this.#now() - theirs) / 1000);
    return ` (this machine's clock is ${Math.abs(seconds)} s ${seconds < 0 ? 'behind' : 'ahead of'} Shopee's)`;
  }

  #redact({ shop, body = {} }: ApiRequest, message: string): string {
    const secrets = [this.#options.partnerKey, shop?.accessToken, body['refresh_token'], body['code']];
    return secrets
      .filter((secret): secret is string => typeof secret === 'string' && secret !== '')
      .reduce((text, secret) => text.replaceAll(secret, '…'), message)
      .replace(/[0-9a-f]{32,}/gi, '…')
      .slice(0, 300);
  }
}

function parseBody(text: unknown): ParsedBody {
  if (typeof text !== 'string') return 'not-json';
  try {
    return { json: parseJson(text) };
  } catch {
    // Not JSON is a response too: a proxy's error page, most often.
    return 'not-json';
  }
}

/** A page instead of a response: the wrong host or path, or a failing proxy. */
function nonJsonError(path: string, httpStatus: number): ShopeeError {
  const wrongPlace = httpStatus === 404 || (httpStatus >= 300 && httpStatus < 400);
  return new ShopeeError({
    kind: wrongPlace ? 'unrouted' : 'retry-later',
    isDocumented: true,
    code: 'not-json',
    detail: `HTTP ${httpStatus} with a body that is not a JSON object`,
    path,
    httpStatus,
  });
}

function toNetworkError(path: string, error: unknown): ShopeeError {
  const code = isAxiosError(error) ? (error.code ?? '') : '';
  const timedOut = code === 'ECONNABORTED' || code === 'ETIMEDOUT' || code === 'ERR_CANCELED';
  return new ShopeeError({
    kind: 'retry-later',
    isDocumented: true,
    code: timedOut ? 'timeout' : 'network',
    detail: code === '' ? 'no body' : code,
    path,
  });
}
