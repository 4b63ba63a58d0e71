import { Queue as BullQueue, Worker } from 'bullmq';
import { startRedis } from '@shopee-webhook/sandbox';
import { connectRedis, keysOf, newMessageId, Queue } from '@shopee-webhook/store';
import { PushTexts } from '../load/signed-pushes.ts';
import { median, type Bench, type Figure, type Measurement } from '../measurement.ts';
import { numberText } from '../table.ts';

const rounds = 3;
const messages = 15_000;
const consumers = 3;
/** Pushes that come at the same time. */
const inFlight = 100;
/** WORKER_BATCH_SIZE's default. */
const batch = 50;

/** ms for each of the two halves of a message's life. */
interface Halves {
  add: number;
  handle: number;
}

/** The queue alone, without HTTP, Shopee or a sheet. */
export const queue: Measurement = {
  name: 'queue',
  method:
    '15,000 order pushes enqueued, 100 in flight, then taken and settled by three consumers (batches of 50, as the worker does); BullMQ on the ' +
    'same Redis (appendfsync always): `add`, 100 in flight, then a Worker with concurrency 3 and `removeOnComplete`, whose handler does ' +
    'nothing. One round to warm up, then three by turns; medians.',
  async run({ dir, say }: Bench): Promise<Figure[]> {
    const server = await startRedis({ dir });
    try {
      const ours: Halves[] = [];
      const bull: Halves[] = [];
      for (let round = 0; round <= rounds; round += 1) {
        const one = await roundOfOurs(server.port, round);
        const other = await roundOfBull(server.port, round);
        say(`ours ${textOf(one)}; BullMQ ${textOf(other)}`);
        // The first one warms up.
        if (round === 0) continue;
        ours.push(one);
        bull.push(other);
      }
      return figuresOf(ours, bull);
    } finally {
      await server.close();
    }
  },
};

function figuresOf(ours: readonly Halves[], bull: readonly Halves[]): Figure[] {
  const rate = (halves: readonly Halves[], ms: (half: Halves) => number) =>
    median(halves.map((half) => (messages / ms(half)) * 1000));
  const rows: [what: string, ms: (half: Halves) => number][] = [
    ['queue: take + settle, messages/s (BullMQ: process)', ({ handle }) => handle],
    ['queue: enqueue + take + settle, messages/s (BullMQ: add + process)', ({ add, handle }) => add + handle],
  ];
  return rows.map(([what, ms]) => {
    const ratio = rate(ours, ms) / rate(bull, ms);
    return {
      what,
      ours: `${numberText(rate(ours, ms))} (${ratio.toFixed(1)} ×)`,
      reference: numberText(rate(bull, ms)),
      aim: '≥ 3 ×',
      holds: ratio >= 3,
    };
  });
}

async function roundOfOurs(port: number, round: number): Promise<Halves> {
  const redis = connectRedis({ host: '127.0.0.1', port });
  const keys = keysOf('shopee');
  const parts = { redis, keys: keys.webhooks, outboxKeys: keys.notifications, activityKey: keys.activity };
  const line = new Queue(parts);
  const texts = new PushTexts(round);
  const options = () => ({ digest: newMessageId(), maxRetries: 3, source: 'push', activity: { code: 3, shop: '1' } });
  const add = await timed(() => inParallel(messages, () => line.enqueue(texts.next(), options())));
  let left = messages;
  const handle = await timed(() =>
    Promise.all(
      Array.from({ length: consumers }, async (_, index) => {
        const consumer = `bench-${index}`;
        while (left > 0) {
          const deliveries = await line.take(consumer, { max: batch, blockMs: 100 });
          await line.settle(
            consumer,
            deliveries.map((delivery) => ({ delivery, outcome: { kind: 'ack' } as const })),
          );
          left -= deliveries.length;
        }
      }),
    ),
  );
  line.close();
  redis.disconnect();
  return { add, handle };
}

async function roundOfBull(port: number, round: number): Promise<Halves> {
  const connection = { host: '127.0.0.1', port };
  const name = `bull-${round}`;
  const line = new BullQueue(name, { connection, defaultJobOptions: { removeOnComplete: true } });
  await line.waitUntilReady();
  const texts = new PushTexts(round);
  const add = await timed(() => inParallel(messages, () => line.add('push', { text: texts.next() })));
  let left = messages;
  const worker = new Worker(name, () => Promise.resolve(), { connection, concurrency: consumers, autorun: false });
  await worker.waitUntilReady();
  const done = new Promise<void>((resolve) => {
    worker.on('completed', () => {
      left -= 1;
      if (left === 0) resolve();
    });
  });
  const handle = await timed(() => {
    void worker.run();
    return done;
  });
  await worker.close();
  await line.close();
  return { add, handle };
}

/** Does `work` `count` times, so many at once as pushes come at once. */
async function inParallel(count: number, work: () => Promise<unknown>): Promise<void> {
  let left = count;
  await Promise.all(
    Array.from({ length: inFlight }, async () => {
      while (left > 0) {
        left -= 1;
        await work();
      }
    }),
  );
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const begun = performance.now();
  await work();
  return performance.now() - begun;
}

function textOf({ add, handle }: Halves): string {
  return `enqueue ${numberText((messages / add) * 1000)}/s, handle ${numberText((messages / handle) * 1000)}/s`;
}
