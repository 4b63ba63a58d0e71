import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { formatNumber, formatTable } from '../report/table.ts';
import { createSheetStack, latencies, measureDrain, type DrainResult } from './drain.ts';
import { measureFlushCost, type FlushCostResult } from './flush-cost.ts';
import { measureSteady, type SteadyResult } from './steady.ts';

export interface SheetBenchOptions {
  /** Data and logs go below this folder. */
  dir: string;
  /** Orders that wait in the queue. */
  orders?: number;
  /** Orders of the run with one at a time; fewer, because each takes two seconds. */
  ordersOneByOne?: number;
  steady?: { perSecond: number; seconds: number };
  /** Rows in the sheet before a flush is measured. */
  existingRows?: readonly number[];
  /** Called with each table as soon as it is known. */
  log?: (text: string) => void;
}

export interface SheetBenchResult {
  drain: DrainResult;
  /** The same code with one consumer, batches of one, and one message in flight. */
  oneByOne: DrainResult;
  /** Orders a minute of `drain` to those of `oneByOne`. */
  ratio: number;
  steady: SteadyResult;
  flushCosts: FlushCostResult[];
}

/**
 * Real processes on a real Redis between fakes with Google's real quotas, 800 ms a Google call and
 * 250 ms a Shopee call; and what a flush costs in sheets of several sizes, without latencies. Takes about four minutes.
 */
export async function measureSheet(options: SheetBenchOptions): Promise<SheetBenchResult> {
  const { orders = 20_000, ordersOneByOne = 30, steady = { perSecond: 5, seconds: 40 } } = options;
  const { existingRows = [1_000, 200_000], log = () => undefined, dir } = options;
  const stack = await createSheetStack({ dir: join(dir, 'drain') });
  const { drain, rate } = await (async () => {
    try {
      const drain = await measureDrain(stack, { orders });
      log(drainTable('Orders from the queue', drain));
      // Into the same sheet, full by now.
      const rate = await measureSteady(stack, steady);
      log(steadyTable(rate));
      return { drain, rate };
    } finally {
      await stack.stop();
    }
  })();
  const oneByOne = await measureOneByOne(join(dir, 'one-by-one'), ordersOneByOne);
  const ratio = drain.ordersPerMinute / oneByOne.ordersPerMinute;
  log(drainTable(`One order at a time (ratio ${formatNumber(ratio)})`, oneByOne));
  const flushCosts: FlushCostResult[] = [];
  for (const count of existingRows) {
    const keys = join(dir, `flush-${count}`);
    mkdirSync(keys, { recursive: true });
    flushCosts.push(await measureFlushCost({ dir: keys, existingRows: count }));
  }
  log(flushTable(flushCosts));
  return { drain, oneByOne, ratio, steady: rate, flushCosts };
}

async function measureOneByOne(dir: string, orders: number): Promise<DrainResult> {
  const stack = await createSheetStack({ dir, oneByOne: true });
  try {
    return await measureDrain(stack, { orders });
  } finally {
    await stack.stop();
  }
}

function drainTable(title: string, drain: DrainResult): string {
  const { sheetsRequestsPerSecond: rate } = drain;
  return formatTable(`${title}: ${latencies.googleMs} ms a Google call, ${latencies.shopeeMs} ms a Shopee call`, [
    ['orders', formatNumber(drain.orders)],
    ['rows (Orders and Items)', formatNumber(drain.rows)],
    ['seconds, from the start of the process', formatNumber(drain.seconds, 1)],
    ['orders a minute', formatNumber(drain.ordersPerMinute)],
    ['Sheets requests', formatNumber(drain.sheetsRequests)],
    ['Sheets requests a second, mean', formatNumber(rate.mean, 2)],
    ['Sheets requests a second, busiest 10 s', formatNumber(rate.peak, 2)],
    ['Sheets requests an order', formatNumber(drain.sheetsRequestsPerOrder, 4)],
    ['429s', formatNumber(drain.throttled)],
    ['largest Sheets request, kB', formatNumber(drain.largestRequestBytes / 1000)],
    ['Shopee calls an order', formatNumber(drain.shopeeCallsPerOrder, 4)],
    ['missing, duplicate, stale, wrong, dead letters', formatNumber(drain.violations)],
  ]);
}

function steadyTable(steady: SteadyResult): string {
  return formatTable(`Steady ${steady.perSecond} orders/s, from the push to its row`, [
    ['orders', formatNumber(steady.orders)],
    ['p50, s', formatNumber(steady.p50 / 1000, 2)],
    ['p95, s', formatNumber(steady.p95 / 1000, 2)],
    ['max, s', formatNumber(steady.max / 1000, 2)],
    ['Sheets requests a second', formatNumber(steady.sheetsRequestsPerSecond, 2)],
    ['429s', formatNumber(steady.throttled)],
  ]);
}

function flushTable(costs: readonly FlushCostResult[]): string {
  return costs
    .map(({ existingRows, flush, indexBuild }) =>
      formatTable(`A flush of ${flush.rows} rows into a sheet of ${formatNumber(existingRows)} rows (no latencies)`, [
        ['requests, verification included', formatNumber(flush.requests)],
        ['ms in total, the fake included', formatNumber(flush.ms)],
        ['CPU ms of our thread', formatNumber(flush.cpuMs)],
        ['kB sent', formatNumber(flush.sentBytes / 1000)],
        ['kB received', formatNumber(flush.responseBytes / 1000)],
        ['index build: requests of the first flush', formatNumber(indexBuild.requests)],
        ['index build: ms', formatNumber(indexBuild.ms)],
        ['index build: CPU ms of our thread', formatNumber(indexBuild.cpuMs)],
        ['index build: kB received', formatNumber(indexBuild.responseBytes / 1000)],
      ]),
    )
    .join('\n');
}
