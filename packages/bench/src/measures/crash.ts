import { setTimeout as sleep } from 'node:timers/promises';
import { join } from 'node:path';
import { systemClock } from '@shopee-webhook/runtime';
import { Queue as BullQueue } from 'bullmq';
import { Redis } from 'ioredis';
import { startRedis } from '@shopee-webhook/sandbox';
import { buildKeys } from '@shopee-webhook/store';
import type { BenchContext, Metric, Measurement } from '../report/measurement.ts';
import { Reference } from '../reference/reference.ts';
import { enqueueAll, placeOrders, countUnsettled } from '../sheet/pending-orders.ts';
import type { Service } from '../stack/service.ts';
import { Stack } from '../stack/stack.ts';

const orders = 30;
/** Duration of each call to Shopee, or each job of BullMQ: long enough to be killed in the middle. */
const callMs = 2_000;
const timeoutMs = 150_000;

/** A worker is killed with messages in flight. */
export const crash: Measurement = {
  name: 'crash',
  method:
    '30 orders, a Shopee that takes 2 s a call; one second after the worker took them it is killed with −9; seconds until all of them are settled. Once the ' +
    'same worker is restarted immediately (as Docker does), once another worker is already running. BullMQ with its defaults, ' +
    'jobs of 2 s, concurrency 3, restarted immediately.',
  async run({ dir, log }: BenchContext): Promise<Metric[]> {
    const again = await measureOurs(join(dir, 'again'), 'again');
    log(`restarted worker: ${again.toFixed(1)} s`);
    const other = await measureOurs(join(dir, 'other'), 'other');
    log(`another worker: ${other.toFixed(1)} s`);
    const bull = await measureBullMq(join(dir, 'bull'));
    log(`BullMQ: ${bull.toFixed(1)} s`);
    return [
      {
        name: 'kill −9 of the worker, s until its last message is done: restarted / another worker',
        ours: `${again.toFixed(1)} / ${other.toFixed(1)}`,
        reference: `${bull.toFixed(1)} (BullMQ)`,
        target: '≤ 20',
        isMet: Math.max(again, other) <= 20,
      },
    ];
  },
};

async function measureOurs(dir: string, survivor: 'again' | 'other'): Promise<number> {
  const stack = await Stack.create({
    dir,
    workers: 2,
    shopee: { settings: { latencyMs: callMs } },
    env: { SCHEDULED_JOBS: 'false' },
  });
  try {
    await stack.startRedis();
    const [first, second] = stack.workers;
    if (first === undefined || second === undefined) throw new Error('two workers are required');
    await first.start();
    // What a worker does once, such as refreshing the tokens of its environment, is done with the first order.
    await enqueueAll(stack, placeOrders(stack, 1));
    await waitUntil(async () => (await countUnsettled(stack)).remaining === 0);
    if (survivor === 'other') await second.start();
    await enqueueAll(stack, placeOrders(stack, orders));
    let busyWorker: Service | undefined;
    await waitUntil(async () => (busyWorker = await findBusyWorker(stack)) !== undefined);
    await sleep(1_000);
    await busyWorker?.kill();
    const killed = systemClock.monotonicMs();
    if (survivor === 'again') await first.start();
    await waitUntil(async () => (await countUnsettled(stack)).remaining === 0);
    return (systemClock.monotonicMs() - killed) / 1000;
  } finally {
    await stack.stop();
  }
}

async function measureBullMq(dir: string): Promise<number> {
  const server = await startRedis({ dir });
  const queue = new BullQueue('crash', { connection: { host: '127.0.0.1', port: server.port } });
  const args = [server.port, 'crash', 3, callMs];
  let worker = Reference.spawn('bull-worker', args);
  try {
    await queue.addBulk(Array.from({ length: 3 }, () => ({ name: 'push', data: {} })));
    await waitUntil(async () => (await queue.getActiveCount()) === 3);
    await sleep(1_000);
    await worker.kill();
    const killed = systemClock.monotonicMs();
    worker = Reference.spawn('bull-worker', args);
    await waitUntil(async () => (await queue.getCompletedCount()) === 3);
    return (systemClock.monotonicMs() - killed) / 1000;
  } finally {
    await worker.kill();
    await queue.close();
    await server.close();
  }
}

/** A worker with messages in flight; its consumers' names end with its port and their number. */
async function findBusyWorker(stack: Stack): Promise<Service | undefined> {
  const redis = new Redis({ host: '127.0.0.1', port: stack.redisPort });
  const lists = await redis.keys(buildKeys('shopee').webhooks.processingPattern);
  redis.disconnect();
  return stack.workers.find(({ options }) => lists.some((list) => list.includes(`-${options.port}`)));
}

async function waitUntil(done: () => Promise<boolean>): Promise<void> {
  for (const end = systemClock.monotonicMs() + timeoutMs; systemClock.monotonicMs() < end; await sleep(100))
    if (await done()) return;
  throw new Error(`not done within ${timeoutMs / 1000} s`);
}
