import type { ShopeeClient } from '@shopee-webhook/shopee';
import type { Job } from './job.ts';

export interface PushHealthDeps {
  shopee: Pick<ShopeeClient, 'getPushConfig'>;
}

/**
 * Reads how Shopee rates our responses: below 70 % success it warns, below 30 % it suspends the subscription, measured over
 * six hours with more than 600 pushes, and pushes of a suspension are lost (Shopee guide 18). The forwarder, which sends the
 * responses and works without Redis too, raises the alert.
 */
export function pushHealthJob({ shopee }: PushHealthDeps): Job {
  return {
    name: 'push-health',
    description: 'Checks that Shopee still sends pushes, and to which URL.',
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
