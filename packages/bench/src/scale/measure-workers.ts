import { join } from 'node:path';
import { measureDrain } from '../sheet/drain.ts';
import { Stack } from '../stack/stack.ts';
import { formatNumber, formatTable } from '../report/table.ts';

export interface WorkersBenchOptions {
  /** Data and logs go here. */
  dir: string;
  /** How many worker processes share the queue, one run for each number. */
  workers: readonly number[];
  /** Orders waiting in the queue at the start of each run. */
  orders: number;
  /** Duration of each Shopee call, ms. */
  shopeeMs: number;
  log?: (text: string) => void;
}

export interface WorkersResult {
  workers: number;
  ordersPerMinute: number;
  /** Sheets requests a second over the run: one writer at a time, however many workers there are. */
  sheetsRequestsPerSecond: number;
  /** 429s of Google; must be 0. */
  throttled: number;
  /** Missing, duplicate, stale or wrong orders, and dead letters; must be 0. */
  violations: number;
}

/** How much several workers help when Shopee is slow; Google takes 800 ms a call, with its real quotas. */
export async function measureWorkers(options: WorkersBenchOptions): Promise<WorkersResult[]> {
  const { dir, orders, shopeeMs, log = () => undefined } = options;
  const results: WorkersResult[] = [];
  for (const workers of options.workers) {
    const stack = await Stack.create({
      dir: join(dir, `workers-${workers}`),
      workers,
      shopee: { settings: { latencyMs: shopeeMs } },
      google: { latencyMs: 800 },
      env: { SCHEDULED_JOBS: 'false' },
    });
    try {
      const { ordersPerMinute, sheetsRequestsPerSecond, throttled, violations } = await measureDrain(stack, { orders });
      results.push({
        workers,
        ordersPerMinute,
        sheetsRequestsPerSecond: sheetsRequestsPerSecond.mean,
        throttled,
        violations,
      });
    } finally {
      await stack.stop();
    }
  }
  log(formatWorkersTable(results, options));
  return results;
}

/** The results as a table. */
export function formatWorkersTable(
  results: readonly WorkersResult[],
  { orders, shopeeMs }: Pick<WorkersBenchOptions, 'orders' | 'shopeeMs'>,
): string {
  const first = results[0]?.ordersPerMinute ?? NaN;
  const rows = results.map(
    ({ workers, ordersPerMinute, sheetsRequestsPerSecond, throttled, violations }) =>
      [
        `${workers} worker${workers === 1 ? '' : 's'}`,
        `${formatNumber(ordersPerMinute)} orders/min (${formatNumber(ordersPerMinute / first, 2)}×), ` +
          `${formatNumber(sheetsRequestsPerSecond, 2)} Sheets requests/s, ${throttled} throttled, ${violations} faults`,
      ] as const,
  );
  return formatTable(`${formatNumber(orders)} waiting orders, Shopee takes ${shopeeMs} ms a call`, rows);
}
