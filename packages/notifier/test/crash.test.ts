import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { QueueInspector, Queue } from '@shopee-webhook/store';
import { afterEach, beforeEach, expect, inject, it } from 'vitest';
import { fastClock, startHarness, statusEvent, type Harness } from './harness.ts';

const script = fileURLToPath(new URL('notifier-process.ts', import.meta.url));
let rig: Harness;

beforeEach(async () => {
  rig = await startHarness({ clock: fastClock(20) });
});

afterEach(() => rig.close());

const find = (sn: string) => rig.telegram.messages().filter(({ text }) => text.includes(sn));

async function killedAfter(condition: () => boolean): Promise<void> {
  const child = spawn(process.execPath, [script, String(inject('redisPort')), rig.keys.prefix, rig.dataDir], {
    env: {
      TELEGRAM_BOT_TOKEN: rig.telegram.token,
      TELEGRAM_CHAT_ID: String(rig.telegram.chats()[0]?.id),
      TELEGRAM_API_URL: rig.telegram.url,
    },
    stdio: 'inherit',
  });
  await expect.poll(condition, { timeout: 15_000 }).toBe(true);
  child.kill('SIGKILL');
  await once(child, 'exit');
}

it('sends again what was sent but not settled when the sender was killed, and loses nothing', async () => {
  const sns = Array.from({ length: 30 }, (_, at) => `CRASH${at}X`);
  await rig.enqueue(...sns.map((sn) => statusEvent(sn, 'SHIPPED')));
  rig.telegram.faults.add({ kind: 'hang-after-apply', on: 'sendMessage' });
  await killedAfter(() => rig.telegram.messages().some(({ service }) => service === undefined));
  const before = rig.telegram.messages().filter(({ service }) => service === undefined).length;
  expect(before).toBe(1);

  const queue = new Queue({ redis: rig.redis, keys: rig.keys.notifications, leaseMs: 1_500 });
  const notifier = rig.notifier({
    shared: { redis: rig.redis, keys: rig.keys, outbox: queue, queue, isAvailable: () => true },
    leaderLeaseMs: 1_500,
  });
  notifier.start();
  const inspector = new QueueInspector({ redis: rig.redis, keys: rig.keys.notifications });
  const left = async () => {
    const { queue } = await inspector.queueStats();
    return queue.depth + queue.processing + queue.retrying + queue.deadLetter;
  };
  await expect.poll(left, { timeout: 15_000 }).toBe(0);
  for (const sn of sns) expect(find(sn).length).toBeGreaterThanOrEqual(1);
  await notifier.stop();
  queue.close();
}, 60_000);

it('sends what was in hand at two crashes, and what waits behind it', async () => {
  await rig.enqueue(statusEvent('GOOD', 'SHIPPED'));
  const text = JSON.stringify(statusEvent('SURVIVOR', 'SHIPPED'));
  const meta = { enqueued_at: Date.now(), retry_count: 0, max_retries: 3, delivery_count: 2 };
  await rig.redis.rpush(
    rig.keys.notifications.main,
    `{"id":"survivor","payload":${text},"metadata":${JSON.stringify(meta)}}`,
  );
  const notifier = rig.notifier();
  notifier.start();
  await expect.poll(() => [find('GOOD').length, find('SURVIVOR').length], { timeout: 10_000 }).toEqual([1, 1]);
}, 30_000);
