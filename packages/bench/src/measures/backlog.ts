import { join } from 'node:path';
import type { Bench, Figure, Measurement } from '../measurement.ts';
import { createSheetStack, latencies, measureDrain } from '../sheet/drain.ts';
import { numberText } from '../table.ts';

const sizes = [10_000, 100_000] as const;

/** A worker finds a day's pushes waiting. */
export const backlog: Measurement = {
  name: 'backlog',
  method:
    `10,000 and 100,000 pushes, each of another order, wait in the queue; seconds from the start of the worker's process to the last row, with Google's real quotas, ` +
    `${latencies.googleMs} ms a Google call and ${latencies.shopeeMs} ms a Shopee call. Takes some ten minutes.`,
  async run({ dir, say }: Bench): Promise<Figure[]> {
    const figures: Figure[] = [];
    const rates: number[] = [];
    for (const orders of sizes) {
      const stack = await createSheetStack({ dir: join(dir, String(orders)) });
      try {
        const drain = await measureDrain(stack, { orders });
        say(`${orders}: ${drain.seconds.toFixed(0)} s, ${drain.faults} faults`);
        rates.push(drain.seconds / orders);
        figures.push({
          what: `backlog of ${numberText(orders)} orders drained, s`,
          ours: `${drain.seconds.toFixed(0)} (${numberText(drain.ordersPerMinute)} orders/min)`,
        });
      } finally {
        await stack.stop();
      }
    }
    const [small = 1, large = 0] = rates;
    const last = figures.at(-1);
    if (last !== undefined) Object.assign(last, { aim: 'linear: ≤ 10 × the small one', holds: large <= small * 1.1 });
    return figures;
  },
};
