import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Notifier } from '../../src/telegram/notifier.ts';
import { alarm, fastClock, startRig, statusEvent, type Rig } from './rig.ts';

/** A main chat and one shop's own; either may have kicked the bot. */
const main = -1;
const own = -2;
const ofShop = { shopId: '700000002' };
const clock = fastClock(20);
let rig: Rig;

beforeEach(async () => {
  rig = await startRig({ clock, telegram: { chats: [{ id: main }, { id: own }] } });
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
  await rig.enqueue(statusEvent('SECOND', 'SHIPPED', ofShop), alarm('x'));
  await expect.poll(() => chatsOf('SECOND')).toEqual([main]);
  expect(stateOf(notifier, own)).toMatchObject({ state: 'lost', waiting: 0 });
  rig.telegram.act({ act: 'invite', chat: own });
  await expect.poll(() => stateOf(notifier, own)?.state, { timeout: 20_000 }).toBe('ok');
  await rig.enqueue(statusEvent('THIRD', 'SHIPPED', ofShop));
  await expect.poll(() => chatsOf('THIRD')).toEqual([own]);
}, 40_000);
