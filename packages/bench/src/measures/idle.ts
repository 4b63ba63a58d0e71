import { setTimeout as sleep } from 'node:timers/promises';
import { median, type BenchContext, type Metric, type Measurement } from '../report/measurement.ts';
import { readMemory, type ProcessMemory } from '../stack/process-memory.ts';
import { Stack } from '../stack/stack.ts';

const idleMs = 20_000;
const readings = 5;
const targets = { forwarder: 90, worker: 110, redis: 20 };

/** Memory of the idle product. */
export const idle: Measurement = {
  name: 'idle',
  method:
    'The whole product (Telegram on), started a second time with a compile cache, as in the images; RSS and PSS from ' +
    '/proc/PID/smaps_rollup, 20 s after the start, median of five readings a second apart. MB are 1,000,000 bytes. RSS counts the code of Node itself, ' +
    'which the two services share, in full for each; PSS divides it; "own" is anonymous memory.',
  async run({ dir, log }: BenchContext): Promise<Metric[]> {
    const stack = await Stack.create({ dir });
    try {
      await stack.start();
      await sleep(3_000);
      await Promise.all([stack.forwarder, ...stack.workers].map((service) => service.stop()));
      await stack.start();
      await sleep(idleMs);
      const samples: Record<keyof typeof targets, ProcessMemory[]> = { forwarder: [], worker: [], redis: [] };
      for (let reading = 0; reading < readings; reading += 1) {
        samples.forwarder.push(readMemory(stack.forwarder.pid ?? 0));
        samples.worker.push(readMemory(stack.workers[0]?.pid ?? 0));
        samples.redis.push(readMemory(stack.redis?.process.pid ?? 0));
        await sleep(1_000);
      }
      const medianOf = (name: keyof typeof targets, field: keyof ProcessMemory) =>
        median(samples[name].map((one) => one[field]));
      const names = ['forwarder', 'worker', 'redis'] as const;
      const total = names.reduce((sum, name) => sum + medianOf(name, 'pss'), 0);
      for (const name of names) log(`${name}: ${JSON.stringify(samples[name].at(-1))}`);
      return [
        ...names.map((name) => ({
          name: `idle memory of ${name === 'redis' ? 'Redis' : `the ${name}`}, MB: RSS (own)`,
          ours: `${medianOf(name, 'rss').toFixed(0)} (${medianOf(name, 'anonymous').toFixed(0)})`,
          target: `≤ ${targets[name]} RSS`,
          isMet: medianOf(name, 'rss') <= targets[name],
        })),
        {
          name: 'idle memory in total, MB: PSS',
          ours: total.toFixed(0),
          target: '≤ 256',
          isMet: total <= 256,
        },
      ];
    } finally {
      await stack.stop();
    }
  },
};
