import type { Logger } from '@shopee-webhook/runtime';
import {
  authorizationUrl,
  verifyAuthorizationState,
  createAuthorizationState,
  ShopeeError,
  type ShopeeClient,
  type TokenPair,
} from '@shopee-webhook/shopee';
import type { TokenStore } from '@shopee-webhook/store';

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

/** What Shopee's redirect brings back. */
export interface Callback {
  code?: string | undefined;
  shopId?: string | undefined;
  mainAccountId?: string | undefined;
  state?: string | undefined;
}

/** A connection that did not come about; the message is for the person in the browser. */
export class AuthorizationError extends Error {
  override readonly name = 'ConnectError';
}

/** Connects shops through Shopee's authorisation page. */
export class ShopAuthorization {
  readonly #deps: ShopAuthorizationDeps;
  readonly #now: () => number;

  constructor(deps: ShopAuthorizationDeps) {
    this.#deps = deps;
    this.#now = deps.now ?? Date.now;
  }

  /** Why no link can be made; undefined when one can. */
  get hint(): string | undefined {
    if (this.#deps.publicUrl !== undefined) return undefined;
    return 'Set PUBLIC_URL to the address under which your browser reaches this server, and its domain in the app’s console.';
  }

  /** Shopee's page on which the seller gives access, or takes it back. Throws ConnectError without a PUBLIC_URL. */
  link(purpose: 'authorize' | 'cancel' = 'authorize', form: 'page' | 'signed' = 'page'): string {
    const { partner, apiUrl, publicUrl } = this.#deps;
    if (publicUrl === undefined) throw new AuthorizationError(this.hint);
    return authorizationUrl({
      apiUrl,
      partnerId: partner.id,
      partnerKey: partner.key,
      redirectUrl: `${publicUrl}${callbackPath}`,
      state: createAuthorizationState(partner.key, this.#now()),
      purpose,
      form,
      now: this.#now,
    });
  }

  /**
   * Exchanges the code that came back and keeps the tokens of every shop that was authorised; resolves with their ids.
   * Throws ConnectError with what the person can do.
   */
  async finish({ code, shopId, mainAccountId, state }: Callback): Promise<string[]> {
    const { partner, shopee, logger } = this.#deps;
    if (state === undefined || !verifyAuthorizationState(partner.key, state, this.#now())) {
      throw new AuthorizationError(
        'This link was not made here, or is older than half an hour: begin again from the dashboard.',
      );
    }
    if (code === undefined || (shopId === undefined && mainAccountId === undefined)) {
      throw new AuthorizationError('Shopee sent no code back: the authorisation was not confirmed. Begin again.');
    }
    const first = await shopee.exchangeCode({ code, shopId, mainAccountId }).catch((error: unknown) => {
      throw toAuthorizationError(error);
    });
    const shops = shopId === undefined ? await this.#exchangePerShop(first) : [await this.#saveShop(shopId, first)];
    logger.info({ shops }, 'shops connected');
    return shops;
  }

  /** Forgets the shop's tokens; its events wait until it is connected again. */
  async disconnect(shopId: string): Promise<void> {
    await this.#deps.tokens.revoke(shopId, 'disconnected on the dashboard');
  }

  /** A main account's first refresh token gives each of its shops a pair of its own, once. */
  async #exchangePerShop(first: TokenPair): Promise<string[]> {
    const { shopee } = this.#deps;
    if (first.shopIds.length === 0)
      throw new AuthorizationError('The main account authorised no shop: choose its shops and confirm again.');
    // Kept before it is used: after a crash the keeper renews each shop with it.
    for (const shopId of first.shopIds) await this.#save(shopId, first);
    for (const shopId of first.shopIds) {
      try {
        await this.#saveShop(shopId, await shopee.refreshTokens({ refreshToken: first.refreshToken, shopId }));
      } catch (err) {
        this.#deps.logger.warn({ err, shop: shopId }, 'shop has the main account’s tokens for now');
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

  /** The shop's name, region, and when the authorisation ends; what can't be read now is read later by the worker. */
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
      logger.warn({ err, shop: shopId }, 'shop info not read');
    }
  }
}

function toAuthorizationError(error: unknown): AuthorizationError {
  if (!(error instanceof ShopeeError))
    return new AuthorizationError('Shopee could not be reached: try again.', { cause: error });
  const used = error.code === 'invalid_code' || /invalid code/i.test(error.message);
  const message = used
    ? 'The code was used already or is older than ten minutes: begin again from the dashboard.'
    : error.message;
  return new AuthorizationError(message, { cause: error });
}
