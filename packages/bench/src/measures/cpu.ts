import { OrderLoad } from '../load/order-load.ts';
import { countUnsettled } from '../sheet/pending-orders.ts';
import { setTimeout as sleep } from 'node:timers/promises';
import type { BenchContext, Metric, Measurement } from '../report/measurement.ts';
import { readCpuSeconds } from '../stack/process-memory.ts';
import { Random } from '../load/random.ts';
import { Stack } from '../stack/stack.ts';

const pushes = 3_000;
const perSecond = 100;

/** CPU of a push from the HTTP request to the row and into the outbox. */
export const cpu: Measurement = {
  name: 'cpu',
  method:
    'The whole product; 500 pushes to warm up, then 3,000 at 100 a second, orders through their life, until the queue is empty; user and system time from ' +
    '/proc/PID/stat. The fakes and the sender are not counted.',
  async run({ dir }: BenchContext): Promise<Metric[]> {
    const stack = await Stack.create({ dir, shopee: { seed: 3 } });
    try {
      await stack.start();
      await sendPushes(stack, 500);
      const pids = {
        forwarder: stack.forwarder.pid ?? 0,
        worker: stack.workers[0]?.pid ?? 0,
        Redis: stack.redis?.process.pid ?? 0,
      };
      const before = Object.values(pids).map(readCpuSeconds);
      await sendPushes(stack, pushes);
      const used = Object.values(pids).map((pid, index) => readCpuSeconds(pid) - (before[index] ?? 0));
      const msPerPush = used.map((seconds) => (seconds * 1000) / pushes);
      const parts = Object.keys(pids).map((name, index) => `${name} ${msPerPush[index]?.toFixed(2)}`);
      const total = msPerPush.reduce((sum, seconds) => sum + seconds, 0);
      return [{ name: 'CPU per 1,000 pushes end to end, s', ours: `${total.toFixed(2)} (${parts.join(', ')})` }];
    } finally {
      await stack.stop();
    }
  },
};

async function sendPushes(stack: Stack, count: number): Promise<void> {
  const load = new OrderLoad(stack, new Random(count), count);
  await load.run({ perSecond, orders: count, stop: new AbortController().signal });
  while ((await countUnsettled(stack)).remaining > 0) await sleep(250);
}
