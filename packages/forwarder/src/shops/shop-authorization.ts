import { type Logger, systemClock } from '@shopee-webhook/runtime';
import {
  authorizationUrl,
  verifyAuthorizationState,
  createAuthorizationState,
  isCliAuthorizationState,
  ShopeeError,
  type ShopeeClient,
  type TokenPair,
} from '@shopee-webhook/shopee';
import type { TokenStore } from '@shopee-webhook/store';

/** As long as Shopee's code can take to come back. */
const stateLifetimeMs = 30 * 60_000;

/** Where Shopee sends the seller back to. */
export const callbackPath = '/auth/shopee/callback';

export interface ShopAuthorizationDeps {
  shopee: Pick<ShopeeClient, 'exchangeCode' | 'refreshTokens' | 'getShopInfo'>;
  tokens: Pick<TokenStore, 'get' | 'save' | 'update' | 'revoke'>;
  partner: { id: string; key: string };
  apiUrl: string;
  /** PUBLIC_URL, without a last slash. */
  publicUrl: string | undefined;
  logger: Logger;
  now?: () => number;
}

/** What Shopee's redirect carries. */
export interface Callback {
  code?: string | undefined;
  shopId?: string | undefined;
  mainAccountId?: string | undefined;
  state?: string | undefined;
  /** The state of the browser's own link, from its cookie. */
  browserState?: string | undefined;
}

export type AuthorizationProblem =
  | 'no-public-url'
  | 'invalid-link'
  | 'used-link'
  | 'other-browser'
  | 'not-confirmed'
  | 'no-shop'
  | 'used-code'
  | 'rejected'
  | 'unreachable';

/** A shop could not be connected; the browser gets the code, and shows what to do about it. */
export class AuthorizationError extends Error {
  override readonly name = 'AuthorizationError';
  readonly code: AuthorizationProblem;

  constructor(code: AuthorizationProblem, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** Connects shops through Shopee's authorization page. */
export class ShopAuthorization {
  readonly #deps: ShopAuthorizationDeps;
  readonly #now: () => number;
  /** States that came back, with when they were, ms: each is good once. */
  readonly #used = new Map<string, number>();

  constructor(deps: ShopAuthorizationDeps) {
    this.#deps = deps;
    this.#now = deps.now ?? systemClock.wallMs;
  }

  /** Why no link can be made; undefined when one can. */
  get hint(): string | undefined {
    if (this.#deps.publicUrl !== undefined) return undefined;
    return 'Set PUBLIC_URL to the URL of this server in your browser, and register its domain in the app’s console.';
  }

  /**
   * Shopee's page on which the seller grants access, or revokes it, and the state that ties it to one browser. Throws
   * AuthorizationError without a PUBLIC_URL.
   */
  link(
    purpose: 'authorize' | 'cancel' = 'authorize',
    form: 'page' | 'signed' = 'page',
  ): { url: string; state: string } {
    const { partner, apiUrl, publicUrl } = this.#deps;
    if (publicUrl === undefined) throw new AuthorizationError('no-public-url', this.hint ?? '');
    const state = createAuthorizationState(partner.key, this.#now());
    const url = authorizationUrl({
      apiUrl,
      partnerId: partner.id,
      partnerKey: partner.key,
      redirectUrl: `${publicUrl}${callbackPath}`,
      state,
      purpose,
      form,
      now: this.#now,
    });
    return { url, state };
  }

  /**
   * Exchanges the code that came back and stores the tokens of every authorized shop; resolves with their ids. Throws
   * AuthorizationError.
   */
  async finish({ code, shopId, mainAccountId, ...callback }: Callback): Promise<string[]> {
    const { shopee, logger } = this.#deps;
    this.#useState(callback);
    if (code === undefined || (shopId === undefined && mainAccountId === undefined)) {
      throw new AuthorizationError('not-confirmed', 'Shopee returned no code: the authorization was not confirmed');
    }
    const first = await shopee.exchangeCode({ code, shopId, mainAccountId }).catch((error: unknown) => {
      throw toAuthorizationError(error);
    });
    const shops = shopId === undefined ? await this.#exchangePerShop(first) : [await this.#saveShop(shopId, first)];
    logger.info({ shops }, 'shops connected');
    return shops;
  }

  /** Deletes the shop's tokens; its events wait until it is reconnected. */
  async disconnect(shopId: string): Promise<void> {
    await this.#deps.tokens.revoke(shopId, 'disconnected on the dashboard');
  }

  /** A state is good once, within half an hour, and in the browser that it was made for. */
  #useState({ state, browserState }: Pick<Callback, 'state' | 'browserState'>): void {
    const now = this.#now();
    if (state === undefined || !verifyAuthorizationState(this.#deps.partner.key, state, now)) {
      throw new AuthorizationError('invalid-link', 'the link was not made here, or is older than half an hour');
    }
    if (state !== browserState && !isCliAuthorizationState(state)) {
      throw new AuthorizationError('other-browser', 'the link was made for another browser');
    }
    for (const [known, at] of this.#used) if (now - at > stateLifetimeMs) this.#used.delete(known);
    if (this.#used.has(state)) throw new AuthorizationError('used-link', 'the link was used before');
    this.#used.set(state, now);
  }

  /** A main account's first refresh token gives each of its shops a pair of its own, once. */
  async #exchangePerShop(first: TokenPair): Promise<string[]> {
    const { shopee } = this.#deps;
    if (first.shopIds.length === 0) throw new AuthorizationError('no-shop', 'the main account authorized no shop');
    // Stored before it is used: after a crash the worker refreshes each shop with it.
    for (const shopId of first.shopIds) await this.#save(shopId, first);
    for (const shopId of first.shopIds) {
      try {
        await this.#saveShop(shopId, await shopee.refreshTokens({ refreshToken: first.refreshToken, shopId }));
      } catch (err) {
        this.#deps.logger.warn({ err, shop: shopId }, 'using main-account tokens');
      }
    }
    return first.shopIds;
  }

  async #saveShop(shopId: string, pair: TokenPair): Promise<string> {
    await this.#save(shopId, pair);
    await this.#fetchShopInfo(shopId, pair);
    return shopId;
  }

  async #save(shopId: string, pair: TokenPair): Promise<void> {
    const known = await this.#deps.tokens.get(shopId);
    await this.#deps.tokens.save({
      shopId,
      accessToken: pair.accessToken,
      refreshToken: pair.refreshToken,
      accessExpiresAt: pair.expiresAt,
      refreshExpiresAt: pair.refreshExpiresAt,
      ...(known?.shopName === undefined ? {} : { shopName: known.shopName }),
      ...(known?.region === undefined ? {} : { region: known.region }),
      state: 'active',
    });
  }

  /** The shop's name, region, and when the authorization expires; the worker fetches later what cannot be fetched now. */
  async #fetchShopInfo(shopId: string, pair: TokenPair): Promise<void> {
    const { shopee, tokens, logger } = this.#deps;
    try {
      const info = await shopee.getShopInfo({ shopId, accessToken: pair.accessToken });
      await tokens.update(shopId, (known) => ({
        ...known,
        ...(info.shop_name === undefined ? {} : { shopName: info.shop_name }),
        ...(info.region === undefined ? {} : { region: info.region }),
        ...(info.expire_time === undefined ? {} : { authorizationExpiresAt: info.expire_time * 1000 }),
      }));
    } catch (err) {
      logger.warn({ err, shop: shopId }, 'could not fetch shop info');
    }
  }
}

function toAuthorizationError(cause: unknown): AuthorizationError {
  if (!(cause instanceof ShopeeError)) return new AuthorizationError('unreachable', 'Shopee is unreachable', { cause });
  const isUsed = cause.code === 'invalid_code' || /invalid code/i.test(cause.message);
  return new AuthorizationError(isUsed ? 'used-code' : 'rejected', cause.message, { cause });
}
