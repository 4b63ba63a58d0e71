import { ShopeeClient, type Limiter } from '@shopee-webhook/shopee';
import type { WorkerConfig } from './config.ts';
import type { RedisParts } from './redis-parts.ts';
import { GoogleClient } from './sheets/google-client.ts';
import { LocalQuota, SharedQuota, type Quota } from './sheets/quota.ts';
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
      metrics.shopeeCall({ path, error, ms });
    },
  });
}

/** Requests to Google: all workers of a service account share them. */
export function sheetsQuota(config: WorkerConfig, redis: RedisParts | undefined): Quota {
  const { email } = config.sheets.account;
  return redis === undefined
    ? new LocalQuota()
    : new SharedQuota({ redis: redis.link.redis, keys: redis.link.keys, email });
}

/** The client of Google Sheets, measured. */
export function googleClient(config: WorkerConfig, quota: Quota, metrics: WorkerMetrics): GoogleClient {
  const { account, rootUrl, tokenUrl } = config.sheets;
  return new GoogleClient({
    account,
    quota,
    rootUrl,
    tokenUrl,
    onCall: ({ method, error, ms }) => {
      metrics.calls.add(method === 'get' || method === 'read' ? 'sheetRead' : 'sheetWrite');
      metrics.sheetCall({ method, error: error?.kind, ms });
    },
  });
}
