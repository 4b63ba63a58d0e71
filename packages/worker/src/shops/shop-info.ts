import { type Logger, systemClock } from '@shopee-webhook/runtime';
import type { ShopeeClient } from '@shopee-webhook/shopee';
import type { AlertEngine, ShopTokens, TokenStore } from '@shopee-webhook/store';
import { reauthorizationHint } from './reauthorization-hint.ts';
import type { AccessTokens } from './access-tokens.ts';

export interface ShopInfoRefresherDeps {
  tokens: Pick<TokenStore, 'list'>;
  accessTokens: Pick<AccessTokens, 'withToken' | 'change'>;
  shopee: Pick<ShopeeClient, 'getShopInfo'>;
  alerts: AlertEngine;
  logger: Logger;
  publicUrl: string | undefined;
  now?: () => number;
}

const dayMs = 86_400_000;
const retryMs = 600_000;
/** The lead time of Shopee's own push with code 12. */
const warnBeforeMs = 7 * dayMs;

/** Refreshes each shop's name, region and authorization expiry, for rows and alerts. */
export class ShopInfoRefresher {
  readonly #options: ShopInfoRefresherDeps;
  /** Shop → when its info is due, by the monotonic clock. */
  readonly #dueAt = new Map<string, number>();

  constructor(options: ShopInfoRefresherDeps) {
    this.#options = options;
  }

  /** Requests each shop's info once a day, and warns of authorizations that expire within a week. */
  async refresh(): Promise<void> {
    for (const shop of await this.#options.tokens.list()) {
      if (shop.state !== 'active') continue;
      if (systemClock.monotonicMs() >= (this.#dueAt.get(shop.shopId) ?? 0)) await this.#refreshShop(shop);
      await this.#warnOfExpiry(shop);
    }
  }

  async #refreshShop({ shopId }: ShopTokens): Promise<void> {
    const { accessTokens, shopee, logger } = this.#options;
    this.#dueAt.set(shopId, systemClock.monotonicMs() + dayMs);
    try {
      const info = await accessTokens.withToken(shopId, (auth) => shopee.getShopInfo(auth));
      await accessTokens.change(shopId, (known) => ({
        ...known,
        shopName: info.shop_name ?? known.shopName,
        region: info.region ?? known.region,
        authorizationExpiresAt: info.expire_time === undefined ? known.authorizationExpiresAt : info.expire_time * 1000,
      }));
    } catch (err) {
      // Rows show the shop's id for a while.
      this.#dueAt.set(shopId, systemClock.monotonicMs() + retryMs);
      logger.debug({ err, shop: shopId }, 'shop info not refreshed');
    }
  }

  async #warnOfExpiry({ shopId, shopName, authorizationExpiresAt }: ShopTokens): Promise<void> {
    if (authorizationExpiresAt === undefined || authorizationExpiresAt - this.#now() > warnBeforeMs) return;
    const day = new Date(authorizationExpiresAt).toISOString().slice(0, 10);
    await this.#options.alerts.notify(`authorization:${shopId}`, {
      severity: 'warning',
      title: `Shop ${shopName ?? shopId}: authorization expires on ${day}`,
      text: `${reauthorizationHint(this.#options.publicUrl)} before then, or its orders can no longer be read.`,
    });
  }

  #now(): number {
    return (this.#options.now ?? systemClock.wallMs)();
  }
}
