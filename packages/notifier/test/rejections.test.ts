import { QueueInspector } from '@shopee-webhook/store';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { UserAction } from '../../sandbox/src/telegram/user-actions.ts';
import type { TelegramFault } from '../../sandbox/src/telegram/telegram.ts';
import { fastClock, startHarness, statusEvent, type Harness } from './harness.ts';

/** Each row of Telegram's table of refusals: what happens in the group, and where the message then is. */
let rig: Harness;

const clock = fastClock(60);

beforeEach(async () => {
  rig = await startHarness({ clock });
});

afterEach(() => rig.close());

const texts = () => rig.telegram.messages().filter((message) => message.service === undefined);
const find = (sn: string) => texts().filter(({ text }) => text.includes(sn));
const topicsMade = () => rig.telegram.counters.calls['createForumTopic'] ?? 0;

async function send(sn: string): Promise<void> {
  await rig.enqueue(statusEvent(sn, 'SHIPPED'));
  await rig.notifier().runOnce();
}

/** The thread of the topic that the first message made. */
async function firstThread(): Promise<number> {
  await send('FIRST');
  return rig.telegram.chats()[0]?.topics[0]?.threadId ?? 0;
}

async function waiting(): Promise<number> {
  const { queue } = await new QueueInspector({ redis: rig.redis, keys: rig.keys.notifications }).queueStats();
  return queue.depth + queue.processing + queue.retrying;
}

describe('a topic', () => {
  it('that was deleted a moment ago (TOPIC_DELETED) is made again', async () => {
    // The moment is a minute long: at the others' speed a busy machine would miss it.
    await rig.close();
    rig = await startHarness({ clock: fastClock(3) });
    const threadId = await firstThread();
    rig.telegram.act({ act: 'delete-topic', threadId });
    await send('SECOND');
    expect(find('SECOND')).toMatchObject([{ topic: 'Order status' }]);
    expect(topicsMade()).toBe(2);
    expect(rig.telegram.counters.rejected).toEqual({ 'Bad Request: TOPIC_DELETED': 1 });
  });

  it('that is unknown (message thread not found) is made again', async () => {
    const chat = String(rig.telegram.chats()[0]?.id);
    await rig.redis.hset(rig.keys.topics(chat), '3', '4711');
    await send('FIRST');
    expect(find('FIRST')).toMatchObject([{ topic: 'Order status' }]);
    expect(topicsMade()).toBe(1);
  });

  it('whose id an operator wrote by hand is used', async () => {
    const threadId = await firstThread();
    await rig.redis.hset(rig.keys.topics(String(rig.telegram.chats()[0]?.id)), '4', String(threadId));
    await rig.enqueue({ ...statusEvent('SECOND', 'X'), pushText: '{"code":4,"data":{"ordersn":"SECOND"}}', code: 4 });
    await rig.notifier().runOnce();
    expect(find('SECOND')).toMatchObject([{ threadId }]);
  });

  it('that is General by its number is written to without one', async () => {
    await rig.redis.hset(rig.keys.topics(String(rig.telegram.chats()[0]?.id)), '3', '1');
    await send('FIRST');
    expect(find('FIRST')).toMatchObject([{ topic: 'General' }]);
    expect(rig.telegram.counters.rejected).toEqual({});
    expect(topicsMade()).toBe(0);
  });

  it('that is closed is opened again where the bot may', async () => {
    const threadId = await firstThread();
    rig.telegram.act({ act: 'close-topic', threadId });
    rig.telegram.faults.add({ kind: '400', on: 'sendMessage', code: 'TOPIC_CLOSED' });
    await send('SECOND');
    expect(find('SECOND')).toMatchObject([{ topic: 'Order status' }]);
    expect(rig.telegram.chats()[0]?.topics).toMatchObject([{ closed: false }]);
  });

  it('that is closed leaves its messages to General where the bot may not open it', async () => {
    const threadId = await firstThread();
    const [topic] = rig.telegram.chats()[0]?.topics ?? [];
    if (topic !== undefined) topic.createdByBot = false;
    rig.telegram.act({ act: 'close-topic', threadId });
    rig.telegram.act({ act: 'take-topic-right' });
    await send('SECOND');
    expect(find('SECOND')).toMatchObject([{ topic: 'General' }]);
    expect(find('SECOND')[0]?.text).toMatch(/^\[Order status\]\n/);
  });

  it('General that is closed is opened again where the bot may', async () => {
    await rig.redis.hset(rig.keys.topics(String(rig.telegram.chats()[0]?.id)), '3', '1');
    rig.telegram.act({ act: 'close-general' });
    rig.telegram.faults.add({ kind: '400', on: 'sendMessage', code: 'TOPIC_CLOSED' });
    await send('FIRST');
    expect(find('FIRST')).toMatchObject([{ topic: 'General' }]);
    expect(rig.telegram.chats()[0]?.generalClosed).toBe(false);
  });

  it('General that is closed keeps what waits where the bot may not open it', async () => {
    rig.telegram.act({ act: 'close-general' });
    rig.telegram.act({ act: 'take-topic-right' });
    await send('FIRST');
    expect(await waiting()).toBe(1);
    expect(rig.lines.some((line) => line.includes('chat is lost') && line.includes('General is closed'))).toBe(true);
  });

  it('is not made in a group that is no forum: the message goes to the main chat and names the topic', async () => {
    rig.telegram.act({ act: 'topics-off' });
    await send('FIRST');
    expect(find('FIRST')[0]?.text).toMatch(/^\[Order status\]\n/);
    expect(rig.telegram.counters.rejected).toEqual({ 'Bad Request: the chat is not a forum': 1 });
    expect(rig.lines.filter((line) => line.includes('has no topics'))).toHaveLength(1);
  });

  it('is not made without the right to: the message goes to General', async () => {
    rig.telegram.act({ act: 'take-topic-right' });
    await rig.enqueue(statusEvent('FIRST', 'SHIPPED'), statusEvent('SECOND', 'SHIPPED'));
    await rig.notifier().runOnce();
    expect(texts().map(({ topic }) => topic)).toEqual(['General', 'General']);
    expect(topicsMade()).toBe(1);
    expect(rig.lines.filter((line) => line.includes('may not manage topics'))).toHaveLength(1);
  });

  it('is written to again where topics were switched off and on', async () => {
    await firstThread();
    rig.telegram.act({ act: 'topics-off' });
    await send('SECOND');
    expect(find('SECOND')).toMatchObject([{ topic: 'General' }]);
    rig.telegram.act({ act: 'topics-on' });
    await send('THIRD');
    expect(find('THIRD')).toMatchObject([{ topic: 'Order status' }]);
  });

  it('gets no second message where an old server refuses the thread of a group without topics', async () => {
    await firstThread();
    rig.telegram.act({ act: 'topics-off' });
    const [chat] = rig.telegram.chats();
    if (chat !== undefined) chat.rejectsThreads = true;
    await send('SECOND');
    expect(find('SECOND')).toMatchObject([{ topic: 'General' }]);
  });
});

describe('a chat', () => {
  it('that became a supergroup is written to under its new id', async () => {
    await firstThread();
    rig.telegram.act({ act: 'upgrade', to: -100_777 });
    await send('SECOND');
    expect(find('SECOND')).toMatchObject([{ chat: -100_777, topic: 'Order status' }]);
    expect(rig.lines.some((line) => line.includes('set TELEGRAM_CHAT_ID'))).toBe(true);
    await send('THIRD');
    expect(find('THIRD')).toMatchObject([{ chat: -100_777 }]);
    expect(rig.telegram.counters.rejected).toMatchObject({
      'Bad Request: group chat was upgraded to a supergroup chat': 1,
    });
  });

  it.each([
    ['kicked the bot', { act: 'kick' }, 'Forbidden: bot was kicked from the supergroup chat'],
    ['was deleted', { act: 'delete-chat' }, 'Forbidden: the group chat was deleted'],
    [
      'lets the bot not write',
      { act: 'take-send-right' },
      'Bad Request: not enough rights to send text messages to the chat',
    ],
  ] satisfies [string, UserAction, string][])(
    'that %s is left alone, and what waits is kept',
    async (_what, act, reason) => {
      await firstThread();
      rig.telegram.act(act);
      const notifier = rig.notifier();
      await rig.enqueue(statusEvent('SECOND', 'SHIPPED'), statusEvent('THIRD', 'SHIPPED'));
      await notifier.runOnce();
      expect(await waiting()).toBe(2);
      expect(rig.telegram.counters.rejected).toEqual({ [reason]: 1 });
      expect(rig.lines.filter((line) => line.includes('chat is lost') && line.includes(reason))).toHaveLength(1);
    },
  );

  it('that is back gets what waited', async () => {
    await firstThread();
    rig.telegram.act({ act: 'kick' });
    const notifier = rig.notifier();
    await rig.enqueue(statusEvent('SECOND', 'SHIPPED'));
    notifier.start();
    await expect.poll(() => notifier.status().chats).toMatchObject([{ state: 'unreachable', waiting: 1 }]);
    rig.telegram.act({ act: 'invite' });
    await expect.poll(() => find('SECOND'), { timeout: 10_000 }).toHaveLength(1);
    await expect.poll(waiting).toBe(0);
  });

  it('of one shop that is lost leaves its alerts to the main chat', async () => {
    await rig.close();
    rig = await startHarness({ clock, telegram: { chats: [{ id: -1 }, { id: -2, bot: { status: 'kicked' } }] } });
    const config = rig.config({ TELEGRAM_CHAT_ID: '-1', TELEGRAM_SHOP_CHATS: '700000002=-2' });
    const other = { shopId: '700000002' };
    await rig.enqueue(statusEvent('FIRST', 'SHIPPED'), statusEvent('SECOND', 'SHIPPED', other));
    await rig.notifier({ config }).runOnce();
    expect(texts().map(({ chat }) => chat)).toEqual([-1, -1]);
  });

  it('is not found, or the token is wrong: what waits is kept', async () => {
    await rig.enqueue(statusEvent('FIRST', 'SHIPPED'));
    await rig.notifier({ config: rig.config({ TELEGRAM_CHAT_ID: '-99' }) }).runOnce();
    await rig.notifier({ config: { ...rig.config(), botToken: '1:wrong' } }).runOnce();
    expect(await waiting()).toBe(1);
    expect(rig.telegram.counters.rejected).toEqual({ 'Bad Request: chat not found': 1, Unauthorized: 2 });
  });
});

describe('a call', () => {
  it('that is answered 429 pauses the whole chat, over a restart too', async () => {
    await firstThread();
    rig.telegram.faults.add({ kind: '429', on: 'sendMessage', ms: 30_000 });
    const begun = clock.now();
    const first = rig.notifier();
    await rig.enqueue(statusEvent('SECOND', 'SHIPPED'));
    first.start();
    await expect.poll(() => first.status().chats).toMatchObject([{ state: 'paused' }]);
    await first.stop();
    await send('THIRD');
    expect(clock.now() - begun).toBeGreaterThanOrEqual(30_000);
    expect(find('SECOND')).toHaveLength(1);
    expect(find('THIRD')).toHaveLength(1);
    expect(rig.telegram.counters.calls['sendMessage']).toBe(3);
  });

  it.each([
    ['a 500', '500', 1],
    ["a proxy's page", '502', 1],
    ['nothing, and was not applied', 'hang', 1],
    ['nothing, but was applied', 'hang-after-apply', 2],
    ['a closed connection, but was applied', 'reset-after-apply', 2],
  ] satisfies [string, TelegramFault, number][])('that gets %s is made again', async (_what, kind, copies) => {
    await firstThread();
    rig.telegram.faults.add({ kind, on: 'sendMessage' });
    await send('SECOND');
    expect(find('SECOND')).toHaveLength(copies);
    expect(await waiting()).toBe(0);
  });

  it('that makes a topic and gets no answer is made again, and says that an empty topic may appear', async () => {
    rig.telegram.faults.add({ kind: 'hang-after-apply', on: 'createForumTopic' });
    await send('FIRST');
    expect(find('FIRST')).toHaveLength(1);
    expect(rig.lines.some((line) => line.includes('empty second one may appear'))).toBe(true);
  });
});

describe('a message', () => {
  it('that Telegram cannot parse is sent again as plain text', async () => {
    await firstThread();
    rig.telegram.faults.add({
      kind: '400',
      on: 'sendMessage',
      code: `can't parse entities: Unsupported start tag "x"`,
    });
    await rig.enqueue(
      statusEvent('SECOND', 'SHIPPED', { order: { sn: 'SECOND', items: [{ name: '<a & b>', quantity: 1 }] } }),
    );
    await rig.notifier().runOnce();
    expect(find('SECOND')).toMatchObject([{ entities: [] }]);
    expect(find('SECOND')[0]?.text).toContain('1. <a & b> · 1');
  });

  it('whose file the group does not take is sent without it, and the chat is not lost', async () => {
    const reason = 'not enough rights to send documents to the chat';
    rig.telegram.faults.add({ kind: '400', on: 'sendDocument', code: reason, times: 9 });
    const count = 150;
    await rig.enqueue(...Array.from({ length: count }, (_, at) => statusEvent(`ORDERNUMBER${at}`, 'SHIPPED')));
    await rig.notifier().runOnce();
    expect(texts()).toHaveLength(1);
    const [, left] = /… and (\d+) more\. The bot may not send the file/.exec(texts()[0]?.text ?? '') ?? [];
    expect(texts()[0]?.text.match(/ORDERNUMBER/g)).toHaveLength(count - Number(left));
    expect(await waiting()).toBe(0);
    expect(rig.lines.some((line) => line.includes('chat is lost'))).toBe(false);
  });

  it('that is refused in every form is a dead letter, and the next one is sent', async () => {
    await firstThread();
    rig.telegram.faults.add({ kind: '400', on: 'sendMessage', code: 'something new', times: 2 });
    await rig.enqueue(statusEvent('SECOND', 'SHIPPED'), statusEvent('THIRD', 'SHIPPED'));
    await rig.notifier().runOnce();
    const { deadLetters } = await new QueueInspector({
      redis: rig.redis,
      keys: rig.keys.notifications,
    }).listDeadLetters();
    expect(deadLetters).toMatchObject([{ reason: 'telegram-rejected', error: 'Bad Request: something new' }]);
    expect(find('THIRD')).toHaveLength(1);
  });

  it("never shows up in our log, and neither does the bot's token", async () => {
    rig.telegram.faults.add({ kind: '502', on: 'sendMessage' });
    await send('SECRET-ORDER');
    expect(rig.lines.join('\n')).not.toContain('SECRET-ORDER');
    expect(rig.lines.join('\n')).not.toContain(rig.telegram.token);
  });
});
