import type { Bench, Figure, Measurement } from '../measurement.ts';
import { latencies } from '../sheet/drain.ts';
import { measureSheet } from '../sheet/measure-sheet.ts';
import { numberText } from '../table.ts';

/** Orders into the spreadsheet. */
export const sheet: Measurement = {
  name: 'sheet',
  method:
    `20,000 orders wait in the queue, Google's real quotas, ${latencies.googleMs} ms a Google call, ${latencies.shopeeMs} ms a Shopee call; from the start of the worker's process to the ` +
    'last row. Reference: the same code with one consumer that takes one order at a time. Then five orders a second, from the push to the row.',
  async run({ dir, say }: Bench): Promise<Figure[]> {
    const { drain, oneByOne, steady } = await measureSheet({ dir, say });
    return [
      {
        what: "orders/min into the sheet under Google's real quotas",
        ours: numberText(drain.ordersPerMinute),
        reference: `${numberText(oneByOne.ordersPerMinute)} (one at a time)`,
        aim: '≥ 9,000',
        holds: drain.ordersPerMinute >= 9_000 && drain.faults === 0,
      },
      {
        what: 'of these: Sheets requests a second (busiest 10 s) / 429s / Shopee calls an order',
        ours: `${numberText(drain.sheetsRequestsPerSecond.most, 2)} / ${drain.throttled} / ${numberText(drain.shopeeCallsPerOrder, 3)}`,
        reference: `${numberText(oneByOne.sheetsRequestsPerOrder, 1)} Sheets requests an order (one at a time); ours ${numberText(drain.sheetsRequestsPerOrder, 4)}`,
        aim: '≤ 2 / 0 / ≤ 0.05',
        holds: drain.sheetsRequestsPerSecond.most <= 2 && drain.throttled === 0 && drain.shopeeCallsPerOrder <= 0.05,
      },
      {
        what: 'from the push to its row at 5 orders/s, s: p50 / p95',
        ours: `${(steady.p50 / 1000).toFixed(1)} / ${(steady.p95 / 1000).toFixed(1)}`,
        aim: 'p95 ≤ 4',
        holds: steady.p95 <= 4000 && steady.throttled === 0,
      },
    ];
  },
};
