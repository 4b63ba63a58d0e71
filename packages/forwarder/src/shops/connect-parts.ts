import type { Logger } from '@shopee-webhook/runtime';
import { ShopeeClient } from '@shopee-webhook/shopee';
import { keysOf, TokenStore } from '@shopee-webhook/store';
import type { ForwarderConfig } from '../config.ts';
import type { StoreParts } from '../redis-parts.ts';
import { ShopConnect } from './shop-connect.ts';

/** Wires what connects shops in the browser. */
export function createShopConnect(parts: {
  config: ForwarderConfig;
  store: StoreParts | undefined;
  logger: Logger;
}): ShopConnect {
  const { config, store, logger } = parts;
  const { partnerId, partnerKey, apiUrl } = config.shopee;
  const keys = store?.keys ?? keysOf(config.redis.keyPrefix);
  return new ShopConnect({
    shopee: new ShopeeClient({ partnerId, partnerKey, baseUrl: apiUrl }),
    tokens: new TokenStore({ redis: store?.redis, keys, dataDir: config.dataDir }),
    partner: { id: partnerId, key: partnerKey },
    apiUrl,
    publicUrl: config.publicUrl,
    logger,
  });
}
