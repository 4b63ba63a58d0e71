import { join } from 'node:path';
import { systemClock } from '@shopee-webhook/runtime';
import { Redis } from 'ioredis';
import { startRedis } from '@shopee-webhook/sandbox';
import { parsePush, pushDigest } from '@shopee-webhook/shopee';
import { buildMessage, connectRedis, buildKeys, newMessageId, Queue } from '@shopee-webhook/store';
import { PushGenerator } from '../load/signed-pushes.ts';
import type { BenchContext, Metric, Measurement } from '../report/measurement.ts';
import { formatNumber } from '../report/table.ts';

const batchSize = 1_000;
/** Memory is measured; without the file it is the same and takes a tenth of the time. */
const noPersistence = ['--appendonly', 'no', '--save', ''];

/** How many pushes 256 MiB of Redis hold before it rejects writes. */
export const capacity: Measurement = {
  name: 'capacity',
  method:
    'Messages around distinct real-shaped order pushes are pushed onto the queue until a Redis with the project’s redis.conf (256 MiB) rejects them. ' +
    'Once as the list alone; once through enqueue with the duplicate keys (6 h for each push) and the activity stream; ' +
    'and, as the reference, onto a list without compression.',
  async run({ dir, log }: BenchContext): Promise<Metric[]> {
    const list = await fillRedis(join(dir, 'list'), [], fillList);
    log(`compressed list: ${formatNumber(list)}`);
    const plain = await fillRedis(join(dir, 'plain'), ['--list-compress-depth', '0'], fillList);
    log(`plain list: ${formatNumber(plain)}`);
    const burst = await fillRedis(join(dir, 'burst'), [], fillQueue);
    log(`with duplicate keys: ${formatNumber(burst)}`);
    return [
      {
        name: 'pushes that fit in 256 MiB of Redis',
        ours: formatNumber(list),
        reference: formatNumber(plain),
        target: '≥ 2,500,000',
        isMet: list >= 2_500_000,
      },
      { name: 'the same when all came within 6 h (with duplicate keys)', ours: formatNumber(burst) },
    ];
  },
};

type Filler = (port: number, texts: PushGenerator) => Promise<void>;

/** Fills a Redis until it rejects writes; returns the length of its queue. */
async function fillRedis(dir: string, args: string[], filler: Filler): Promise<number> {
  const server = await startRedis({ dir, args: [...noPersistence, ...args] });
  const redis = new Redis({ host: '127.0.0.1', port: server.port });
  try {
    await filler(server.port, new PushGenerator(1));
    return await redis.llen(buildKeys('shopee').webhooks.main);
  } finally {
    redis.disconnect();
    await server.kill();
  }
}

async function fillList(port: number, texts: PushGenerator): Promise<void> {
  const redis = new Redis({ host: '127.0.0.1', port });
  const { main } = buildKeys('shopee').webhooks;
  const text = () =>
    buildMessage(newMessageId(), texts.next(), { enqueued_at: systemClock.wallMs(), source: 'push', max_retries: 3 });
  await repeatUntilFull(() => redis.lpush(main, ...Array.from({ length: batchSize }, text)));
  redis.disconnect();
}

async function fillQueue(port: number, texts: PushGenerator): Promise<void> {
  const redis = connectRedis({ host: '127.0.0.1', port });
  const keys = buildKeys('shopee');
  const queue = new Queue({ redis, keys: keys.webhooks, activityKey: keys.activity });
  const enqueue = () => {
    const text = texts.next();
    const { code, shopId } = parsePush(text);
    const digest = pushDigest(parsePush(text));
    return queue.enqueue(text, { digest, maxRetries: 3, source: 'push', activity: { code, shop: shopId } });
  };
  await repeatUntilFull(() => Promise.all(Array.from({ length: batchSize }, enqueue)));
  redis.disconnect();
}

/** Repeats `step` until Redis is out of memory. */
async function repeatUntilFull(step: () => Promise<unknown>): Promise<void> {
  try {
    for (;;) await step();
  } catch (error) {
    if (!(error instanceof Error && error.message.includes('OOM'))) throw error;
  }
}
