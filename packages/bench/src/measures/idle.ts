import { setTimeout as sleep } from 'node:timers/promises';
import { median, type Bench, type Figure, type Measurement } from '../measurement.ts';
import { memoryOf, type ProcessMemory } from '../process-memory.ts';
import { Stack } from '../stack.ts';

const settleMs = 20_000;
const readings = 5;
const aims = { forwarder: 90, worker: 110, redis: 20 };

/** What the product holds when nothing happens. */
export const idle: Measurement = {
  name: 'idle',
  method:
    'The whole product (Telegram on), started a second time so that what Node compiled is kept, as in the images; RSS and PSS from ' +
    '/proc/PID/smaps_rollup, 20 s after the start, median of five readings a second apart. MB are 1,000,000 bytes. RSS counts the code of Node itself, ' +
    'which the two services share, in full for each; PSS shares it out; "own" leaves out what files back.',
  async run({ dir, say }: Bench): Promise<Figure[]> {
    const stack = await Stack.create({ dir });
    try {
      await stack.start();
      await sleep(3_000);
      await Promise.all([stack.forwarder, ...stack.workers].map((service) => service.stop()));
      await stack.start();
      await sleep(settleMs);
      const seen: Record<keyof typeof aims, ProcessMemory[]> = { forwarder: [], worker: [], redis: [] };
      for (let reading = 0; reading < readings; reading += 1) {
        seen.forwarder.push(memoryOf(stack.forwarder.pid ?? 0));
        seen.worker.push(memoryOf(stack.workers[0]?.pid ?? 0));
        seen.redis.push(memoryOf(stack.redis?.process.pid ?? 0));
        await sleep(1_000);
      }
      const of = (name: keyof typeof aims, field: keyof ProcessMemory) => median(seen[name].map((one) => one[field]));
      const names = ['forwarder', 'worker', 'redis'] as const;
      const whole = names.reduce((sum, name) => sum + of(name, 'share'), 0);
      for (const name of names) say(`${name}: ${JSON.stringify(seen[name].at(-1))}`);
      return [
        ...names.map((name) => ({
          what: `idle memory of ${name === 'redis' ? 'Redis' : `the ${name}`}, MB: RSS (own)`,
          ours: `${of(name, 'rss').toFixed(0)} (${of(name, 'own').toFixed(0)})`,
          aim: `≤ ${aims[name]} RSS`,
          holds: of(name, 'rss') <= aims[name],
        })),
        {
          what: 'idle memory of the whole, MB: PSS',
          ours: whole.toFixed(0),
          aim: '≤ 256',
          holds: whole <= 256,
        },
      ];
    } finally {
      await stack.stop();
    }
  },
};
