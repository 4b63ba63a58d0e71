import { setTimeout as sleep } from 'node:timers/promises';
import { systemClock } from '@shopee-webhook/runtime';
import { signPush } from '@shopee-webhook/shopee';
import { toJson, type PushBody } from '@shopee-webhook/sandbox';
import type { Stack } from '../stack/stack.ts';
import { percentile } from '../report/table.ts';
import { SheetMonitor } from './sheet-monitor.ts';
import { placeOrders } from './pending-orders.ts';

export interface SteadyOptions {
  perSecond: number;
  seconds: number;
}

/** From a push to its row, ms. */
export interface SteadyResult {
  orders: number;
  perSecond: number;
  p50: number;
  p95: number;
  max: number;
  sheetsRequestsPerSecond: number;
  throttled: number;
}

/** Sends new orders' pushes to the forwarder at an even rate, and measures when each has its row. The stack runs. */
export async function measureSteady(stack: Stack, { perSecond, seconds }: SteadyOptions): Promise<SteadyResult> {
  const orders = perSecond * seconds;
  const monitor = new SheetMonitor(stack);
  const before = monitor.poll();
  stack.google.clearLog();
  const sentAt = new Map<string, number>();
  const startedAt = systemClock.monotonicMs();
  const allWritten = monitor.waitFor(before + orders, seconds * 1000 + 120_000);
  for (let sent = 0; sent < orders; sent += 1) {
    await sleep(Math.max(0, startedAt + (sent * 1000) / perSecond - systemClock.monotonicMs()));
    const [push] = placeOrders(stack, 1);
    if (push === undefined) continue;
    sentAt.set(String(push.data['ordersn']), systemClock.monotonicMs());
    // Not awaited: the next buyer does not wait either. A push that fails shows as an order without a row.
    void post(stack, push).catch(() => undefined);
  }
  await allWritten;
  const latencies = [...sentAt].map(([sn, at]) => (monitor.seenAt.get(sn) ?? Infinity) - at);
  const { requests, throttled } = stack.google.counters;
  return {
    orders,
    perSecond,
    p50: percentile(latencies, 0.5),
    p95: percentile(latencies, 0.95),
    max: Math.max(...latencies),
    sheetsRequestsPerSecond: requests / ((systemClock.monotonicMs() - startedAt) / 1000),
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
  const response = await fetch(callbackUrl, { method: 'POST', body, headers });
  if (response.status !== 200) throw new Error(`a push got status ${response.status}`);
}
