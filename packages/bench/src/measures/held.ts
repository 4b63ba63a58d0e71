import { join } from 'node:path';
import { Redis } from 'ioredis';
import { startRedis } from '@shopee-webhook/sandbox';
import { parsePush, pushDigest } from '@shopee-webhook/shopee';
import { buildMessage, connectRedis, keysOf, newMessageId, Queue } from '@shopee-webhook/store';
import { PushTexts } from '../load/signed-pushes.ts';
import type { Bench, Figure, Measurement } from '../measurement.ts';
import { numberText } from '../table.ts';

const atOnce = 1_000;
/** Memory is what is measured; without the file it is the same and takes a tenth of the time. */
const withoutFile = ['--appendonly', 'no', '--save', ''];

/** How many pushes 256 MiB of Redis hold before it refuses. */
export const held: Measurement = {
  name: 'held',
  method:
    'Messages around distinct real-shaped order pushes are pushed onto the queue until a Redis with the project’s redis.conf (256 MiB) refuses. ' +
    'Once as the list alone; once through enqueue with the memory of repeats (a key of 6 h for each push) and the activity stream; ' +
    'and, as the reference, onto a list without compression.',
  async run({ dir, say }: Bench): Promise<Figure[]> {
    const list = await fill(join(dir, 'list'), [], pushed);
    say(`compressed list: ${numberText(list)}`);
    const plain = await fill(join(dir, 'plain'), ['--list-compress-depth', '0'], pushed);
    say(`plain list: ${numberText(plain)}`);
    const burst = await fill(join(dir, 'burst'), [], enqueued);
    say(`with the memory of repeats: ${numberText(burst)}`);
    return [
      {
        what: 'pushes held in 256 MiB of Redis',
        ours: numberText(list),
        reference: numberText(plain),
        aim: '≥ 2,500,000',
        holds: list >= 2_500_000,
      },
      { what: 'the same when all came within 6 h (repeats are known)', ours: numberText(burst) },
    ];
  },
};

type Fill = (port: number, texts: PushTexts) => Promise<void>;

/** Fills a Redis until it refuses; how long its queue is then. */
async function fill(dir: string, args: string[], one: Fill): Promise<number> {
  const server = await startRedis({ dir, args: [...withoutFile, ...args] });
  const redis = new Redis({ host: '127.0.0.1', port: server.port });
  try {
    await one(server.port, new PushTexts(1));
    return await redis.llen(keysOf('shopee').webhooks.main);
  } finally {
    redis.disconnect();
    await server.kill();
  }
}

async function pushed(port: number, texts: PushTexts): Promise<void> {
  const redis = new Redis({ host: '127.0.0.1', port });
  const { main } = keysOf('shopee').webhooks;
  const text = () =>
    buildMessage(newMessageId(), texts.next(), { enqueued_at: Date.now(), source: 'push', max_retries: 3 });
  await untilFull(() => redis.lpush(main, ...Array.from({ length: atOnce }, text)));
  redis.disconnect();
}

async function enqueued(port: number, texts: PushTexts): Promise<void> {
  const redis = connectRedis({ host: '127.0.0.1', port });
  const keys = keysOf('shopee');
  const queue = new Queue({ redis, keys: keys.webhooks, activityKey: keys.activity });
  const enqueue = () => {
    const text = texts.next();
    const { code, shopId } = parsePush(text);
    const digest = pushDigest(parsePush(text));
    return queue.enqueue(text, { digest, maxRetries: 3, source: 'push', activity: { code, shop: shopId } });
  };
  await untilFull(() => Promise.all(Array.from({ length: atOnce }, enqueue)));
  redis.disconnect();
}

/** Repeats `some` until Redis says that it is out of memory. */
async function untilFull(some: () => Promise<unknown>): Promise<void> {
  try {
    for (;;) await some();
  } catch (error) {
    if (!(error instanceof Error && error.message.includes('OOM'))) throw error;
  }
}
