import { createHmac } from 'node:crypto';
import type { OrderBook } from '../book/order-book.ts';
import type { SandboxShop } from '../book/order-record.ts';
import type { ShopeeSettings } from '../settings.ts';
import type { Api } from './api.ts';
import { Refusal, refusal } from './refusals.ts';
import type { TokenBook } from './token-book.ts';

/** The app as Shopee knows it. */
export interface App {
  partnerId: number;
  partnerKey: string;
}

/** What a call shows at the gate. */
export interface Arrival {
  api: Api;
  /** The full path, `/api/v2/…`. */
  path: string;
  query: Readonly<Record<string, string>>;
  ip: string;
}

const window = 300;

/** The checks that every API call has to pass, in Shopee's order as far as it is known. */
export class Gate {
  readonly #app: App;
  readonly #book: OrderBook;
  readonly #tokens: TokenBook;
  readonly #settings: ShopeeSettings;
  readonly #now: () => number;
  readonly #second = new WindowCounter();
  readonly #day = new WindowCounter();

  constructor(parts: { app: App; book: OrderBook; tokens: TokenBook; settings: ShopeeSettings; now: () => number }) {
    this.#app = parts.app;
    this.#book = parts.book;
    this.#tokens = parts.tokens;
    this.#settings = parts.settings;
    this.#now = parts.now;
  }

  /** The shop the call is for (none for public APIs); throws the Refusal of the first check that fails. */
  check(arrival: Arrival): SandboxShop | undefined {
    const { query, api, path } = arrival;
    this.#checkAddress(arrival.ip);
    const names = ['partner_id', 'timestamp', 'sign', ...(api.kind === 'shop' ? ['access_token', 'shop_id'] : [])];
    const missing = names.find((name) => (query[name] ?? '') === '');
    if (missing !== undefined) throw new Refusal('error_param', `There is no ${missing} in query.`);
    this.checkSigned(path, query, api.kind === 'shop');
    this.#checkUse(api, query['shop_id'] ?? 'app');
    if (this.#settings.forbiddenApis.some((part) => path.includes(part))) throw refusal('error_api_permission');
    return api.kind === 'shop' ? this.#checkShop(query) : undefined;
  }

  /** Throws unless partner, timestamp and signature of a signed URL are right; also for the authorisation link. */
  checkSigned(path: string, query: Readonly<Record<string, string>>, forShop: boolean): void {
    if (query['partner_id'] !== String(this.#app.partnerId)) throw refusal('invalid_partner_id');
    const timestamp = query['timestamp'] ?? '';
    if (!/^\d{1,10}$/.test(timestamp) || Number(timestamp) > 4_294_967_295) {
      throw new Refusal('error_param', 'Timestamp is invalid, it should be in the range of 0..4294967295.');
    }
    if (Math.abs(this.#now() / 1000 - Number(timestamp)) > window)
      throw new Refusal('error_param', 'Timestamp is expired.');
    const shopPart = forShop ? `${query['access_token']}${query['shop_id']}` : '';
    const base = `${query['partner_id']}${path}${timestamp}${shopPart}`;
    const sign = createHmac('sha256', this.#app.partnerKey).update(base).digest('hex');
    if (query['sign'] !== sign) throw refusal('error_sign');
  }

  #checkAddress(ip: string): void {
    const allowed = this.#settings.allowedIps;
    if (allowed === undefined || allowed.includes(ip)) return;
    throw new Refusal(
      'source_ip_undeclared',
      `Request Source IP (${ip}) is undeclared. Please declare all your IP addresses in the Shopee Open Platform Console > App list > IP Address Whitelist`,
    );
  }

  #checkUse(api: Api, shopId: string): void {
    const now = this.#now();
    const { ratePerSecond, callsPerDay } = this.#settings;
    const who = api.kind === 'shop' ? shopId : 'app';
    if (ratePerSecond !== undefined && this.#second.count(Math.floor(now / 1000), who) > ratePerSecond) {
      throw refusal('error_rate_limit');
    }
    // The day of the limit begins at 00:00 in UTC+8.
    const day = Math.floor((now + 8 * 3_600_000) / 86_400_000);
    if (callsPerDay !== undefined && this.#day.count(day, 'app') > callsPerDay) throw refusal('error_limit');
  }

  #checkShop(query: Readonly<Record<string, string>>): SandboxShop {
    if ((query['merchant_id'] ?? '') !== '')
      throw new Refusal('error_param', 'Wrong parameters, detail: both shop_id and merchant_id.');
    const shop = this.#book.shops.get(Number(query['shop_id']));
    if (shop === undefined) throw new Refusal('error_auth', 'Invalid partner_id or shopid.');
    this.#tokens.check(query['access_token'] ?? '', shop.shopId);
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
