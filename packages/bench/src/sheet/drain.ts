import { setTimeout as sleep } from 'node:timers/promises';
import { systemClock } from '@shopee-webhook/runtime';
import { checkSheet } from '../checks/sheet-check.ts';
import { Stack } from '../stack/stack.ts';
import { SheetMonitor } from './sheet-monitor.ts';
import { advanceOrders, enqueueAll, placeOrders, countUnsettled } from './pending-orders.ts';

/** Duration of Google's and Shopee's calls in these runs, ms: about as in production. */
export const latencies = { googleMs: 800, shopeeMs: 250 };

export interface DrainOptions {
  /** Data and logs go here. */
  dir: string;
  orders: number;
  /** How many of them have a second push. */
  secondPushes?: number;
  /** One consumer and one order at a time, through the same code. */
  oneByOne?: boolean;
}

/** How the queue became rows. */
export interface DrainResult {
  orders: number;
  /** Rows in Orders and Items. */
  rows: number;
  /** From the start of the worker's process to the last order's row, or to the last second push. */
  seconds: number;
  ordersPerMinute: number;
  sheetsRequests: number;
  /** In the busiest 10 s and over the whole run. */
  sheetsRequestsPerSecond: { peak: number; mean: number };
  sheetsRequestsPerOrder: number;
  shopeeCalls: number;
  shopeeCallsPerOrder: number;
  /** 429s of Google; its real quotas apply. */
  throttled: number;
  largestRequestBytes: number;
  /** Missing, duplicate, stale or wrong orders, and dead letters; must be 0. */
  violations: number;
}

const oneByOneEnv = { REDIS_NUM_WORKERS: '1', WORKER_BATCH_SIZE: '1', WORKER_MAX_IN_FLIGHT: '1' };

/** A stack whose fakes have realistic latencies and Google's real quotas. */
export function createSheetStack(options: Pick<DrainOptions, 'dir' | 'oneByOne'>): Promise<Stack> {
  return Stack.create({
    dir: options.dir,
    shopee: { settings: { latencyMs: latencies.shopeeMs } },
    google: { latencyMs: latencies.googleMs },
    // Measures the queue only, not the jobs' own calls.
    env: { SCHEDULED_JOBS: 'false', ...(options.oneByOne === true ? oneByOneEnv : {}) },
  });
}

/** Starts the workers on `orders` messages in the queue, and measures until all of them are rows. */
export async function measureDrain(
  stack: Stack,
  { orders, secondPushes = 0 }: Pick<DrainOptions, 'orders' | 'secondPushes'>,
): Promise<DrainResult> {
  const placed = placeOrders(stack, orders);
  const pushes = [...placed, ...advanceOrders(stack, placed.slice(0, secondPushes))];
  await stack.startRedis();
  await stack.forwarder.start();
  await enqueueAll(stack, pushes);
  stack.google.clearLog();
  stack.shopee.calls.length = 0;
  const monitor = new SheetMonitor(stack);
  const startedAt = systemClock.monotonicMs();
  await Promise.all(stack.workers.map((worker) => worker.start()));
  await monitor.waitFor(orders, 900_000);
  if (secondPushes > 0) await waitUntilSettled(stack);
  const seconds = (systemClock.monotonicMs() - startedAt) / 1000;
  const googleLog = { requests: [...stack.google.requests], counters: { ...stack.google.counters } };
  const shopeeCalls = stack.shopee.calls.length;
  const deadLetters = await waitUntilSettled(stack);
  const check = checkSheet(stack, new Set(placed.map(({ data }) => String(data['ordersn']))));
  const items = stack.google.spreadsheet().sheetByTitle('Items')?.grid.rows.length ?? 1;
  return {
    orders,
    rows: check.rows + items - 1,
    seconds,
    ordersPerMinute: (orders / seconds) * 60,
    sheetsRequests: googleLog.counters.requests,
    sheetsRequestsPerSecond: {
      peak: peakRate(googleLog.requests.map(({ at }) => at)),
      mean: googleLog.counters.requests / seconds,
    },
    sheetsRequestsPerOrder: googleLog.counters.requests / orders,
    shopeeCalls,
    shopeeCallsPerOrder: shopeeCalls / orders,
    throttled: googleLog.counters.throttled,
    largestRequestBytes: Math.max(...googleLog.requests.map(({ bytes }) => bytes)),
    violations: deadLetters + check.missing.length + check.duplicates.length + check.stale.length + check.wrong.length,
  };
}

/** Resolves when no message is left, with the number of dead letters. */
async function waitUntilSettled(stack: Stack): Promise<number> {
  for (;;) {
    const { remaining, deadLetters } = await countUnsettled(stack);
    if (remaining === 0) return deadLetters;
    await sleep(250);
  }
}

const windowMs = 10_000;

/** Requests a second in the busiest ten seconds. */
function peakRate(times: readonly number[]): number {
  let first = 0;
  let peak = 0;
  times.forEach((at, index) => {
    while (at - (times[first] ?? at) >= windowMs) first += 1;
    peak = Math.max(peak, index - first + 1);
  });
  return peak / (windowMs / 1000);
}
