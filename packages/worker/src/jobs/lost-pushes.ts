import {
  MalformedPushError,
  orderSnOf,
  parsePush,
  pushDigest,
  type Push,
  type ShopeeClient,
} from '@shopee-webhook/shopee';
import type { TokenStore } from '@shopee-webhook/store';
import type { Alerts } from '../monitoring/alerts.ts';
import { UpstreamUnavailableError } from '../consumer/errors.ts';
import type { Job, JobResult } from './job.ts';
import type { OrderRefresh } from './order-refresh.ts';
import { FailedOrders } from './failed-orders.ts';

export interface LostPushesDeps {
  shopee: Pick<ShopeeClient, 'getLostPushes' | 'confirmLostPushes'>;
  orderRefresh: Pick<OrderRefresh, 'enqueuePush'>;
  tokens: Pick<TokenStore, 'get'>;
  alerts: Pick<Alerts, 'raise' | 'resolve'>;
  findSpreadsheet: (shopId: string) => string | undefined;
}

const tenMinutes = 600_000;

/**
 * Fetches the pushes that Shopee gave up on (it keeps them three days) and queues them. Each page is stored before it is
 * confirmed, for confirming makes Shopee forget everything up to its last message. A crash between the two brings the
 * page again, and the digest keeps its pushes from being queued twice.
 *
 * Without a queue they are handled at once. One that cannot be, or whose shop is not connected or has no spreadsheet, would
 * keep all the others behind it until Shopee drops them: the operator is told of its order, and its page is confirmed. A
 * side that is away for a while keeps its page.
 */
export function lostPushesJob(options: LostPushesDeps): Job {
  const { shopee, alerts } = options;
  return {
    name: 'lost-pushes',
    description: 'Fetches the pushes that Shopee gave up on, from the last three days.',
    intervalMs: tenMinutes,
    runOnStart: true,
    async run({ signal, progress }): Promise<JobResult> {
      const failed: Record<string, string> = {};
      const result = { fetched: 0, queued: 0, known: 0, pages: 0, failed };
      const unwritten = new FailedOrders({ alerts, failed });
      let lastConfirmed: string | undefined;
      while (!signal.aborted) {
        const page = await shopee.getLostPushes();
        // What the last id of an empty page means is documented nowhere: never confirm one.
        if (page.pushes.length === 0) break;
        if (page.lastMessageId !== undefined && page.lastMessageId === lastConfirmed)
          throw new Error('Shopee gives the same lost pushes again although they were confirmed');
        let away: UpstreamUnavailableError | undefined;
        for (const { pushText } of page.pushes) {
          if (signal.aborted) return result;
          result.fetched += 1;
          const outcome = await enqueuePush(options, unwritten, pushText);
          if (outcome === 'duplicate') result.known += 1;
          if (outcome === 'enqueued') result.queued += 1;
          if (outcome instanceof UpstreamUnavailableError) away ??= outcome;
        }
        // Those behind it on the page may be of other shops: they were handled, and will be again.
        if (away !== undefined) throw away;
        unwritten.blameUpstream();
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

async function enqueuePush(
  { orderRefresh, tokens, findSpreadsheet }: LostPushesDeps,
  unwritten: FailedOrders,
  pushText: string,
): Promise<'enqueued' | 'duplicate' | 'failed' | UpstreamUnavailableError> {
  const push = tryParsePush(pushText);
  const { shopId = 'unknown' } = push ?? {};
  const order = { shopId, sn: describePush(push) };
  let outcome: 'enqueued' | 'duplicate' | 'failed' = 'failed';
  try {
    await unwritten.track(order, async () => {
      outcome = await orderRefresh.enqueuePush(pushText, 'lost-push', push && pushDigest(push));
    });
    return outcome;
  } catch (error) {
    if (!(error instanceof UpstreamUnavailableError)) throw error;
    // A closed gate does not say why it is, so the error cannot tell whether it is for a while.
    const isServed = findSpreadsheet(shopId) !== undefined && (await tokens.get(shopId))?.state === 'active';
    if (isServed) return error;
    await unwritten.recordFailure(order, error);
    return 'failed';
  }
}

/** What a person knows it by. */
function describePush(push: Push | undefined): string {
  if (push === undefined) return 'that is no push';
  return orderSnOf(push) ?? `of a push with code ${String(push.code)}`;
}

/** None for what is no push: it goes through the queue to the dead letters, where a person sees it. */
function tryParsePush(text: string): Push | undefined {
  try {
    return parsePush(text);
  } catch (error) {
    if (error instanceof MalformedPushError) return undefined;
    throw error;
  }
}
