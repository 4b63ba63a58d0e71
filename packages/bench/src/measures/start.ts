import { join } from 'node:path';
import { rmSync } from 'node:fs';
import { median, type BenchContext, type Metric, type Measurement } from '../report/measurement.ts';
import { startBareFastify } from '../reference/reference.ts';
import { Stack } from '../stack/stack.ts';

const rounds = 5;

/** From the start of a process to its first response. */
export const start: Measurement = {
  name: 'start',
  method:
    'From spawn to the first 200 of /health/live, polled every 15 ms; five rounds alternating, medians. As in the images, Node has a compile cache ' +
    '(NODE_COMPILE_CACHE); the first start, without it, is given apart. Reference: the bare Fastify route.',
  async run({ dir, log }: BenchContext): Promise<Metric[]> {
    const compiled = join(dir, 'compiled');
    const stack = await Stack.create({ dir, env: { NODE_COMPILE_CACHE: compiled } });
    try {
      await stack.startRedis();
      const [worker] = stack.workers;
      if (worker === undefined) throw new Error('no worker');
      const times = { forwarder: [] as number[], worker: [] as number[], bare: [] as number[] };
      rmSync(compiled, { recursive: true, force: true });
      for (let round = 0; round <= rounds; round += 1) {
        times.forwarder.push(await stack.forwarder.start());
        await stack.forwarder.stop();
        times.worker.push(await worker.start());
        await worker.stop();
        const bare = await startBareFastify({ redisPort: stack.redisPort, key: 'key' });
        await bare.process.kill();
        times.bare.push(bare.startMs);
        log(
          Object.entries(times)
            .map(([name, all]) => `${name} ${all.at(-1)?.toFixed(0)} ms`)
            .join(', '),
        );
      }
      const text = ([first = 0, ...later]: readonly number[]) =>
        `${median(later).toFixed(0)} (first ${first.toFixed(0)})`;
      return (['forwarder', 'worker'] as const).map((name) => ({
        name: `${name}: start to healthy, ms`,
        ours: text(times[name]),
        reference: median(times.bare.slice(1)).toFixed(0),
        target: '≤ 1,500',
        isMet: median(times[name].slice(1)) <= 1_500,
      }));
    } finally {
      await stack.stop();
    }
  },
};
