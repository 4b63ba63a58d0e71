import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { numberText, tableOf } from '../table.ts';
import { createSheetStack, latencies, measureDrain, type DrainFigures } from './drain.ts';
import { measureFlushCost, type FlushCostFigures } from './flush-cost.ts';
import { measureSteady, type SteadyFigures } from './steady.ts';

export interface SheetBenchOptions {
  /** Data and logs go below this folder. */
  dir: string;
  /** Orders that wait in the queue. */
  orders?: number;
  /** Orders of the run that takes one at a time; fewer, for each takes two seconds. */
  ordersOneByOne?: number;
  steady?: { perSecond: number; seconds: number };
  /** Rows that stand in the sheet before a flush is measured. */
  existingRows?: readonly number[];
  /** Hears each table as soon as it is known. */
  say?: (text: string) => void;
}

export interface SheetFigures {
  drain: DrainFigures;
  /** The same code with one consumer, batches of one, and one message in hand. */
  oneByOne: DrainFigures;
  /** Orders a minute of `drain` to those of `oneByOne`. */
  ratio: number;
  steady: SteadyFigures;
  flushCosts: FlushCostFigures[];
}

/**
 * The sheet's acceptance: real processes on a real Redis between stand-ins with Google's real quotas, 800 ms a Google call and
 * 250 ms a Shopee call; and what a flush costs in sheets of several sizes, without latencies. Takes about four minutes.
 */
export async function measureSheet(options: SheetBenchOptions): Promise<SheetFigures> {
  const { orders = 20_000, ordersOneByOne = 30, steady = { perSecond: 5, seconds: 40 } } = options;
  const { existingRows = [1_000, 200_000], say = () => undefined, dir } = options;
  const stack = await createSheetStack({ dir: join(dir, 'drain') });
  const { drain, rate } = await (async () => {
    try {
      const drain = await measureDrain(stack, { orders });
      say(drainTable('Orders that waited in the queue', drain));
      // Into the sheet that is full by now.
      const rate = await measureSteady(stack, steady);
      say(steadyTable(rate));
      return { drain, rate };
    } finally {
      await stack.stop();
    }
  })();
  const oneByOne = await measureOneByOne(join(dir, 'one-by-one'), ordersOneByOne);
  const ratio = drain.ordersPerMinute / oneByOne.ordersPerMinute;
  say(drainTable(`One order at a time (ratio ${numberText(ratio)})`, oneByOne));
  const flushCosts: FlushCostFigures[] = [];
  for (const count of existingRows) {
    const keys = join(dir, `flush-${count}`);
    mkdirSync(keys, { recursive: true });
    flushCosts.push(await measureFlushCost({ dir: keys, existingRows: count }));
  }
  say(flushTable(flushCosts));
  return { drain, oneByOne, ratio, steady: rate, flushCosts };
}

async function measureOneByOne(dir: string, orders: number): Promise<DrainFigures> {
  const stack = await createSheetStack({ dir, oneByOne: true });
  try {
    return await measureDrain(stack, { orders });
  } finally {
    await stack.stop();
  }
}

function drainTable(title: string, drain: DrainFigures): string {
  const { sheetsRequestsPerSecond: rate } = drain;
  return tableOf(`${title}: ${latencies.googleMs} ms a Google call, ${latencies.shopeeMs} ms a Shopee call`, [
    ['orders', numberText(drain.orders)],
    ['rows (Orders and Items)', numberText(drain.rows)],
    ['seconds, from the start of the process', numberText(drain.seconds, 1)],
    ['orders a minute', numberText(drain.ordersPerMinute)],
    ['Sheets requests', numberText(drain.sheetsRequests)],
    ['Sheets requests a second, mean', numberText(rate.mean, 2)],
    ['Sheets requests a second, busiest 10 s', numberText(rate.most, 2)],
    ['Sheets requests an order', numberText(drain.sheetsRequestsPerOrder, 4)],
    ['429s answered', numberText(drain.throttled)],
    ['largest Sheets request, kB', numberText(drain.largestRequestBytes / 1000)],
    ['Shopee calls an order', numberText(drain.shopeeCallsPerOrder, 4)],
    ['lost, doubled, stale, wrong, dead', numberText(drain.faults)],
  ]);
}

function steadyTable(steady: SteadyFigures): string {
  return tableOf(`Steady ${steady.perSecond} orders/s, from the push to its row`, [
    ['orders', numberText(steady.orders)],
    ['p50, s', numberText(steady.p50 / 1000, 2)],
    ['p95, s', numberText(steady.p95 / 1000, 2)],
    ['longest, s', numberText(steady.longest / 1000, 2)],
    ['Sheets requests a second', numberText(steady.sheetsRequestsPerSecond, 2)],
    ['429s answered', numberText(steady.throttled)],
  ]);
}

function flushTable(costs: readonly FlushCostFigures[]): string {
  return costs
    .map(({ existingRows, flush, indexBuild }) =>
      tableOf(`A flush of ${flush.rows} rows into a sheet of ${numberText(existingRows)} rows (no latencies)`, [
        ['requests, with the look at what was written', numberText(flush.requests)],
        ['ms in all, the stand-in included', numberText(flush.ms)],
        ['CPU ms of our thread', numberText(flush.cpuMs)],
        ['kB sent', numberText(flush.sentBytes / 1000)],
        ['kB received', numberText(flush.answerBytes / 1000)],
        ['index build: requests of the first flush', numberText(indexBuild.requests)],
        ['index build: ms', numberText(indexBuild.ms)],
        ['index build: CPU ms of our thread', numberText(indexBuild.cpuMs)],
        ['index build: kB received', numberText(indexBuild.answerBytes / 1000)],
      ]),
    )
    .join('\n');
}
