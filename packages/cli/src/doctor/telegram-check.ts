import { z } from 'zod';
import { callTimeoutMs, valueOf, type Check } from './finding.ts';

const TelegramResponse = z.object({
  ok: z.boolean(),
  result: z.unknown().optional(),
  description: z.string().optional(),
});
const Bot = z.object({ id: z.number(), username: z.string() });
const Chat = z.object({ type: z.string(), title: z.string().optional(), is_forum: z.boolean().optional() });
const Member = z.object({ status: z.string(), can_manage_topics: z.boolean().optional() });

/** The bot, its chat, and whether it may create topics there. */
export const checkTelegram: Check = async ({ env }) => {
  const token = valueOf(env, 'TELEGRAM_BOT_TOKEN');
  const chatId = valueOf(env, 'TELEGRAM_CHAT_ID');
  if (token === undefined || chatId === undefined)
    return [{ level: 'skip', text: 'bot not configured: no Telegram alerts' }];
  const root = (valueOf(env, 'TELEGRAM_API_URL') ?? 'https://api.telegram.org').replace(/(?<!\/)\/+$/, '');
  // The URL contains the token, and fetch quotes an invalid URL.
  if (!URL.canParse(root)) return [{ level: 'fail', text: 'TELEGRAM_API_URL is not a URL', action: 'unset it' }];
  const call = async (method: string, params: Record<string, string> = {}) => {
    const url = `${root}/bot${token}/${method}?${new URLSearchParams(params).toString()}`;
    const response = await fetch(url, { signal: AbortSignal.timeout(callTimeoutMs) });
    return TelegramResponse.parse(await response.json());
  };
  const me = await call('getMe');
  if (!me.ok) {
    return [
      {
        level: 'fail',
        text: `the bot's token was rejected: ${me.description ?? ''}`,
        action: 'copy TELEGRAM_BOT_TOKEN from @BotFather again',
        link: 'https://t.me/BotFather',
      },
    ];
  }
  const bot = Bot.parse(me.result);
  const known = { level: 'ok' as const, text: `the bot is @${bot.username}` };
  const found = await call('getChat', { chat_id: chatId });
  if (!found.ok) {
    const action = `add @${bot.username} to the group, and check TELEGRAM_CHAT_ID (a forum's begins with -100)`;
    return [known, { level: 'fail', text: `chat not found: ${found.description ?? ''}`, action }];
  }
  const chat = Chat.parse(found.result);
  if (chat.is_forum !== true) {
    const warning = {
      level: 'warn' as const,
      text: 'the chat has no topics: all notifications go to one place',
      action: 'turn on Topics in the group’s settings',
    };
    return [known, warning];
  }
  const member = await call('getChatMember', { chat_id: chatId, user_id: String(bot.id) });
  const right = member.ok ? Member.parse(member.result) : undefined;
  return [
    known,
    right?.can_manage_topics === true || right?.status === 'creator'
      ? { level: 'ok', text: `it can manage the topics of «${chat.title ?? chatId}»` }
      : {
          level: 'fail',
          text: 'the bot cannot manage topics',
          action: 'make it an administrator with «Manage Topics»',
        },
  ];
};
