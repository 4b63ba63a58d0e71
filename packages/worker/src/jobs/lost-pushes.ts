import {
  MalformedPushError,
  orderSnOf,
  parsePush,
  pushDigest,
  type Push,
  type ShopeeClient,
} from '@shopee-webhook/shopee';
import type { AlertEngine, TokenStore } from '@shopee-webhook/store';
import { UpstreamUnavailableError } from '../upstreams/errors.ts';
import type { Job, JobResult } from './job.ts';
import type { OrderRefresh } from './order-refresh.ts';
import { FailedOrders } from './failed-orders.ts';

export interface LostPushesDeps {
  shopee: Pick<ShopeeClient, 'getLostPushes' | 'confirmLostPushes'>;
  orderRefresh: Pick<OrderRefresh, 'enqueuePush'>;
  tokens: Pick<TokenStore, 'get'>;
  alerts: Pick<AlertEngine, 'raise' | 'resolve'>;
  findSpreadsheet: (shopId: string) => string | undefined;
}

const tenMinutes = 600_000;

/**
 * Fetches the pushes that Shopee gave up on (it keeps them for three days) and queues them. Each page is stored before it
 * is confirmed, because confirming makes Shopee drop everything up to its last message. After a crash between the two the
 * page is fetched again, and the digest prevents queueing its pushes twice.
 *
 * Without a queue they are processed at once. One that cannot be, or whose shop is not connected or has no spreadsheet,
 * would block all the others until Shopee drops them: an alert names its order, and its page is confirmed. While an
 * upstream is unavailable its page is not confirmed.
 */
export function lostPushesJob(options: LostPushesDeps): Job {
  const { shopee, alerts } = options;
  return {
    name: 'lost-pushes',
    description: 'Fetches pushes that Shopee failed to deliver in the last three days.',
    intervalMs: tenMinutes,
    runOnStart: true,
    async run({ signal, progress }): Promise<JobResult> {
      const failed: Record<string, string> = {};
      const result = { fetched: 0, queued: 0, known: 0, pages: 0, failed };
      const failedOrders = new FailedOrders({ alerts, failed });
      let lastConfirmed: string | undefined;
      while (!signal.aborted) {
        const page = await shopee.getLostPushes();
        // The meaning of an empty page's last id is undocumented: never confirm one.
        if (page.pushes.length === 0) break;
        if (page.lastMessageId !== undefined && page.lastMessageId === lastConfirmed)
          throw new Error('Shopee returns the same lost pushes again although they were confirmed');
        let unavailable: UpstreamUnavailableError | undefined;
        for (const { pushText } of page.pushes) {
          if (signal.aborted) return result;
          result.fetched += 1;
          const outcome = await enqueuePush(options, failedOrders, pushText);
          if (outcome === 'duplicate') result.known += 1;
          if (outcome === 'enqueued') result.queued += 1;
          if (outcome instanceof UpstreamUnavailableError) unavailable ??= outcome;
        }
        // The rest of the page may be of other shops: they were processed, and will be again.
        if (unavailable !== undefined) throw unavailable;
        failedOrders.blameUpstream();
        if (page.lastMessageId === undefined)
          throw new Error('Shopee returned lost pushes without an id to confirm them; they are queued');
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
  failedOrders: FailedOrders,
  pushText: string,
): Promise<'enqueued' | 'duplicate' | 'failed' | UpstreamUnavailableError> {
  const push = tryParsePush(pushText);
  const { shopId = 'unknown' } = push ?? {};
  const order = { shopId, sn: describePush(push) };
  let outcome: 'enqueued' | 'duplicate' | 'failed' = 'failed';
  try {
    await failedOrders.track(order, async () => {
      outcome = await orderRefresh.enqueuePush(pushText, 'lost-push', push && pushDigest(push));
    });
    return outcome;
  } catch (error) {
    if (!(error instanceof UpstreamUnavailableError)) throw error;
    // An open circuit breaker does not say why, so the error cannot tell whether the outage is temporary.
    const isServed = findSpreadsheet(shopId) !== undefined && (await tokens.get(shopId))?.state === 'active';
    if (isServed) return error;
    await failedOrders.recordFailure(order, error);
    return 'failed';
  }
}

/** How an operator identifies it. */
function describePush(push: Push | undefined): string {
  if (push === undefined) return '(not a push)';
  return orderSnOf(push) ?? `of a push with code ${String(push.code)}`;
}

/** Undefined for what is not a push: it becomes a dead letter through the queue, where an operator sees it. */
function tryParsePush(text: string): Push | undefined {
  try {
    return parsePush(text);
  } catch (error) {
    if (error instanceof MalformedPushError) return undefined;
    throw error;
  }
}
