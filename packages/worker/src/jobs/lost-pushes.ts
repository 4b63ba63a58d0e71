import { NotAPushError, parsePush, pushDigest, type ShopeeClient } from '@shopee-webhook/shopee';
import type { Job, JobResult } from './job.ts';
import type { Refresher } from './refresher.ts';

export interface LostPushesOptions {
  shopee: Pick<ShopeeClient, 'getLostPushes' | 'confirmLostPushes'>;
  refresher: Pick<Refresher, 'put'>;
}

const tenMinutes = 600_000;

/**
 * Fetches the pushes that Shopee gave up on (it keeps them three days) and queues them. Each page is stored before it is
 * confirmed, for confirming makes Shopee forget everything up to its last message. A crash between the two brings the
 * page again, and the digest keeps its pushes from being queued twice.
 */
export function lostPushesJob({ shopee, refresher }: LostPushesOptions): Job {
  return {
    name: 'lost-pushes',
    about: 'Fetches the pushes that Shopee gave up on, from the last three days.',
    everyMs: tenMinutes,
    atStart: true,
    async run({ signal, progress }): Promise<JobResult> {
      const result = { fetched: 0, queued: 0, known: 0, pages: 0 };
      let lastConfirmed: string | undefined;
      while (!signal.aborted) {
        const page = await shopee.getLostPushes();
        // What the last id of an empty page means is documented nowhere: never confirm one.
        if (page.pushes.length === 0) break;
        if (page.lastMessageId !== undefined && page.lastMessageId === lastConfirmed)
          throw new Error('Shopee gives the same lost pushes again although they were confirmed');
        for (const { pushText } of page.pushes) {
          result.fetched += 1;
          if ((await refresher.put(pushText, 'lost-push', digestOf(pushText))) === 'duplicate') result.known += 1;
          else result.queued += 1;
        }
        if (page.lastMessageId === undefined)
          throw new Error('Shopee gives lost pushes without an id to confirm them with; they are queued');
        await shopee.confirmLostPushes(page.lastMessageId);
        lastConfirmed = page.lastMessageId;
        result.pages += 1;
        progress({ ...result });
        if (!page.hasNextPage) break;
      }
      return result;
    },
  };
}

/** None for what is no push: it goes through the queue to the dead letters, where a person sees it. */
function digestOf(text: string): string | undefined {
  try {
    return pushDigest(parsePush(text));
  } catch (error) {
    if (error instanceof NotAPushError) return undefined;
    throw error;
  }
}
