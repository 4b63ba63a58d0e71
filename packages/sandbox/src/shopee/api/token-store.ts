import { randomBytes } from 'node:crypto';
import { ApiError, apiError } from './api-errors.ts';

/** How long things live, in seconds. Shopee: 4 h, 30 d, 10 min, 5 min, 4 h. */
export interface TokenLifetimes {
  access: number;
  refresh: number;
  code: number;
  /** An access token still works that long after it was replaced. */
  grace: number;
  /** A used refresh token gives the same new pair that long, if the settings allow it. */
  resend: number;
}

export const shopeeLifetimes: TokenLifetimes = {
  access: 14_400,
  refresh: 30 * 86_400,
  code: 600,
  grace: 300,
  resend: 14_400,
};

/** Whom a token is for: `shop:700000001` or `merchant:800001`. */
export type Owner = `shop:${number}` | `merchant:${number}`;

/** Times are ms. */
export interface TokenPair {
  accessToken: string;
  refreshToken: string;
  owners: Owner[];
  accessExpires: number;
  refreshExpires: number;
  /** Owners for whom the access token ends before `accessExpires`, because they have a newer one. */
  endsAt: Partial<Record<Owner, number>>;
  /** Owners who used the refresh token: when, and the access token of the pair they got. */
  used: Partial<Record<Owner, { at: number; accessToken: string }>>;
}

interface Code {
  owners: Owner[];
  mainAccountId?: number;
  expires: number;
  used: boolean;
}

/** A shop's authorization, in unix seconds. */
export interface Authorization {
  authTime: number;
  expireTime: number;
}

export interface TokenStoreState {
  pairs: TokenPair[];
  authorizations: [number, Authorization][];
}

/** Every code, token and authorization that the fake has given out. */
export class TokenStore {
  readonly lifetimes: TokenLifetimes;
  readonly authorizations = new Map<number, Authorization>();
  readonly #now: () => number;
  readonly #onIssue: () => void;
  readonly #byAccess = new Map<string, TokenPair>();
  readonly #byRefresh = new Map<string, TokenPair>();
  readonly #codes = new Map<string, Code>();

  constructor(options: { lifetimes?: Partial<TokenLifetimes>; now: () => number; onIssue?: () => void }) {
    this.lifetimes = { ...shopeeLifetimes, ...options.lifetimes };
    this.#now = options.now;
    this.#onIssue = options.onIssue ?? (() => undefined);
  }

  /** The shop authorizes the app for that many days. */
  authorize(shopId: number, days = 365): void {
    const authTime = Math.floor(this.#now() / 1000);
    this.authorizations.set(shopId, { authTime, expireTime: authTime + days * 86_400 });
  }

  /** The shop revokes its authorization: tokens stop working for it, at once. */
  deauthorize(shopId: number): void {
    this.authorizations.delete(shopId);
  }

  /** A pair for these owners, as after a fresh authorization; with these texts where a configuration names them. */
  issue(owners: Owner[], given?: { accessToken: string; refreshToken: string }): TokenPair {
    const now = this.#now();
    const pair: TokenPair = {
      accessToken: given?.accessToken ?? randomBytes(16).toString('hex'),
      refreshToken: given?.refreshToken ?? randomBytes(16).toString('hex'),
      owners,
      accessExpires: now + this.lifetimes.access * 1000,
      refreshExpires: now + this.lifetimes.refresh * 1000,
      endsAt: {},
      used: {},
    };
    this.#store(pair);
    return pair;
  }

  /** Whether this refresh token was given out, used or not, and may still mean something. */
  has(refreshToken: string): boolean {
    return this.#byRefresh.has(refreshToken);
  }

  /** A code for the redirect: works once and for ten minutes. */
  code(owners: Owner[], mainAccountId?: number): string {
    const code = randomBytes(16).toString('hex');
    const expires = this.#now() + this.lifetimes.code * 1000;
    this.#codes.set(code, { owners, expires, used: false, ...(mainAccountId === undefined ? {} : { mainAccountId }) });
    return code;
  }

  /** The pair for a code; the id beside it must be the one the redirect gave. */
  exchange(code: string, given: { shopId?: number; mainAccountId?: number }): TokenPair {
    const found = this.#codes.get(code);
    if (found === undefined) throw new ApiError('error_auth', 'Invalid code');
    if (found.used || found.expires <= this.#now()) throw apiError('invalid_code');
    if (found.mainAccountId !== given.mainAccountId) throw apiError('invalid_main_acount_id');
    if (found.mainAccountId === undefined && !found.owners.includes(`shop:${given.shopId ?? 0}`)) {
      throw apiError('invalid_shop_id');
    }
    found.used = true;
    const pair = this.issue(found.owners);
    this.#onIssue();
    return pair;
  }

  /** A new pair for one owner; the old access token works on for the grace time. */
  refresh(refreshToken: string, owner: Owner, resend: boolean): TokenPair {
    const now = this.#now();
    const old = this.#byRefresh.get(refreshToken);
    if (old === undefined) throw new ApiError('error_auth', 'Invalid refresh_token.');
    if (!old.owners.includes(owner)) throw apiError('error_shop_refresh_token');
    this.#checkLink(owner);
    const use = old.used[owner];
    if (use !== undefined) return this.#resend(use, owner, resend);
    if (old.refreshExpires <= now) throw apiError('refresh_token_expired');
    const pair = this.issue([owner]);
    old.used[owner] = { at: now, accessToken: pair.accessToken };
    old.endsAt[owner] = Math.min(now + this.lifetimes.grace * 1000, old.accessExpires);
    this.#prune();
    this.#onIssue();
    return pair;
  }

  /** Throws unless the access token is good for the shop now. */
  checkAccess(accessToken: string, shopId: number): void {
    const pair = this.#byAccess.get(accessToken);
    if (pair === undefined) throw apiError('invalid_acceess_token');
    this.#checkLink(`shop:${shopId}`);
    if (!pair.owners.includes(`shop:${shopId}`)) throw new ApiError('error_auth', 'Invalid partner_id or shopid.');
    if ((pair.endsAt[`shop:${shopId}`] ?? pair.accessExpires) <= this.#now()) throw apiError('invalid_acceess_token');
  }

  /** All access tokens of the shop stop working; its refresh tokens do not. */
  expireAccess(shopId: number): void {
    for (const pair of this.#byAccess.values()) {
      if (pair.owners.includes(`shop:${shopId}`)) pair.endsAt[`shop:${shopId}`] = 0;
    }
  }

  /** All refresh tokens of the shop stop working too: it must be authorized again. */
  expireRefresh(shopId: number): void {
    this.expireAccess(shopId);
    for (const [token, pair] of this.#byRefresh) {
      if (pair.owners.includes(`shop:${shopId}`)) this.#byRefresh.delete(token);
    }
  }

  state(): TokenStoreState {
    return { pairs: [...this.#byAccess.values()], authorizations: [...this.authorizations] };
  }

  restore(state: TokenStoreState): void {
    for (const pair of state.pairs) this.#store(pair);
    for (const [shopId, authorization] of state.authorizations) this.authorizations.set(shopId, authorization);
  }

  #resend(use: { at: number; accessToken: string }, owner: Owner, resend: boolean): TokenPair {
    const next = this.#byAccess.get(use.accessToken);
    const inTime = use.at + this.lifetimes.resend * 1000 > this.#now();
    if (!resend || !inTime || next === undefined || next.used[owner] !== undefined) {
      throw new ApiError('error_auth', 'Invalid refresh_token.');
    }
    return next;
  }

  #checkLink(owner: Owner): void {
    if (!owner.startsWith('shop:')) return;
    const authorization = this.authorizations.get(Number(owner.slice(5)));
    if (authorization === undefined) throw apiError('shop_no_linked');
    if (authorization.expireTime * 1000 <= this.#now()) throw apiError('shop_access_expired');
  }

  #store(pair: TokenPair): void {
    this.#byAccess.set(pair.accessToken, pair);
    this.#byRefresh.set(pair.refreshToken, pair);
  }

  /** Forgets pairs that can no longer be used for anything. */
  #prune(): void {
    const now = this.#now();
    for (const pair of this.#byAccess.values()) {
      const resendable = Object.values(pair.used).some((use) => (use?.at ?? 0) + this.lifetimes.resend * 1000 > now);
      const spent = pair.owners.every((owner) => pair.used[owner] !== undefined) && !resendable;
      if (pair.accessExpires > now || (!spent && pair.refreshExpires > now)) continue;
      this.#byAccess.delete(pair.accessToken);
      this.#byRefresh.delete(pair.refreshToken);
    }
  }
}
