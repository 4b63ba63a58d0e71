import { setTimeout as sleep } from 'node:timers/promises';
import { join } from 'node:path';
import { Queue as BullQueue } from 'bullmq';
import { Redis } from 'ioredis';
import { startRedis } from '@shopee-webhook/sandbox';
import { keysOf } from '@shopee-webhook/store';
import type { Bench, Figure, Measurement } from '../measurement.ts';
import { Reference } from '../reference/reference.ts';
import { enqueueAll, placeOrders, unsettled } from '../sheet/waiting-orders.ts';
import type { Service } from '../service.ts';
import { Stack } from '../stack.ts';

const orders = 30;
/** What each call to Shopee, or each job of BullMQ, takes: long enough to be killed in the middle. */
const busyMs = 2_000;
const mostMs = 150_000;

/** A worker is killed with its hands full. */
export const crash: Measurement = {
  name: 'crash',
  method:
    '30 orders, a Shopee that takes 2 s a call; one second after the worker took them it is killed with −9; seconds until all of them are settled. Once the ' +
    'same worker is started again at once (as Docker does), once another worker, under another name, is there already. BullMQ with its defaults, ' +
    'jobs of 2 s, concurrency 3, started again at once.',
  async run({ dir, say }: Bench): Promise<Figure[]> {
    const again = await ours(join(dir, 'again'), 'again');
    say(`the same worker again: ${again.toFixed(1)} s`);
    const other = await ours(join(dir, 'other'), 'other');
    say(`another worker: ${other.toFixed(1)} s`);
    const bull = await ofBull(join(dir, 'bull'));
    say(`BullMQ: ${bull.toFixed(1)} s`);
    return [
      {
        what: 'kill −9 of the worker, s until its last message is done: started again / another worker',
        ours: `${again.toFixed(1)} / ${other.toFixed(1)}`,
        reference: `${bull.toFixed(1)} (BullMQ)`,
        aim: '≤ 20',
        holds: Math.max(again, other) <= 20,
      },
    ];
  },
};

async function ours(dir: string, who: 'again' | 'other'): Promise<number> {
  const stack = await Stack.create({
    dir,
    workers: 2,
    shopee: { settings: { latencyMs: busyMs } },
    env: { SCHEDULED_JOBS: 'false' },
  });
  try {
    await stack.startRedis();
    const [first, second] = stack.workers;
    if (first === undefined || second === undefined) throw new Error('two workers are needed');
    await first.start();
    // Whatever a worker does once, such as renewing the tokens of its environment, is over with the first order.
    await enqueueAll(stack, placeOrders(stack, 1));
    await until(async () => (await unsettled(stack)).left === 0);
    if (who === 'other') await second.start();
    await enqueueAll(stack, placeOrders(stack, orders));
    let holder: Service | undefined;
    await until(async () => (holder = await holderOf(stack)) !== undefined);
    await sleep(1_000);
    await holder?.kill();
    const killed = performance.now();
    if (who === 'again') await first.start();
    await until(async () => (await unsettled(stack)).left === 0);
    return (performance.now() - killed) / 1000;
  } finally {
    await stack.stop();
  }
}

async function ofBull(dir: string): Promise<number> {
  const server = await startRedis({ dir });
  const line = new BullQueue('crash', { connection: { host: '127.0.0.1', port: server.port } });
  const args = [server.port, 'crash', 3, busyMs];
  let worker = Reference.spawn('bull-worker', args);
  try {
    await line.addBulk(Array.from({ length: 3 }, () => ({ name: 'push', data: {} })));
    await until(async () => (await line.getActiveCount()) === 3);
    await sleep(1_000);
    await worker.kill();
    const killed = performance.now();
    worker = Reference.spawn('bull-worker', args);
    await until(async () => (await line.getCompletedCount()) === 3);
    return (performance.now() - killed) / 1000;
  } finally {
    await worker.kill();
    await line.close();
    await server.close();
  }
}

/** A worker that has taken messages and not settled them; its consumers' names end with its port and their number. */
async function holderOf(stack: Stack): Promise<Service | undefined> {
  const redis = new Redis({ host: '127.0.0.1', port: stack.redisPort });
  const lists = await redis.keys(keysOf('shopee').webhooks.processingPattern);
  redis.disconnect();
  return stack.workers.find(({ options }) => lists.some((list) => list.includes(`-${options.port}`)));
}

async function until(done: () => Promise<boolean>): Promise<void> {
  for (const end = Date.now() + mostMs; Date.now() < end; await sleep(100)) if (await done()) return;
  throw new Error(`not done within ${mostMs / 1000} s`);
}
