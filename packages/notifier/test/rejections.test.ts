import { QueueInspector } from '@shopee-webhook/store';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { UserAction } from '../../sandbox/src/telegram/user-actions.ts';
import type { TelegramFault } from '../../sandbox/src/telegram/telegram.ts';
import { fastClock, startHarness, statusEvent, type Harness } from './harness.ts';

/** Each row of Telegram's table of rejections: what happens in the group, and where the message then is. */
let harness: Harness;

const clock = fastClock(60);

beforeEach(async () => {
  harness = await startHarness({ clock });
});

afterEach(() => harness.close());

const texts = () => harness.telegram.messages().filter((message) => message.service === undefined);
const find = (sn: string) => texts().filter(({ text }) => text.includes(sn));
const topicsMade = () => harness.telegram.counters.calls['createForumTopic'] ?? 0;

async function send(sn: string): Promise<void> {
  await harness.enqueue(statusEvent(sn, 'SHIPPED'));
  await harness.notifier().runOnce();
}

/** The thread of the topic that the first message made. */
async function firstThread(): Promise<number> {
  await send('FIRST');
  return harness.telegram.chats()[0]?.topics[0]?.threadId ?? 0;
}

async function waiting(): Promise<number> {
  const { queue } = await new QueueInspector({ redis: harness.redis, keys: harness.keys.notifications }).queueStats();
  return queue.depth + queue.processing + queue.retrying;
}

describe('a topic', () => {
  it('that was just deleted (TOPIC_DELETED) is created again', async () => {
    // The moment is a minute long: at the others' speed a busy machine would miss it.
    await harness.close();
    harness = await startHarness({ clock: fastClock(3) });
    const threadId = await firstThread();
    harness.telegram.act({ act: 'delete-topic', threadId });
    await send('SECOND');
    expect(find('SECOND')).toMatchObject([{ topic: 'Order status' }]);
    expect(topicsMade()).toBe(2);
    expect(harness.telegram.counters.rejected).toEqual({ 'Bad Request: TOPIC_DELETED': 1 });
  });

  it('that is unknown (message thread not found) is created again', async () => {
    const chat = String(harness.telegram.chats()[0]?.id);
    await harness.redis.hset(harness.keys.topics(chat), '3', '4711');
    await send('FIRST');
    expect(find('FIRST')).toMatchObject([{ topic: 'Order status' }]);
    expect(topicsMade()).toBe(1);
  });

  it('whose id an operator entered is used', async () => {
    const threadId = await firstThread();
    await harness.redis.hset(harness.keys.topics(String(harness.telegram.chats()[0]?.id)), '4', String(threadId));
    await harness.enqueue({
      ...statusEvent('SECOND', 'X'),
      pushText: '{"code":4,"data":{"ordersn":"SECOND"}}',
      code: 4,
    });
    await harness.notifier().runOnce();
    expect(find('SECOND')).toMatchObject([{ threadId }]);
  });

  it('that is General by its id is sent to without a thread id', async () => {
    await harness.redis.hset(harness.keys.topics(String(harness.telegram.chats()[0]?.id)), '3', '1');
    await send('FIRST');
    expect(find('FIRST')).toMatchObject([{ topic: 'General' }]);
    expect(harness.telegram.counters.rejected).toEqual({});
    expect(topicsMade()).toBe(0);
  });

  it('that is closed is reopened where the bot may', async () => {
    const threadId = await firstThread();
    harness.telegram.act({ act: 'close-topic', threadId });
    harness.telegram.faults.add({ kind: '400', on: 'sendMessage', code: 'TOPIC_CLOSED' });
    await send('SECOND');
    expect(find('SECOND')).toMatchObject([{ topic: 'Order status' }]);
    expect(harness.telegram.chats()[0]?.topics).toMatchObject([{ closed: false }]);
  });

  it('that is closed falls back to General where the bot may not reopen it', async () => {
    const threadId = await firstThread();
    const [topic] = harness.telegram.chats()[0]?.topics ?? [];
    if (topic !== undefined) topic.createdByBot = false;
    harness.telegram.act({ act: 'close-topic', threadId });
    harness.telegram.act({ act: 'take-topic-right' });
    await send('SECOND');
    expect(find('SECOND')).toMatchObject([{ topic: 'General' }]);
    expect(find('SECOND')[0]?.text).toMatch(/^\[Order status\]\n/);
  });

  it('that somebody reopened meanwhile is used', async () => {
    await firstThread();
    harness.telegram.faults.add({ kind: '400', on: 'sendMessage', code: 'TOPIC_CLOSED' });
    await send('SECOND');
    expect(find('SECOND')).toMatchObject([{ topic: 'Order status' }]);
    expect(harness.telegram.counters.rejected).toMatchObject({ 'Bad Request: TOPIC_NOT_MODIFIED': 1 });
  });

  it('that is closed and then deleted is created again', async () => {
    const threadId = await firstThread();
    harness.telegram.faults.add({ kind: '400', on: 'sendMessage', code: 'TOPIC_CLOSED' });
    harness.telegram.act({ act: 'delete-topic', threadId });
    await send('SECOND');
    expect(find('SECOND')).toMatchObject([{ topic: 'Order status' }]);
  });

  it('General that is closed is reopened where the bot may', async () => {
    await harness.redis.hset(harness.keys.topics(String(harness.telegram.chats()[0]?.id)), '3', '1');
    harness.telegram.act({ act: 'close-general' });
    harness.telegram.faults.add({ kind: '400', on: 'sendMessage', code: 'TOPIC_CLOSED' });
    await send('FIRST');
    expect(find('FIRST')).toMatchObject([{ topic: 'General' }]);
    expect(harness.telegram.chats()[0]?.generalClosed).toBe(false);
  });

  it('General that is closed keeps its backlog where the bot may not reopen it', async () => {
    harness.telegram.act({ act: 'close-general' });
    harness.telegram.act({ act: 'take-topic-right' });
    await send('FIRST');
    expect(await waiting()).toBe(1);
    expect(harness.lines.some((line) => line.includes('chat unreachable') && line.includes('General is closed'))).toBe(
      true,
    );
  });

  it('is not created in a group that is no forum: the message goes to the main chat and names the topic', async () => {
    harness.telegram.act({ act: 'topics-off' });
    await send('FIRST');
    expect(find('FIRST')[0]?.text).toMatch(/^\[Order status\]\n/);
    expect(harness.telegram.counters.rejected).toEqual({ 'Bad Request: the chat is not a forum': 1 });
    expect(harness.lines.filter((line) => line.includes('has no topics'))).toHaveLength(1);
  });

  it('is not created without permission: the message goes to General', async () => {
    harness.telegram.act({ act: 'take-topic-right' });
    await harness.enqueue(statusEvent('FIRST', 'SHIPPED'), statusEvent('SECOND', 'SHIPPED'));
    await harness.notifier().runOnce();
    expect(texts().map(({ topic }) => topic)).toEqual(['General', 'General']);
    expect(topicsMade()).toBe(1);
    expect(harness.lines.filter((line) => line.includes('may not manage topics'))).toHaveLength(1);
  });

  it('is used again after topics were turned off and on', async () => {
    await firstThread();
    harness.telegram.act({ act: 'topics-off' });
    await send('SECOND');
    expect(find('SECOND')).toMatchObject([{ topic: 'General' }]);
    harness.telegram.act({ act: 'topics-on' });
    await send('THIRD');
    expect(find('THIRD')).toMatchObject([{ topic: 'Order status' }]);
  });

  it('gets no second message where an old server rejects the thread of a group without topics', async () => {
    await firstThread();
    harness.telegram.act({ act: 'topics-off' });
    const [chat] = harness.telegram.chats();
    if (chat !== undefined) chat.rejectsThreads = true;
    await send('SECOND');
    expect(find('SECOND')).toMatchObject([{ topic: 'General' }]);
  });
});

describe('a chat', () => {
  it('that was upgraded to a supergroup is reached under its new id', async () => {
    await firstThread();
    harness.telegram.act({ act: 'upgrade', to: -100_777 });
    await send('SECOND');
    expect(find('SECOND')).toMatchObject([{ chat: -100_777, topic: 'Order status' }]);
    expect(harness.lines.some((line) => line.includes('set TELEGRAM_CHAT_ID'))).toBe(true);
    await send('THIRD');
    expect(find('THIRD')).toMatchObject([{ chat: -100_777 }]);
    expect(harness.telegram.counters.rejected).toMatchObject({
      'Bad Request: group chat was upgraded to a supergroup chat': 1,
    });
  });

  it.each([
    ['kicked the bot', { act: 'kick' }, 'Forbidden: bot was kicked from the supergroup chat'],
    ['was deleted', { act: 'delete-chat' }, 'Forbidden: the group chat was deleted'],
    [
      'takes the send permission',
      { act: 'take-send-right' },
      'Bad Request: not enough rights to send text messages to the chat',
    ],
  ] satisfies [string, UserAction, string][])(
    'that %s is unreachable, and its backlog is kept',
    async (_what, act, reason) => {
      await firstThread();
      harness.telegram.act(act);
      const notifier = harness.notifier();
      await harness.enqueue(statusEvent('SECOND', 'SHIPPED'), statusEvent('THIRD', 'SHIPPED'));
      await notifier.runOnce();
      expect(await waiting()).toBe(2);
      expect(harness.telegram.counters.rejected).toEqual({ [reason]: 1 });
      expect(harness.lines.filter((line) => line.includes('chat unreachable') && line.includes(reason))).toHaveLength(
        1,
      );
    },
  );

  it('that is reachable again gets its backlog', async () => {
    await firstThread();
    harness.telegram.act({ act: 'kick' });
    const notifier = harness.notifier();
    await harness.enqueue(statusEvent('SECOND', 'SHIPPED'));
    notifier.start();
    await expect.poll(() => notifier.status().chats).toMatchObject([{ state: 'unreachable', waiting: 1 }]);
    harness.telegram.act({ act: 'invite' });
    await expect.poll(() => find('SECOND'), { timeout: 10_000 }).toHaveLength(1);
    await expect.poll(waiting).toBe(0);
  });

  it('of one shop that is unreachable falls back to the main chat', async () => {
    await harness.close();
    harness = await startHarness({ clock, telegram: { chats: [{ id: -1 }, { id: -2, bot: { status: 'kicked' } }] } });
    const config = harness.config({ TELEGRAM_CHAT_ID: '-1', TELEGRAM_SHOP_CHATS: '700000002=-2' });
    const other = { shopId: '700000002' };
    await harness.enqueue(statusEvent('FIRST', 'SHIPPED'), statusEvent('SECOND', 'SHIPPED', other));
    await harness.notifier({ config }).runOnce();
    expect(texts().map(({ chat }) => chat)).toEqual([-1, -1]);
  });

  it('is not found, or the token is wrong: the backlog is kept', async () => {
    await harness.enqueue(statusEvent('FIRST', 'SHIPPED'));
    await harness.notifier({ config: harness.config({ TELEGRAM_CHAT_ID: '-99' }) }).runOnce();
    await harness.notifier({ config: { ...harness.config(), botToken: '1:wrong' } }).runOnce();
    expect(await waiting()).toBe(1);
    expect(harness.telegram.counters.rejected).toEqual({ 'Bad Request: chat not found': 1, Unauthorized: 2 });
  });
});

describe('a call', () => {
  it('that gets 429 pauses the whole chat, over a restart too', async () => {
    await firstThread();
    harness.telegram.faults.add({ kind: '429', on: 'sendMessage', ms: 30_000 });
    const begun = clock.wallMs();
    const first = harness.notifier();
    await harness.enqueue(statusEvent('SECOND', 'SHIPPED'));
    first.start();
    await expect.poll(() => first.status().chats).toMatchObject([{ state: 'paused' }]);
    await first.stop();
    await send('THIRD');
    expect(clock.wallMs() - begun).toBeGreaterThanOrEqual(30_000);
    expect(find('SECOND')).toHaveLength(1);
    expect(find('THIRD')).toHaveLength(1);
    expect(harness.telegram.counters.calls['sendMessage']).toBe(3);
  });

  it.each([
    ['a 500', '500', 1],
    ["a proxy's page", '502', 1],
    ['no response, and was not applied', 'hang', 1],
    ['no response, but was applied', 'hang-after-apply', 2],
    ['a closed connection, but was applied', 'reset-after-apply', 2],
  ] satisfies [string, TelegramFault, number][])('that gets %s is retried', async (_what, kind, copies) => {
    await firstThread();
    harness.telegram.faults.add({ kind, on: 'sendMessage' });
    await send('SECOND');
    expect(find('SECOND')).toHaveLength(copies);
    expect(await waiting()).toBe(0);
  });

  it('that creates a topic and gets no response is retried, and logs that an empty topic may appear', async () => {
    harness.telegram.faults.add({ kind: 'hang-after-apply', on: 'createForumTopic' });
    await send('FIRST');
    expect(find('FIRST')).toHaveLength(1);
    expect(harness.lines.some((line) => line.includes('empty duplicate may appear'))).toBe(true);
  });
});

describe('a message', () => {
  it('that Telegram cannot parse is sent again as plain text', async () => {
    await firstThread();
    harness.telegram.faults.add({
      kind: '400',
      on: 'sendMessage',
      code: `can't parse entities: Unsupported start tag "x"`,
    });
    await harness.enqueue(
      statusEvent('SECOND', 'SHIPPED', { order: { sn: 'SECOND', items: [{ name: '<a & b>', quantity: 1 }] } }),
    );
    await harness.notifier().runOnce();
    expect(find('SECOND')).toMatchObject([{ entities: [] }]);
    expect(find('SECOND')[0]?.text).toContain('1. <a & b> · 1');
  });

  it('whose file the group does not allow is sent without it, and the chat stays reachable', async () => {
    const reason = 'not enough rights to send documents to the chat';
    harness.telegram.faults.add({ kind: '400', on: 'sendDocument', code: reason, times: 9 });
    const count = 150;
    await harness.enqueue(...Array.from({ length: count }, (_, at) => statusEvent(`ORDERNUMBER${at}`, 'SHIPPED')));
    await harness.notifier().runOnce();
    expect(texts()).toHaveLength(1);
    const [, left] = /… and (\d+) more\. The bot may not send files/.exec(texts()[0]?.text ?? '') ?? [];
    expect(texts()[0]?.text.match(/ORDERNUMBER/g)).toHaveLength(count - Number(left));
    expect(await waiting()).toBe(0);
    expect(harness.lines.some((line) => line.includes('chat unreachable'))).toBe(false);
  });

  it('that is rejected in every form is dead-lettered, and the next one is sent', async () => {
    await firstThread();
    harness.telegram.faults.add({ kind: '400', on: 'sendMessage', code: 'something new', times: 2 });
    await harness.enqueue(statusEvent('SECOND', 'SHIPPED'), statusEvent('THIRD', 'SHIPPED'));
    await harness.notifier().runOnce();
    const { deadLetters } = await new QueueInspector({
      redis: harness.redis,
      keys: harness.keys.notifications,
    }).listDeadLetters();
    expect(deadLetters).toMatchObject([{ reason: 'telegram-rejected', error: 'Bad Request: something new' }]);
    expect(find('THIRD')).toHaveLength(1);
  });

  it("never shows up in our log, and neither does the bot's token", async () => {
    harness.telegram.faults.add({ kind: '502', on: 'sendMessage' });
    await send('SECRET-ORDER');
    expect(harness.lines.join('\n')).not.toContain('SECRET-ORDER');
    expect(harness.lines.join('\n')).not.toContain(harness.telegram.token);
  });
});
