import { join } from 'node:path';
import { measureDrain } from '../sheet/drain.ts';
import { Stack } from '../stack.ts';
import { numberText, tableOf } from '../table.ts';

export interface WorkersBenchOptions {
  /** Data and logs go here. */
  dir: string;
  /** How many worker processes share the queue, one run for each number. */
  workers: readonly number[];
  /** Orders that wait in the queue at the begin of each run. */
  orders: number;
  /** How long Shopee takes for each call, ms. */
  shopeeMs: number;
  say?: (text: string) => void;
}

export interface WorkersFigures {
  workers: number;
  ordersPerMinute: number;
  /** Sheets requests a second over the run: one writer at a time, however many workers there are. */
  sheetsRequestsPerSecond: number;
  /** 429s of Google; must be 0. */
  throttled: number;
  /** Lost, doubled, stale or wrong orders, and dead letters; must be 0. */
  faults: number;
}

/** How much several workers help when Shopee is slow; Google takes 800 ms a call and keeps its real quotas. */
export async function measureWorkers(options: WorkersBenchOptions): Promise<WorkersFigures[]> {
  const { dir, orders, shopeeMs, say = () => undefined } = options;
  const all: WorkersFigures[] = [];
  for (const workers of options.workers) {
    const stack = await Stack.create({
      dir: join(dir, `workers-${workers}`),
      workers,
      shopee: { settings: { latencyMs: shopeeMs } },
      google: { latencyMs: 800 },
      env: { SCHEDULED_JOBS: 'false' },
    });
    try {
      const { ordersPerMinute, sheetsRequestsPerSecond, throttled, faults } = await measureDrain(stack, { orders });
      all.push({
        workers,
        ordersPerMinute,
        sheetsRequestsPerSecond: sheetsRequestsPerSecond.mean,
        throttled,
        faults,
      });
    } finally {
      await stack.stop();
    }
  }
  say(describeWorkers(all, options));
  return all;
}

/** A table for people. */
export function describeWorkers(
  all: readonly WorkersFigures[],
  { orders, shopeeMs }: Pick<WorkersBenchOptions, 'orders' | 'shopeeMs'>,
): string {
  const first = all[0]?.ordersPerMinute ?? NaN;
  const rows = all.map(
    ({ workers, ordersPerMinute, sheetsRequestsPerSecond, throttled, faults }) =>
      [
        `${workers} worker${workers === 1 ? '' : 's'}`,
        `${numberText(ordersPerMinute)} orders/min (${numberText(ordersPerMinute / first, 2)}×), ` +
          `${numberText(sheetsRequestsPerSecond, 2)} Sheets requests/s, ${throttled} throttled, ${faults} faults`,
      ] as const,
  );
  return tableOf(`${numberText(orders)} waiting orders, Shopee takes ${shopeeMs} ms a call`, rows);
}
