import { setTimeout as sleep } from 'node:timers/promises';
import { accountOfSheet } from '../chaos/sheet-account.ts';
import { Stack } from '../stack.ts';
import { SheetWatch } from './sheet-watch.ts';
import { advanceOrders, enqueueAll, placeOrders, unsettled } from './waiting-orders.ts';

/** What Google and Shopee take for a call in these runs, ms: about what they take in life. */
export const latencies = { googleMs: 800, shopeeMs: 250 };

export interface DrainOptions {
  /** Data and logs go here. */
  dir: string;
  orders: number;
  /** So many of them have a second push. */
  advanced?: number;
  /** One consumer that takes one order at a time, through the same code. */
  oneByOne?: boolean;
}

/** How a queue full of orders became rows. */
export interface DrainFigures {
  orders: number;
  /** Rows in Orders and Items. */
  rows: number;
  /** From the start of the worker's process to the last order's row, or to the last second push. */
  seconds: number;
  ordersPerMinute: number;
  sheetsRequests: number;
  /** In the busiest 10 s and over the whole run. */
  sheetsRequestsPerSecond: { most: number; mean: number };
  sheetsRequestsPerOrder: number;
  shopeeCalls: number;
  shopeeCallsPerOrder: number;
  /** 429s that Google answered; its real quotas hold. */
  throttled: number;
  largestRequestBytes: number;
  /** Lost, doubled, stale or wrong orders, and dead letters; must be 0. */
  faults: number;
}

const oneByOneEnv = { REDIS_NUM_WORKERS: '1', WORKER_BATCH_SIZE: '1', WORKER_MAX_IN_HAND: '1' };

/** Starts Redis, the forwarder and a stand-in world with life-like latencies and Google's real quotas. */
export function createSheetStack(options: Pick<DrainOptions, 'dir' | 'oneByOne'>): Promise<Stack> {
  return Stack.create({
    dir: options.dir,
    shopee: { settings: { latencyMs: latencies.shopeeMs } },
    google: { latencyMs: latencies.googleMs },
    // Only what the queue holds is to be measured, and not the jobs' own calls.
    env: { SCHEDULED_JOBS: 'false', ...(options.oneByOne === true ? oneByOneEnv : {}) },
  });
}

/** Lets a worker find `orders` messages in the queue, and measures until all of them are rows. */
export async function measureDrain(
  stack: Stack,
  { orders, advanced = 0 }: Pick<DrainOptions, 'orders' | 'advanced'>,
): Promise<DrainFigures> {
  const placed = placeOrders(stack, orders);
  const pushes = [...placed, ...advanceOrders(stack, placed.slice(0, advanced))];
  await stack.startRedis();
  await stack.forwarder.start();
  await enqueueAll(stack, pushes);
  stack.google.clearLog();
  stack.shopee.calls.length = 0;
  const watch = new SheetWatch(stack);
  const begun = performance.now();
  await Promise.all(stack.workers.map((worker) => worker.start()));
  await watch.until(orders, 900_000);
  if (advanced > 0) await settled(stack);
  const seconds = (performance.now() - begun) / 1000;
  const asked = { requests: [...stack.google.requests], counters: { ...stack.google.counters } };
  const shopeeCalls = stack.shopee.calls.length;
  const dead = await settled(stack);
  const account = accountOfSheet(stack, new Set(placed.map(({ data }) => String(data['ordersn']))));
  const items = stack.google.spreadsheet().sheetByTitle('Items')?.grid.rows.length ?? 1;
  return {
    orders,
    rows: account.rows + items - 1,
    seconds,
    ordersPerMinute: (orders / seconds) * 60,
    sheetsRequests: asked.counters.requests,
    sheetsRequestsPerSecond: {
      most: busiest(asked.requests.map(({ at }) => at)),
      mean: asked.counters.requests / seconds,
    },
    sheetsRequestsPerOrder: asked.counters.requests / orders,
    shopeeCalls,
    shopeeCallsPerOrder: shopeeCalls / orders,
    throttled: asked.counters.throttled,
    largestRequestBytes: Math.max(...asked.requests.map(({ bytes }) => bytes)),
    faults: dead + account.lost.length + account.duplicates.length + account.stale.length + account.wrong.length,
  };
}

/** Until no message is left; the number of dead letters. */
async function settled(stack: Stack): Promise<number> {
  for (;;) {
    const { left, dead } = await unsettled(stack);
    if (left === 0) return dead;
    await sleep(250);
  }
}

const windowMs = 10_000;

/** Requests a second in the busiest ten seconds. */
function busiest(times: readonly number[]): number {
  let first = 0;
  let most = 0;
  times.forEach((at, index) => {
    while (at - (times[first] ?? at) >= windowMs) first += 1;
    most = Math.max(most, index - first + 1);
  });
  return most / (windowMs / 1000);
}
