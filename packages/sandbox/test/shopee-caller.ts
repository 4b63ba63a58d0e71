import { createHmac } from 'node:crypto';
import type { Shopee } from '../src/shopee/shopee.ts';

/** A body as it came: for `toMatchObject`, and for `at`. */
export type Body = Record<string, unknown>;

export interface CallOptions {
  query?: Record<string, string | number>;
  /** Given: a POST with this JSON. */
  body?: unknown;
  /** Signed without token and shop. */
  open?: boolean;
  /** Changes the signed query before it is sent. */
  spoil?: (query: URLSearchParams) => void;
  /** Unix seconds. */
  timestamp?: number;
}

/** Signs and sends calls as Shopee's documentation says, without the product's own client. */
export class Caller {
  accessToken: string;
  refreshToken: string;
  readonly shopId: number;
  readonly #shopee: Shopee;

  constructor(shopee: Shopee, shopId = 700_000_001) {
    const pair = shopee.issueTokens(shopId);
    this.accessToken = pair.accessToken;
    this.refreshToken = pair.refreshToken;
    this.shopId = shopId;
    this.#shopee = shopee;
  }

  async get(path: string, query: Record<string, string | number> = {}): Promise<Body> {
    return bodyOf(await this.send(path, { query }));
  }

  async post(path: string, body: unknown): Promise<Body> {
    return bodyOf(await this.send(path, { body }));
  }

  async openGet(path: string, query: Record<string, string | number> = {}): Promise<Body> {
    return bodyOf(await this.send(path, { query, open: true }));
  }

  async openPost(path: string, body: Body): Promise<Body> {
    return bodyOf(await this.send(path, { body, open: true }));
  }

  async send(path: string, options: CallOptions = {}): Promise<Response> {
    const { partnerId, partnerKey } = this.#shopee.app;
    const full = `/api/v2${path}`;
    const timestamp = String(options.timestamp ?? Math.floor(Date.now() / 1000));
    const own = options.open ? '' : `${this.accessToken}${this.shopId}`;
    const sign = createHmac('sha256', partnerKey).update(`${partnerId}${full}${timestamp}${own}`).digest('hex');
    const query = new URLSearchParams({ partner_id: String(partnerId), timestamp, sign });
    if (!options.open) query.set('access_token', this.accessToken);
    if (!options.open) query.set('shop_id', String(this.shopId));
    for (const [name, value] of Object.entries(options.query ?? {})) query.set(name, String(value));
    options.spoil?.(query);
    const url = `${this.#shopee.url}${full}?${query.toString()}`;
    if (options.body === undefined) return fetch(url);
    const text = typeof options.body === 'string' ? options.body : JSON.stringify(options.body);
    return fetch(url, { method: 'POST', body: text, headers: { 'content-type': 'application/json' } });
  }

  /** Trades the refresh token for a new pair and keeps it. */
  async refresh(): Promise<Body> {
    const body = { refresh_token: this.refreshToken, partner_id: this.#shopee.app.partnerId, shop_id: this.shopId };
    const response = await this.openPost('/auth/access_token/get', body);
    if (response['error'] !== '') return response;
    this.accessToken = String(response['access_token']);
    this.refreshToken = String(response['refresh_token']);
    return response;
  }
}

/** The value at that path of a body; undefined where there is none. */
export function at(value: unknown, ...path: (string | number)[]): unknown {
  return path.reduce<unknown>((part, key) => (part as Record<string | number, unknown> | undefined)?.[key], value);
}

async function bodyOf(response: Response): Promise<Body> {
  return (await response.json()) as Body;
}
