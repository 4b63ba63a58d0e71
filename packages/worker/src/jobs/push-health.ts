import type { ShopeeClient } from '@shopee-webhook/shopee';
import type { Job } from './job.ts';

export interface PushHealthDeps {
  shopee: Pick<ShopeeClient, 'getPushConfig'>;
}

/**
 * Watches what Shopee thinks of our answers: it warns under 70 % of good ones and stops the subscription under 30 %, counted
 * over six hours with more than 600 pushes, and what it would have sent then is gone for good (Shopee guide 18). The forwarder,
 * which gives the answers and works without Redis too, raises the alarm.
 */
export function pushHealthJob({ shopee }: PushHealthDeps): Job {
  return {
    name: 'push-health',
    description: 'Asks Shopee whether it still sends pushes, and to which address.',
    intervalMs: 900_000,
    runOnStart: true,
    async run() {
      const { status, callbackUrl, suspendedAt, enabledCodes } = await shopee.getPushConfig();
      return {
        status: status ?? 'unknown',
        callbackUrl: callbackUrl ?? '',
        suspendedAt: suspendedAt ?? null,
        onCodes: enabledCodes,
      };
    },
  };
}
