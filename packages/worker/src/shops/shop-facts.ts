import type { Logger } from '@shopee-webhook/runtime';
import type { ShopeeClient } from '@shopee-webhook/shopee';
import type { ShopTokens, TokenStore } from '@shopee-webhook/store';
import type { Alarms } from '../alarms.ts';
import { renewalAdvice } from './renewal-advice.ts';
import type { TokenKeeper } from './token-keeper.ts';

export interface ShopFactsOptions {
  tokens: Pick<TokenStore, 'list'>;
  keeper: Pick<TokenKeeper, 'use' | 'change'>;
  shopee: Pick<ShopeeClient, 'getShopInfo'>;
  alarms: Alarms;
  logger: Logger;
  publicUrl: string | undefined;
  now?: () => number;
}

const dayMs = 86_400_000;
const againMs = 600_000;
/** As long before as Shopee's own push with code 12. */
const warnMs = 7 * dayMs;

/** Keeps what rows and alarms say of a shop: its name and region, and until when it authorised the app. */
export class ShopFacts {
  readonly #options: ShopFactsOptions;
  readonly #askedAt = new Map<string, number>();

  constructor(options: ShopFactsOptions) {
    this.#options = options;
  }

  /** One look: asks Shopee once a day for each shop, and warns of authorisations that end within a week. */
  async look(): Promise<void> {
    for (const shop of await this.#options.tokens.list()) {
      if (shop.state !== 'active') continue;
      const askedAt = this.#askedAt.get(shop.shopId) ?? 0;
      if (this.#now() - askedAt >= dayMs) await this.#ask(shop);
      await this.#warn(shop);
    }
  }

  async #ask({ shopId }: ShopTokens): Promise<void> {
    const { keeper, shopee, logger } = this.#options;
    this.#askedAt.set(shopId, this.#now());
    try {
      const info = await keeper.use(shopId, (auth) => shopee.getShopInfo(auth));
      await keeper.change(shopId, (known) => ({
        ...known,
        shopName: info.shop_name ?? known.shopName,
        region: info.region ?? known.region,
        authorizationExpiresAt: info.expire_time === undefined ? known.authorizationExpiresAt : info.expire_time * 1000,
      }));
    } catch (err) {
      // Rows do without the name for a while.
      this.#askedAt.set(shopId, this.#now() - dayMs + againMs);
      logger.debug({ err, shop: shopId }, 'shop info not read');
    }
  }

  async #warn({ shopId, shopName, authorizationExpiresAt }: ShopTokens): Promise<void> {
    if (authorizationExpiresAt === undefined || authorizationExpiresAt - this.#now() > warnMs) return;
    const day = new Date(authorizationExpiresAt).toISOString().slice(0, 10);
    await this.#options.alarms.once(`authorization:${shopId}`, {
      severity: 'warning',
      title: `Shop ${shopName ?? shopId}: its authorisation ends on ${day}`,
      text: `${renewalAdvice(this.#options.publicUrl)}, or its orders can no longer be read from that day on.`,
    });
  }

  #now(): number {
    return (this.#options.now ?? Date.now)();
  }
}
