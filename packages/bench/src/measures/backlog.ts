import { join } from 'node:path';
import type { BenchContext, Metric, Measurement } from '../report/measurement.ts';
import { createSheetStack, latencies, measureDrain } from '../sheet/drain.ts';
import { formatNumber } from '../report/table.ts';

const sizes = [10_000, 100_000] as const;
/** One spreadsheet's 10 million cells end at about 94,000 orders, so every fifth push is a second one of its order. */
const ordersPerPush = 0.8;

/** A worker finds a day's pushes waiting. */
export const backlog: Measurement = {
  name: 'backlog',
  method:
    `10,000 and 100,000 pushes of 8,000 and 80,000 orders wait in the queue; seconds from the start of the worker's process until all are handled, with Google's real quotas, ` +
    `${latencies.googleMs} ms a Google call and ${latencies.shopeeMs} ms a Shopee call. Takes some ten minutes.`,
  async run({ dir, log }: BenchContext): Promise<Metric[]> {
    const metrics: Metric[] = [];
    const rates: number[] = [];
    for (const pushes of sizes) {
      const stack = await createSheetStack({ dir: join(dir, String(pushes)) });
      const orders = pushes * ordersPerPush;
      try {
        const { seconds, violations } = await measureDrain(stack, { orders, secondPushes: pushes - orders });
        log(`${pushes}: ${seconds.toFixed(0)} s, ${violations} faults`);
        rates.push(seconds / pushes);
        metrics.push({
          name: `backlog of ${formatNumber(pushes)} pushes drained, s`,
          ours: `${seconds.toFixed(0)} (${formatNumber((pushes / seconds) * 60)} pushes/min)`,
        });
      } finally {
        await stack.stop();
      }
    }
    const [small = 1, large = 0] = rates;
    const last = metrics.at(-1);
    if (last !== undefined) Object.assign(last, { aim: 'linear: ≤ 10 × the small one', holds: large <= small * 1.1 });
    return metrics;
  },
};
