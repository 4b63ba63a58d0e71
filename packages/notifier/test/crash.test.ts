import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { QueueInspector, Queue } from '@shopee-webhook/store';
import { afterEach, beforeEach, expect, inject, it } from 'vitest';
import { fastClock, startHarness, statusEvent, type Harness } from './harness.ts';

const script = fileURLToPath(new URL('notifier-process.ts', import.meta.url));
let harness: Harness;

beforeEach(async () => {
  harness = await startHarness({ clock: fastClock(20) });
});

afterEach(() => harness.close());

const find = (sn: string) => harness.telegram.messages().filter(({ text }) => text.includes(sn));

async function killedAfter(condition: () => boolean): Promise<void> {
  const child = spawn(process.execPath, [script, String(inject('redisPort')), harness.keys.prefix, harness.dataDir], {
    env: {
      TELEGRAM_BOT_TOKEN: harness.telegram.token,
      TELEGRAM_CHAT_ID: String(harness.telegram.chats()[0]?.id),
      TELEGRAM_API_URL: harness.telegram.url,
    },
    stdio: 'inherit',
  });
  await expect.poll(condition, { timeout: 15_000 }).toBe(true);
  child.kill('SIGKILL');
  await once(child, 'exit');
}

it('sends again what was not acked when the sender was killed, and loses nothing', async () => {
  const sns = Array.from({ length: 30 }, (_, at) => `CRASH${at}X`);
  await harness.enqueue(...sns.map((sn) => statusEvent(sn, 'SHIPPED')));
  harness.telegram.faults.add({ kind: 'hang-after-apply', on: 'sendMessage' });
  await killedAfter(() => harness.telegram.messages().some(({ service }) => service === undefined));
  const before = harness.telegram.messages().filter(({ service }) => service === undefined).length;
  expect(before).toBe(1);

  const queue = new Queue({ redis: harness.redis, keys: harness.keys.notifications, leaseMs: 1_500 });
  const notifier = harness.notifier({
    shared: { redis: harness.redis, keys: harness.keys, outbox: queue, queue, isAvailable: () => true },
    leaderLeaseMs: 1_500,
  });
  notifier.start();
  const inspector = new QueueInspector({ redis: harness.redis, keys: harness.keys.notifications });
  const left = async () => {
    const { queue } = await inspector.queueStats();
    return queue.depth + queue.processing + queue.retrying + queue.deadLetter;
  };
  await expect.poll(left, { timeout: 15_000 }).toBe(0);
  for (const sn of sns) expect(find(sn).length).toBeGreaterThanOrEqual(1);
  await notifier.stop();
  queue.close();
}, 60_000);

it('sends what was in flight at two crashes, and what is queued behind it', async () => {
  await harness.enqueue(statusEvent('GOOD', 'SHIPPED'));
  const text = JSON.stringify(statusEvent('SURVIVOR', 'SHIPPED'));
  const meta = { enqueued_at: Date.now(), retry_count: 0, max_retries: 3, delivery_count: 2 };
  await harness.redis.rpush(
    harness.keys.notifications.main,
    `{"id":"survivor","payload":${text},"metadata":${JSON.stringify(meta)}}`,
  );
  const notifier = harness.notifier();
  notifier.start();
  await expect.poll(() => [find('GOOD').length, find('SURVIVOR').length], { timeout: 10_000 }).toEqual([1, 1]);
}, 30_000);
