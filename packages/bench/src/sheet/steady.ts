import { setTimeout as sleep } from 'node:timers/promises';
import { signPush } from '@shopee-webhook/shopee';
import { toJson, type PushBody } from '@shopee-webhook/sandbox';
import type { Stack } from '../stack.ts';
import { percentile } from '../table.ts';
import { SheetWatch } from './sheet-watch.ts';
import { placeOrders } from './waiting-orders.ts';

export interface SteadyOptions {
  perSecond: number;
  seconds: number;
}

/** From a push to its row, ms. */
export interface SteadyFigures {
  orders: number;
  perSecond: number;
  p50: number;
  p95: number;
  longest: number;
  sheetsRequestsPerSecond: number;
  throttled: number;
}

/** Sends new orders' pushes to the forwarder at an even rate, and measures when each has its row. The stack runs. */
export async function measureSteady(stack: Stack, { perSecond, seconds }: SteadyOptions): Promise<SteadyFigures> {
  const orders = perSecond * seconds;
  const watch = new SheetWatch(stack);
  const before = watch.look();
  stack.google.clearLog();
  const sentAt = new Map<string, number>();
  const begun = performance.now();
  const watched = watch.until(before + orders, seconds * 1000 + 120_000);
  for (let sent = 0; sent < orders; sent += 1) {
    await sleep(Math.max(0, begun + (sent * 1000) / perSecond - performance.now()));
    const [push] = placeOrders(stack, 1);
    if (push === undefined) continue;
    sentAt.set(String(push.data['ordersn']), Date.now());
    // Not waited for: the next buyer does not wait either. A push that fails shows as an order without a row.
    void post(stack, push).catch(() => undefined);
  }
  await watched;
  const took = [...sentAt].map(([sn, at]) => (watch.seenAt.get(sn) ?? Infinity) - at);
  const { requests, throttled } = stack.google.counters;
  return {
    orders,
    perSecond,
    p50: percentile(took, 0.5),
    p95: percentile(took, 0.95),
    longest: Math.max(...took),
    sheetsRequestsPerSecond: requests / ((performance.now() - begun) / 1000),
    throttled,
  };
}

async function post(stack: Stack, push: PushBody): Promise<void> {
  const { shopee, callbackUrl } = stack;
  const body = toJson(push);
  const headers = {
    authorization: signPush(shopee.app.pushKey, callbackUrl, body),
    'content-type': 'application/json',
  };
  const answer = await fetch(callbackUrl, { method: 'POST', body, headers });
  if (answer.status !== 200) throw new Error(`a push was answered ${answer.status}`);
}
