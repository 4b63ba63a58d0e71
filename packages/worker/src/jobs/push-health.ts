import type { ShopeeClient } from '@shopee-webhook/shopee';
import type { Alarms } from '../alarms.ts';
import type { Job } from './job.ts';

export interface PushHealthOptions {
  shopee: Pick<ShopeeClient, 'getPushConfig'>;
  alarms: Pick<Alarms, 'begin' | 'end'>;
}

const alarm = 'push-subscription';

/**
 * Watches what Shopee thinks of our answers: it warns under 70 % of good ones and stops the subscription under 30 %, counted
 * over six hours with more than 600 pushes, and what it would have sent then is gone for good (Shopee guide 18).
 */
export function pushHealthJob({ shopee, alarms }: PushHealthOptions): Job {
  return {
    name: 'push-health',
    about: 'Asks Shopee whether it still sends pushes, and warns before it stops.',
    everyMs: 900_000,
    atStart: true,
    async run() {
      const { status, callbackUrl, suspendedAt, onCodes } = await shopee.getPushConfig();
      if (status === 'suspended') {
        await alarms.begin(alarm, {
          severity: 'critical',
          title: 'Shopee has stopped the push subscription',
          text: 'Too many pushes were not answered 200 in time. What happens until it is switched on again is not sent later: switch it on under Push Mechanism in Shopee’s console. Missed orders are found by the reconcile job.',
        });
      } else if (status === 'warning') {
        await alarms.begin(alarm, {
          severity: 'critical',
          title: 'Shopee is about to stop the push subscription',
          text: 'Fewer than 70 % of the pushes of the last six hours were answered 200 in time; under 30 % Shopee stops sending. Look at Refused pushes on the dashboard: most often the callback URL or the push key is wrong.',
        });
      } else {
        await alarms.end(alarm);
      }
      return { status: status ?? 'unknown', callbackUrl: callbackUrl ?? '', suspendedAt: suspendedAt ?? null, onCodes };
    },
  };
}
