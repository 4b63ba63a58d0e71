import { createHmac } from 'node:crypto';
import type { OrderStore } from '../orders/order-store.ts';
import type { SandboxShop } from '../orders/order-record.ts';
import type { ShopeeSettings } from '../data/settings.ts';
import type { Api } from './api.ts';
import { ApiError, apiError, invalidParameter } from './api-errors.ts';
import type { TokenStore } from './token-store.ts';

/** The app as Shopee knows it. */
export interface App {
  partnerId: number;
  partnerKey: string;
}

/** What a call shows at the gate. */
export interface IncomingRequest {
  api: Api;
  /** The full path, `/api/v2/…`. */
  path: string;
  query: Readonly<Record<string, string>>;
  ip: string;
}

const window = 300;

/** The checks that every API call has to pass, in Shopee's order as far as it is known. */
export class RequestValidator {
  readonly #app: App;
  readonly #orders: OrderStore;
  readonly #tokens: TokenStore;
  readonly #settings: ShopeeSettings;
  readonly #now: () => number;
  readonly #second = new WindowCounter();
  readonly #day = new WindowCounter();

  constructor(parts: {
    app: App;
    orders: OrderStore;
    tokens: TokenStore;
    settings: ShopeeSettings;
    now: () => number;
  }) {
    this.#app = parts.app;
    this.#orders = parts.orders;
    this.#tokens = parts.tokens;
    this.#settings = parts.settings;
    this.#now = parts.now;
  }

  /** The shop the call is for (none for public APIs); throws the ApiError of the first check that fails. */
  validate(request: IncomingRequest): SandboxShop | undefined {
    const { query, api, path } = request;
    this.#checkIp(request.ip);
    const names = ['partner_id', 'timestamp', 'sign', ...(api.kind === 'shop' ? ['access_token', 'shop_id'] : [])];
    const missing = names.find((name) => (query[name] ?? '') === '');
    if (missing !== undefined) throw new ApiError('error_param', `There is no ${missing} in query.`);
    this.checkSignature(path, query, api.kind === 'shop');
    this.#checkRateLimits(api, query['shop_id'] ?? 'app');
    if (this.#settings.forbiddenApis.some((part) => path.includes(part))) throw apiError('error_api_permission');
    return api.kind === 'shop' ? this.#checkShop(query) : undefined;
  }

  /** Throws unless partner, timestamp and signature of a signed URL are right; also for the authorization link. */
  checkSignature(path: string, query: Readonly<Record<string, string>>, forShop: boolean): void {
    if (query['partner_id'] !== String(this.#app.partnerId)) throw apiError('invalid_partner_id');
    const timestamp = query['timestamp'] ?? '';
    if (!/^\d{1,10}$/.test(timestamp) || Number(timestamp) > 4_294_967_295) {
      throw new ApiError('error_param', 'Timestamp is invalid, should be an integer between 0 and 4294967295.');
    }
    if (Math.abs(this.#now() / 1000 - Number(timestamp)) > window)
      throw new ApiError('error_param', 'Timestamp is expired.');
    const shopPart = forShop ? `${query['access_token']}${query['shop_id']}` : '';
    const base = `${query['partner_id']}${path}${timestamp}${shopPart}`;
    const sign = createHmac('sha256', this.#app.partnerKey).update(base).digest('hex');
    if (query['sign'] !== sign) throw apiError('error_sign');
  }

  #checkIp(ip: string): void {
    const allowed = this.#settings.allowedIps;
    if (allowed === undefined || allowed.includes(ip)) return;
    throw new ApiError(
      'source_ip_undeclared',
      `Request Source IP (${ip}) is undeclared. Please declare all your IP addresses in the Shopee Open Platform Console > App list > IP Address Whitelist`,
    );
  }

  #checkRateLimits(api: Api, shopId: string): void {
    const now = this.#now();
    const { ratePerSecond, callsPerDay } = this.#settings;
    const who = api.kind === 'shop' ? shopId : 'app';
    if (ratePerSecond !== undefined && this.#second.count(Math.floor(now / 1000), who) > ratePerSecond) {
      throw apiError('error_rate_limit');
    }
    // The day of the limit begins at 00:00 in UTC+8.
    const day = Math.floor((now + 8 * 3_600_000) / 86_400_000);
    if (callsPerDay !== undefined && this.#day.count(day, 'app') > callsPerDay) throw apiError('error_limit');
  }

  #checkShop(query: Readonly<Record<string, string>>): SandboxShop {
    if ((query['merchant_id'] ?? '') !== '') throw invalidParameter('both shop_id and merchant_id');
    const shop = this.#orders.shops.get(Number(query['shop_id']));
    if (shop === undefined) throw new ApiError('error_auth', 'Invalid partner_id or shopid.');
    this.#tokens.checkAccess(query['access_token'] ?? '', shop.shopId);
    return shop;
  }
}

/** Counts by name within the window that is numbered so; a new number starts at 0. */
class WindowCounter {
  #window = -1;
  #counts = new Map<string, number>();

  count(window: number, name: string): number {
    if (window !== this.#window) this.#counts = new Map();
    this.#window = window;
    const count = (this.#counts.get(name) ?? 0) + 1;
    this.#counts.set(name, count);
    return count;
  }
}
