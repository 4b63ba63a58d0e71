import { QueueInspector } from '@shopee-webhook/store';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Notifier } from '../src/notifier.ts';
import { alertNotification, fastClock, startHarness, statusEvent, type Harness } from './harness.ts';

/** A main chat and one shop's own; either may have kicked the bot. */
const main = -1;
const own = -2;
const ofShop = { shopId: '700000002' };
const fast = fastClock(20);
let setBackMs = 0;
const clock = { ...fast, wallMs: () => fast.wallMs() - setBackMs };
let harness: Harness;

beforeEach(async () => {
  setBackMs = 0;
  harness = await startHarness({ clock, telegram: { chats: [{ id: main }, { id: own }] } });
});

afterEach(() => harness.close());

const texts = () => harness.telegram.messages().filter((message) => message.service === undefined);
const chatsOf = (sn: string) => texts().flatMap(({ text, chat }) => (text.includes(sn) ? [chat] : []));

function started(): Notifier {
  const config = harness.config({ TELEGRAM_CHAT_ID: String(main), TELEGRAM_SHOP_CHATS: `700000002=${own}` });
  const notifier = harness.notifier({ config });
  notifier.start();
  return notifier;
}

const stateOf = (notifier: Notifier, chat: number) =>
  notifier.status().chats.find((status) => status.chat === String(chat));

it('of a shop falls back to the main chat for later events too, and serves its shop again once reachable', async () => {
  harness.telegram.act({ act: 'kick', chat: own });
  const notifier = started();
  await harness.enqueue(statusEvent('FIRST', 'SHIPPED', ofShop));
  await expect.poll(() => chatsOf('FIRST')).toEqual([main]);
  await harness.enqueue(statusEvent('SECOND', 'SHIPPED', ofShop), alertNotification('x'));
  await expect.poll(() => chatsOf('SECOND')).toEqual([main]);
  expect(stateOf(notifier, own)).toMatchObject({ state: 'unreachable', waiting: 0 });
  harness.telegram.act({ act: 'invite', chat: own });
  await expect.poll(() => stateOf(notifier, own)?.state, { timeout: 20_000 }).toBe('ok');
  await harness.enqueue(statusEvent('THIRD', 'SHIPPED', ofShop));
  await expect.poll(() => chatsOf('THIRD')).toEqual([own]);
}, 40_000);

it('that is the main one keeps its backlog, however large, and blocks no shop', async () => {
  harness.telegram.act({ act: 'kick', chat: main });
  const notifier = started();
  await harness.enqueue(alertNotification('first'));
  await expect.poll(() => stateOf(notifier, main)?.state).toBe('unreachable');
  const count = 5_200;
  const many = Array.from({ length: count }, (_, at) => ({ payloadText: JSON.stringify(statusEvent(`M${at}`, 'X')) }));
  for (let at = 0; at < count; at += 400) await harness.outbox.enqueueAll(many.slice(at, at + 400));
  await harness.enqueue(statusEvent('OTHER', 'SHIPPED', ofShop));
  await expect.poll(() => chatsOf('OTHER'), { timeout: 20_000 }).toEqual([own]);
  await notifier.stop();
  const { queue } = await new QueueInspector({ redis: harness.redis, keys: harness.keys.notifications }).queueStats();
  expect(queue.depth + queue.processing + queue.retrying).toBe(count + 1);
}, 60_000);

it('is probed again within five minutes although the clock stepped back an hour', async () => {
  harness.telegram.act({ act: 'kick', chat: main });
  const notifier = started();
  await harness.enqueue(alertNotification('waits'));
  await expect.poll(() => stateOf(notifier, main)?.state).toBe('unreachable');
  setBackMs = 3_600_000;
  harness.telegram.act({ act: 'invite', chat: main });
  await expect.poll(() => chatsOf('waits'), { timeout: 25_000 }).toEqual([main]);
}, 40_000);
