import { join } from 'node:path';
import type { Bench, Figure, Measurement } from '../measurement.ts';
import { createSheetStack, latencies, measureDrain } from '../sheet/drain.ts';
import { numberText } from '../table.ts';

const sizes = [10_000, 100_000] as const;
/** One spreadsheet's 10 million cells end at about 94,000 orders, so every fifth push is a second one of its order. */
const ordersAPush = 0.8;

/** A worker finds a day's pushes waiting. */
export const backlog: Measurement = {
  name: 'backlog',
  method:
    `10,000 and 100,000 pushes of 8,000 and 80,000 orders wait in the queue; seconds from the start of the worker's process until all are handled, with Google's real quotas, ` +
    `${latencies.googleMs} ms a Google call and ${latencies.shopeeMs} ms a Shopee call. Takes some ten minutes.`,
  async run({ dir, say }: Bench): Promise<Figure[]> {
    const figures: Figure[] = [];
    const rates: number[] = [];
    for (const pushes of sizes) {
      const stack = await createSheetStack({ dir: join(dir, String(pushes)) });
      const orders = pushes * ordersAPush;
      try {
        const { seconds, faults } = await measureDrain(stack, { orders, advanced: pushes - orders });
        say(`${pushes}: ${seconds.toFixed(0)} s, ${faults} faults`);
        rates.push(seconds / pushes);
        figures.push({
          what: `backlog of ${numberText(pushes)} pushes drained, s`,
          ours: `${seconds.toFixed(0)} (${numberText((pushes / seconds) * 60)} pushes/min)`,
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
