import { ShopeeClient, type Limiter } from '@shopee-webhook/shopee';
import { GoogleClient, LocalQuota, type Quota, SharedQuota } from '@shopee-webhook/sheets';
import type { WorkerConfig } from './config.ts';
import type { RedisDeps } from './create-redis.ts';
import type { WorkerMetrics } from './monitoring/metrics.ts';

/** The Shopee API client, with metrics and rate limiting. */
export function createShopeeClient(config: WorkerConfig, limiter: Limiter, metrics: WorkerMetrics): ShopeeClient {
  return new ShopeeClient({
    partnerId: config.partner.id,
    partnerKey: config.partner.key,
    baseUrl: config.shopeeUrl,
    limiter,
    onCall: ({ path, error, ms }) => {
      metrics.calls.add('shopee');
      metrics.onShopeeCall({ path, error, ms });
    },
  });
}

/** The Google request quota, shared by all workers of a service account. */
export function createSheetsQuota(config: WorkerConfig, redis: RedisDeps | undefined): Quota {
  const { email } = config.sheets.account;
  return redis === undefined
    ? new LocalQuota()
    : new SharedQuota({ redis: redis.monitor.redis, keys: redis.monitor.keys, email });
}

/** The Google Sheets client, with metrics. */
export function createGoogleClient(config: WorkerConfig, quota: Quota, metrics: WorkerMetrics): GoogleClient {
  const { account, rootUrl, tokenUrl } = config.sheets;
  return new GoogleClient({
    account,
    quota,
    rootUrl,
    tokenUrl,
    onCall: ({ method, error, ms }) => {
      metrics.calls.add(method === 'get' || method === 'read' ? 'sheetRead' : 'sheetWrite');
      metrics.onSheetCall({ method, error: error?.kind, ms });
    },
  });
}
