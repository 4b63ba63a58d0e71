import { join } from 'node:path';
import type { BenchContext, Metric, Measurement } from '../report/measurement.ts';
import { createSheetStack, latencies, measureDrain } from '../sheet/drain.ts';
import { formatNumber } from '../report/table.ts';

const sizes = [10_000, 100_000] as const;
/** A spreadsheet's 10 million cells hold about 94,000 orders, so every fifth push is a second one for its order. */
const ordersPerPush = 0.8;

/** A worker starts with a day's pushes in the queue. */
export const backlog: Measurement = {
  name: 'backlog',
  method:
    `10,000 and 100,000 pushes of 8,000 and 80,000 orders wait in the queue; seconds from the start of the worker's process until all are handled, with Google's real quotas, ` +
    `${latencies.googleMs} ms a Google call and ${latencies.shopeeMs} ms a Shopee call. Takes about ten minutes.`,
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
    if (last !== undefined)
      Object.assign(last, { target: 'linear: ≤ 10 × the small one', isMet: large <= small * 1.1 });
    return metrics;
  },
};
