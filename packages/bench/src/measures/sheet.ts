import type { BenchContext, Metric, Measurement } from '../report/measurement.ts';
import { latencies } from '../sheet/drain.ts';
import { measureSheet } from '../sheet/measure-sheet.ts';
import { formatNumber } from '../report/table.ts';

/** Orders to rows. */
export const sheet: Measurement = {
  name: 'sheet',
  method:
    `20,000 orders wait in the queue, Google's real quotas, ${latencies.googleMs} ms a Google call, ${latencies.shopeeMs} ms a Shopee call; from the start of the worker's process to the ` +
    'last row. Reference: the same code with one consumer and one order at a time. Then five orders per second, from the push to the row.',
  async run({ dir, log }: BenchContext): Promise<Metric[]> {
    const { drain, oneByOne, steady } = await measureSheet({ dir, log });
    return [
      {
        name: "orders/min into the sheet under Google's real quotas",
        ours: formatNumber(drain.ordersPerMinute),
        reference: `${formatNumber(oneByOne.ordersPerMinute)} (one at a time)`,
        target: '≥ 9,000',
        isMet: drain.ordersPerMinute >= 9_000 && drain.violations === 0,
      },
      {
        name: 'of these: Sheets requests a second (busiest 10 s) / 429s / Shopee calls an order',
        ours: `${formatNumber(drain.sheetsRequestsPerSecond.peak, 2)} / ${drain.throttled} / ${formatNumber(drain.shopeeCallsPerOrder, 3)}`,
        reference: `${formatNumber(oneByOne.sheetsRequestsPerOrder, 1)} Sheets requests an order (one at a time); ours ${formatNumber(drain.sheetsRequestsPerOrder, 4)}`,
        target: '≤ 2 / 0 / ≤ 0.05',
        isMet: drain.sheetsRequestsPerSecond.peak <= 2 && drain.throttled === 0 && drain.shopeeCallsPerOrder <= 0.05,
      },
      {
        name: 'from the push to its row at 5 orders/s, s: p50 / p95',
        ours: `${(steady.p50 / 1000).toFixed(1)} / ${(steady.p95 / 1000).toFixed(1)}`,
        target: 'p95 ≤ 4',
        isMet: steady.p95 <= 4000 && steady.throttled === 0,
      },
    ];
  },
};
