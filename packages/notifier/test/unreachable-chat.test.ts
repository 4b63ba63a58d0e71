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
const clock = { ...fast, now: () => fast.now() - setBackMs };
let rig: Harness;

beforeEach(async () => {
  setBackMs = 0;
  rig = await startHarness({ clock, telegram: { chats: [{ id: main }, { id: own }] } });
});

afterEach(() => rig.close());

const texts = () => rig.telegram.messages().filter((message) => message.service === undefined);
const chatsOf = (sn: string) => texts().flatMap(({ text, chat }) => (text.includes(sn) ? [chat] : []));

function started(): Notifier {
  const config = rig.config({ TELEGRAM_CHAT_ID: String(main), TELEGRAM_SHOP_CHATS: `700000002=${own}` });
  const notifier = rig.notifier({ config });
  notifier.start();
  return notifier;
}

const stateOf = (notifier: Notifier, chat: number) =>
  notifier.status().chats.find((status) => status.chat === String(chat));

it("of a shop leaves also later alerts to the main chat, opened for them, and gets its shop's again once it is back", async () => {
  rig.telegram.act({ act: 'kick', chat: own });
  const notifier = started();
  await rig.enqueue(statusEvent('FIRST', 'SHIPPED', ofShop));
  await expect.poll(() => chatsOf('FIRST')).toEqual([main]);
  await rig.enqueue(statusEvent('SECOND', 'SHIPPED', ofShop), alertNotification('x'));
  await expect.poll(() => chatsOf('SECOND')).toEqual([main]);
  expect(stateOf(notifier, own)).toMatchObject({ state: 'unreachable', waiting: 0 });
  rig.telegram.act({ act: 'invite', chat: own });
  await expect.poll(() => stateOf(notifier, own)?.state, { timeout: 20_000 }).toBe('ok');
  await rig.enqueue(statusEvent('THIRD', 'SHIPPED', ofShop));
  await expect.poll(() => chatsOf('THIRD')).toEqual([own]);
}, 40_000);

it("that is the main one keeps its alerts, however many, and stands in no shop's way", async () => {
  rig.telegram.act({ act: 'kick', chat: main });
  const notifier = started();
  await rig.enqueue(alertNotification('first'));
  await expect.poll(() => stateOf(notifier, main)?.state).toBe('unreachable');
  const count = 5_200;
  const many = Array.from({ length: count }, (_, at) => ({ payloadText: JSON.stringify(statusEvent(`M${at}`, 'X')) }));
  for (let at = 0; at < count; at += 400) await rig.outbox.enqueueAll(many.slice(at, at + 400));
  await rig.enqueue(statusEvent('OTHER', 'SHIPPED', ofShop));
  await expect.poll(() => chatsOf('OTHER'), { timeout: 20_000 }).toEqual([own]);
  await notifier.stop();
  const { queue } = await new QueueInspector({ redis: rig.redis, keys: rig.keys.notifications }).queueStats();
  expect(queue.depth + queue.processing + queue.retrying).toBe(count + 1);
}, 60_000);

it('is asked again within five minutes although the clock was set back an hour', async () => {
  rig.telegram.act({ act: 'kick', chat: main });
  const notifier = started();
  await rig.enqueue(alertNotification('waits'));
  await expect.poll(() => stateOf(notifier, main)?.state).toBe('unreachable');
  setBackMs = 3_600_000;
  rig.telegram.act({ act: 'invite', chat: main });
  await expect.poll(() => chatsOf('waits'), { timeout: 25_000 }).toEqual([main]);
}, 40_000);
