import { systemClock } from '@shopee-webhook/runtime';
import { Queue as BullQueue, Worker } from 'bullmq';
import { startRedis } from '@shopee-webhook/sandbox';
import { connectRedis, buildKeys, newMessageId, Queue } from '@shopee-webhook/store';
import { PushGenerator } from '../load/signed-pushes.ts';
import { median, type BenchContext, type Metric, type Measurement } from '../report/measurement.ts';
import { formatNumber } from '../report/table.ts';

const rounds = 3;
const messages = 15_000;
const consumers = 3;
/** Concurrent pushes. */
const concurrency = 100;
/** WORKER_BATCH_SIZE's default. */
const batch = 50;

/** ms for enqueueing and for handling all messages. */
interface RoundTimes {
  add: number;
  handle: number;
}

/** The queue alone, without HTTP, Shopee or a sheet. */
export const queue: Measurement = {
  name: 'queue',
  method:
    '15,000 order pushes enqueued, 100 in flight, then taken and settled by three consumers (batches of 50, as the worker does); BullMQ on the ' +
    'same Redis (appendfsync always): `add`, 100 in flight, then a Worker with concurrency 3 and `removeOnComplete`, whose handler does ' +
    'nothing. One round to warm up, then three alternating; medians.',
  async run({ dir, log }: BenchContext): Promise<Metric[]> {
    const server = await startRedis({ dir });
    try {
      const ours: RoundTimes[] = [];
      const bull: RoundTimes[] = [];
      for (let round = 0; round <= rounds; round += 1) {
        const result = await measureOurs(server.port, round);
        const bullResult = await measureBullMq(server.port, round);
        log(`ours ${formatTimes(result)}; BullMQ ${formatTimes(bullResult)}`);
        // The first round is the warm-up.
        if (round === 0) continue;
        ours.push(result);
        bull.push(bullResult);
      }
      return toMetrics(ours, bull);
    } finally {
      await server.close();
    }
  },
};

function toMetrics(ours: readonly RoundTimes[], bull: readonly RoundTimes[]): Metric[] {
  const rate = (halves: readonly RoundTimes[], ms: (half: RoundTimes) => number) =>
    median(halves.map((half) => (messages / ms(half)) * 1000));
  const rows: [name: string, ms: (half: RoundTimes) => number][] = [
    ['queue: take + settle, messages/s (BullMQ: process)', ({ handle }) => handle],
    ['queue: enqueue + take + settle, messages/s (BullMQ: add + process)', ({ add, handle }) => add + handle],
  ];
  return rows.map(([name, ms]) => {
    const ratio = rate(ours, ms) / rate(bull, ms);
    return {
      name,
      ours: `${formatNumber(rate(ours, ms))} (${ratio.toFixed(1)} ×)`,
      reference: formatNumber(rate(bull, ms)),
      target: '≥ 3 ×',
      isMet: ratio >= 3,
    };
  });
}

async function measureOurs(port: number, round: number): Promise<RoundTimes> {
  const redis = connectRedis({ host: '127.0.0.1', port });
  const keys = buildKeys('shopee');
  const deps = { redis, keys: keys.webhooks, outboxKeys: keys.notifications, activityKey: keys.activity };
  const queue = new Queue(deps);
  const texts = new PushGenerator(round);
  const options = () => ({ digest: newMessageId(), maxRetries: 3, source: 'push', activity: { code: 3, shop: '1' } });
  const add = await measureMs(() => inParallel(messages, () => queue.enqueue(texts.next(), options())));
  let left = messages;
  const handle = await measureMs(() =>
    Promise.all(
      Array.from({ length: consumers }, async (_, index) => {
        const consumer = `bench-${index}`;
        while (left > 0) {
          const deliveries = await queue.take(consumer, { max: batch, blockMs: 100 });
          await queue.settle(
            consumer,
            deliveries.map((delivery) => ({ delivery, outcome: { kind: 'ack' } as const })),
          );
          left -= deliveries.length;
        }
      }),
    ),
  );
  queue.close();
  redis.disconnect();
  return { add, handle };
}

async function measureBullMq(port: number, round: number): Promise<RoundTimes> {
  const connection = { host: '127.0.0.1', port };
  const name = `bull-${round}`;
  const queue = new BullQueue(name, { connection, defaultJobOptions: { removeOnComplete: true } });
  await queue.waitUntilReady();
  const texts = new PushGenerator(round);
  const add = await measureMs(() => inParallel(messages, () => queue.add('push', { text: texts.next() })));
  let left = messages;
  const worker = new Worker(name, () => Promise.resolve(), { connection, concurrency: consumers, autorun: false });
  await worker.waitUntilReady();
  const done = new Promise<void>((resolve) => {
    worker.on('completed', () => {
      left -= 1;
      if (left === 0) resolve();
    });
  });
  const handle = await measureMs(() => {
    void worker.run();
    return done;
  });
  await worker.close();
  await queue.close();
  return { add, handle };
}

/** Runs `work` `count` times, `concurrency` in parallel. */
async function inParallel(count: number, work: () => Promise<unknown>): Promise<void> {
  let left = count;
  await Promise.all(
    Array.from({ length: concurrency }, async () => {
      while (left > 0) {
        left -= 1;
        await work();
      }
    }),
  );
}

async function measureMs(work: () => Promise<unknown>): Promise<number> {
  const startedAt = systemClock.monotonicMs();
  await work();
  return systemClock.monotonicMs() - startedAt;
}

function formatTimes({ add, handle }: RoundTimes): string {
  return `enqueue ${formatNumber((messages / add) * 1000)}/s, handle ${formatNumber((messages / handle) * 1000)}/s`;
}
