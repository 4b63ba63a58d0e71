import type { Logger } from '@shopee-webhook/runtime';
import { ShopeeClient } from '@shopee-webhook/shopee';
import { buildKeys, TokenStore } from '@shopee-webhook/store';
import type { ForwarderConfig } from '../config.ts';
import type { RedisDeps } from '../redis/create-redis.ts';
import { ShopAuthorization } from './shop-authorization.ts';

/** Wires what connects shops in the browser. */
export function createShopAuthorization(deps: {
  config: ForwarderConfig;
  redis: RedisDeps | undefined;
  logger: Logger;
}): ShopAuthorization {
  const { config, redis, logger } = deps;
  const { partnerId, partnerKey, apiUrl } = config.shopee;
  const keys = redis?.keys ?? buildKeys(config.redis.keyPrefix);
  return new ShopAuthorization({
    shopee: new ShopeeClient({ partnerId, partnerKey, baseUrl: apiUrl }),
    tokens: new TokenStore({ redis: redis?.redis, keys, dataDir: config.dataDir }),
    partner: { id: partnerId, key: partnerKey },
    apiUrl,
    publicUrl: config.publicUrl,
    logger,
  });
}
