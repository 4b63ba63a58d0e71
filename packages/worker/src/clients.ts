import { ShopeeClient, type Limiter } from '@shopee-webhook/shopee';
import type { WorkerConfig } from './config.ts';
import type { RedisParts } from './redis-parts.ts';
import { GoogleClient } from './sheets/google-client.ts';
import { LocalQuota, SharedQuota } from './sheets/quota.ts';
import type { WorkerMetrics } from './worker-metrics.ts';

/** The client of Shopee's API, measured and paced. */
export function shopeeClient(config: WorkerConfig, limiter: Limiter, metrics: WorkerMetrics): ShopeeClient {
  return new ShopeeClient({
    partnerId: config.partner.id,
    partnerKey: config.partner.key,
    baseUrl: config.shopeeUrl,
    limiter,
    onCall: ({ path, error, ms }) => {
      metrics.calls.add('shopee');
      metrics.shopeeCalls.observe({ path, error: error ?? '' }, ms / 1000);
    },
  });
}

/** The client of Google Sheets, measured; all workers of a service account share its quota. */
export function googleClient(
  config: WorkerConfig,
  redis: RedisParts | undefined,
  metrics: WorkerMetrics,
): GoogleClient {
  const { account, rootUrl, tokenUrl } = config.sheets;
  const quota =
    redis === undefined
      ? new LocalQuota()
      : new SharedQuota({ redis: redis.link.redis, keys: redis.link.keys, email: account.email });
  return new GoogleClient({
    account,
    quota,
    rootUrl,
    tokenUrl,
    onCall: ({ method, error, ms }) => {
      metrics.calls.add(method === 'get' || method === 'read' ? 'sheetRead' : 'sheetWrite');
      metrics.sheetCalls.observe({ method, error: error?.kind ?? '' }, ms / 1000);
    },
  });
}
