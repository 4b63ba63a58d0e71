import { Api, GrammyError, HttpError, InputFile } from 'grammy';
import { afterEach, describe, expect, it } from 'vitest';
import { createTelegram, sandboxChatId, type Telegram, type TelegramOptions } from '../src/telegram/telegram.ts';

const open: Telegram[] = [];
const chat = sandboxChatId;

async function start(options: TelegramOptions = {}): Promise<{ telegram: Telegram; api: Api }> {
  const telegram = await createTelegram(options);
  open.push(telegram);
  return { telegram, api: new Api(telegram.token, { apiRoot: telegram.url, timeoutSeconds: 2 }) };
}

afterEach(async () => {
  for (const telegram of open.splice(0)) await telegram.close();
});

async function rejection(call: Promise<unknown>): Promise<[number, string]> {
  const error = await call.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (error instanceof GrammyError) return [error.error_code, error.description];
  return [0, error instanceof HttpError ? 'HttpError' : 'accepted'];
}

describe('the Telegram fake', () => {
  it('makes topics, and messages land in them', async () => {
    const { telegram, api } = await start();
    const icons = await api.getForumTopicIconStickers();
    const topic = await api.createForumTopic(chat, '  Order   status ', {
      icon_color: 7_322_096,
      icon_custom_emoji_id: icons[0]?.custom_emoji_id ?? '',
    });
    const sent = await api.sendMessage(chat, 'Hi <b>all</b>', {
      message_thread_id: topic.message_thread_id,
      parse_mode: 'HTML',
    });
    expect(sent).toMatchObject({ is_topic_message: true, message_thread_id: topic.message_thread_id, text: 'Hi all' });
    expect(telegram.messages().at(-1)).toMatchObject({ topic: 'Order status', html: 'Hi <b>all</b>' });
  });

  it.each([
    ['the id of General', {}, 1, 'message thread not found'],
    ['an unknown thread', {}, 99, 'message thread not found'],
    [
      'a thread in an old server without topics',
      { isForum: false, rejectsThreads: true },
      5,
      'message thread not found',
    ],
  ])('rejects %s', async (_what, options, threadId, description) => {
    const { api } = await start({ chats: [{ id: chat, ...options }] });
    const call = api.sendMessage(chat, 'x', { message_thread_id: threadId });
    expect(await rejection(call)).toEqual([400, `Bad Request: ${description}`]);
  });

  it('ignores the thread id where the group is no forum', async () => {
    const { api } = await start({ chats: [{ id: chat, isForum: false }] });
    const sent = await api.sendMessage(chat, 'x', { message_thread_id: 5 });
    expect(sent.message_thread_id).toBeUndefined();
    expect(await rejection(api.createForumTopic(chat, 'x'))).toEqual([400, 'Bad Request: the chat is not a forum']);
  });

  it('rejects a deleted topic first by one word and a minute later by another', async () => {
    let now = 1_000_000;
    const { telegram, api } = await start({ now: () => now });
    const { message_thread_id: thread } = await api.createForumTopic(chat, 'x');
    telegram.act({ act: 'delete-topic', threadId: thread });
    const send = () => rejection(api.sendMessage(chat, 'x', { message_thread_id: thread }));
    expect(await send()).toEqual([400, 'Bad Request: TOPIC_DELETED']);
    now += 60_000;
    expect(await send()).toEqual([400, 'Bad Request: message thread not found']);
  });

  it('rejects a closed topic to a bot without the right to manage topics', async () => {
    const { telegram, api } = await start();
    telegram.chats()[0]?.topics.push({ threadId: 77, name: 'Old', iconColor: 0, closed: true, createdByBot: false });
    expect(await rejection(api.sendMessage(chat, 'x', { message_thread_id: 77 }))).toEqual([0, 'accepted']);
    telegram.act({ act: 'take-topic-right' });
    expect(await rejection(api.sendMessage(chat, 'x', { message_thread_id: 77 }))).toEqual([
      400,
      'Bad Request: TOPIC_CLOSED',
    ]);
    expect(await rejection(api.createForumTopic(chat, 'x'))).toEqual([
      400,
      'Bad Request: not enough rights to create a topic',
    ]);
  });

  it('rejects like a group that the bot lost', async () => {
    const { telegram, api } = await start();
    const send = () => rejection(api.sendMessage(chat, 'x'));
    telegram.act({ act: 'take-send-right' });
    expect(await send()).toEqual([400, 'Bad Request: not enough rights to send text messages to the chat']);
    telegram.act({ act: 'kick' });
    expect(await send()).toEqual([403, 'Forbidden: bot was kicked from the supergroup chat']);
    telegram.act({ act: 'delete-chat' });
    expect(await send()).toEqual([403, 'Forbidden: the group chat was deleted']);
    expect(await rejection(api.sendMessage(1, 'x'))).toEqual([400, 'Bad Request: chat not found']);
    const stranger = new Api('1:x', { apiRoot: telegram.url });
    expect(await rejection(stranger.getMe())).toEqual([401, 'Unauthorized']);
  });

  it('names the new id of a group that became a supergroup', async () => {
    const { telegram, api } = await start({ chats: [{ id: -5, type: 'group', isForum: false }] });
    telegram.act({ act: 'upgrade', to: -100_500 });
    const error = await api.sendMessage(-5, 'x').catch((error: unknown) => error);
    expect(error).toMatchObject({
      description: 'Bad Request: group chat was upgraded to a supergroup chat',
      parameters: { migrate_to_chat_id: -100_500 },
    });
    await api.sendMessage(-100_500, 'x');
  });

  it('counts topics, edits and messages towards twenty a minute', async () => {
    const { telegram, api } = await start({ limits: { burst: 100 } });
    await api.createForumTopic(chat, 'x');
    const { message_id: id } = await api.sendMessage(chat, '0');
    for (let edit = 1; edit <= 18; edit += 1) await api.editMessageText(chat, id, String(edit));
    const response = await fetch(`${telegram.url}/bot${telegram.token}/sendMessage?chat_id=${chat}&text=x`);
    expect(response.status).toBe(429);
    const wait = Number(response.headers.get('retry-after'));
    expect(wait).toBeGreaterThan(55);
    expect(await response.json()).toEqual({
      ok: false,
      error_code: 429,
      description: `Too Many Requests: retry after ${wait}`,
      parameters: { retry_after: wait },
    });
    expect(telegram.counters).toMatchObject({ counted: 20, rateLimited: 1 });
  });

  it('treats an edit without a change, or of a lost message, as the real one does', async () => {
    const { telegram, api } = await start();
    const { message_id: id } = await api.sendMessage(chat, 'a');
    expect((await rejection(api.editMessageText(chat, id, 'a')))[1]).toMatch(/^Bad Request: message is not modified: /);
    expect(await rejection(api.editMessageText(chat, 999, 'a'))).toEqual([
      400,
      'Bad Request: message to edit not found',
    ]);
    const said = telegram.act({ act: 'say', text: 'hello' });
    expect(await rejection(api.editMessageText(chat, said.messageId ?? 0, 'a'))).toEqual([
      400,
      "Bad Request: message can't be edited",
    ]);
  });

  it('takes documents and gives them back', async () => {
    const { telegram, api } = await start();
    const sent = await api.sendDocument(chat, new InputFile(Buffer.from('a,b\n1,2\n'), 'orders.csv'), {
      caption: 'Orders',
    });
    expect(sent).toMatchObject({ document: { file_name: 'orders.csv', file_size: 8 }, caption: 'Orders' });
    expect(telegram.file(sent.document.file_id)).toBe('a,b\n1,2\n');
  });

  it('hands commands and pressed buttons to the one poller', async () => {
    const { telegram, api } = await start();
    await api.sendMessage(chat, 'x', {
      reply_markup: { inline_keyboard: [[{ text: 'Ack', callback_data: 'ack:1' }]] },
    });
    const polled = api.getUpdates({ timeout: 5 });
    telegram.act({ act: 'say', text: '/status@shop_alerts_bot now', by: 1003 });
    const [first] = await polled;
    expect(first?.message).toMatchObject({ text: '/status@shop_alerts_bot now', from: { id: 1003 } });
    const { callbackId } = telegram.act({ act: 'press', messageId: 2, button: 'Ack', by: 1002 });
    const [second] = await api.getUpdates({ offset: (first?.update_id ?? 0) + 1 });
    expect(second?.callback_query).toMatchObject({ id: callbackId, data: 'ack:1', from: { id: 1002 } });
    await api.answerCallbackQuery(callbackId ?? '', { text: 'Done' });
    expect(telegram.callbackResponse(callbackId ?? '')).toBe('Done');
  });

  it('shows the faults it was set to show', async () => {
    const { telegram, api } = await start();
    const send = () => rejection(api.sendMessage(chat, 'x'));
    telegram.faults.add({ kind: '429', on: 'sendMessage' });
    expect(await send()).toEqual([429, 'Too Many Requests: retry after 60']);
    telegram.faults.add({ kind: '500' });
    expect(await send()).toEqual([500, 'Internal Server Error']);
    for (const kind of ['502', 'hang'] as const) {
      telegram.faults.add({ kind });
      expect(await send()).toEqual([0, 'HttpError']);
    }
    expect(telegram.messages()).toHaveLength(0);
    telegram.faults.add({ kind: 'reset-after-apply' });
    expect(await send()).toEqual([0, 'HttpError']);
    expect(telegram.messages()).toHaveLength(1);
  });

  it('saves its chats and goes on from them', async () => {
    const { telegram, api } = await start();
    await api.sendMessage(chat, 'kept');
    const later = await start();
    later.telegram.restore(telegram.state());
    expect(later.telegram.messages().map((message) => message.text)).toEqual(['kept']);
  });

  it('shows a page and its messages to people', async () => {
    const { telegram, api } = await start();
    await api.sendMessage(chat, '<b>x</b>', { parse_mode: 'HTML' });
    expect(await (await fetch(telegram.url)).text()).toContain('<nav id="topics"');
    const response = await fetch(`${telegram.url}/_sandbox/messages?chat=${chat}`);
    expect(await response.json()).toMatchObject({ messages: [{ html: '<b>x</b>', topic: 'General' }] });
  });

  it('gives an administrator every message, and any other bot only commands', async () => {
    const { telegram, api } = await start({ chats: [{ id: chat }, { id: chat - 1, bot: { status: 'member' } }] });
    telegram.act({ act: 'say', text: 'hello' });
    telegram.act({ act: 'say', text: 'hello', chat: chat - 1 });
    telegram.act({ act: 'say', text: '/status', chat: chat - 1 });
    expect((await api.getUpdates()).map(({ message }) => message?.text)).toEqual(['hello', '/status']);
  });

  it('reports topics that a person closes and renames, and says nothing of deleted ones', async () => {
    const { telegram, api } = await start();
    const { message_thread_id: threadId } = await api.createForumTopic(chat, 'Orders');
    telegram.act({ act: 'close-topic', threadId });
    telegram.act({ act: 'rename-topic', threadId, name: 'Mine' });
    telegram.act({ act: 'delete-topic', threadId });
    const updates = await api.getUpdates();
    expect(
      updates.map(({ message }) => Object.keys(message ?? {}).find((key) => key.startsWith('forum_topic'))),
    ).toEqual(['forum_topic_closed', 'forum_topic_edited']);
  });

  it.each([
    ['http://localhost:8000/dashboard', 'Wrong HTTP URL'],
    ['ftp://example.com/x', 'Wrong HTTP URL'],
  ])('rejects a button to %s', async (url, reason) => {
    const { api } = await start();
    const reply_markup = { inline_keyboard: [[{ text: 'Open', url }]] };
    expect(await rejection(api.sendMessage(chat, 'x', { reply_markup }))).toEqual([
      400,
      `Bad Request: inline keyboard button URL '${url}' is invalid: ${reason}`,
    ]);
  });

  it('rejects more than 100 buttons, and command names that nobody could type', async () => {
    const { api } = await start();
    const inline_keyboard = Array.from({ length: 101 }, () => [{ text: 'x', callback_data: 'x' }]);
    expect(await rejection(api.sendMessage(chat, 'x', { reply_markup: { inline_keyboard } }))).toEqual([
      400,
      'Bad Request: reply markup is too long',
    ]);
    const commands = [{ command: 'Status-Now', description: 'x' }];
    expect(await rejection(api.setMyCommands(commands))).toEqual([400, 'Bad Request: BOT_COMMAND_INVALID']);
  });

  it('names the right that is missing to close or open a topic', async () => {
    const { telegram, api } = await start();
    const { message_thread_id: threadId } = await api.createForumTopic(chat, 'Orders');
    telegram.act({ act: 'take-topic-right' });
    expect(await rejection(api.closeForumTopic(chat, threadId))).toEqual([
      400,
      'Bad Request: not enough rights to close or open the topic',
    ]);
  });
});
