import { z } from 'zod';
import { parseDigest } from './digest-plan.ts';
import { booleanFlag, commaList, httpUrl, together, wholeNumber } from './env-schemas.ts';
import { parseQuietHours } from './quiet-hours.ts';

const chatId = z
  .string()
  .trim()
  .regex(/^(-?\d+|@\w+)$/, 'must be a chat id, such as -1001234567890');

const shopChats = commaList.transform((pairs, context) => {
  const chats = new Map<string, string>();
  for (const pair of pairs) {
    const [, shop, chat] = /^(\d+)=(-?\d+|@\w+)$/.exec(pair) ?? [];
    if (shop === undefined || chat === undefined) {
      context.addIssue({ code: 'custom', message: 'must be shop=chat pairs, such as 700000001=-1001234567890' });
    } else {
      chats.set(shop, chat);
    }
  }
  return chats;
});

const codes = commaList.pipe(
  z.array(z.string().regex(/^\d+$/, 'must be a list of event codes, such as 8,9').transform(Number)),
);

/** The notifier's variables; spread it into a z.object. */
export const telegramEnv = {
  TELEGRAM_BOT_TOKEN: z
    .string()
    .trim()
    .regex(/^\d+:[\w-]+$/, "must be a bot's token, such as 123456:ABC-DEF")
    .optional(),
  TELEGRAM_CHAT_ID: chatId.optional(),
  TELEGRAM_API_URL: httpUrl.default('https://api.telegram.org'),
  TELEGRAM_DIGEST: z
    .string()
    .default('auto')
    .transform((text, context) => orIssue(context, () => parseDigest(text))),
  TELEGRAM_MODE: z.enum(['post', 'edit'], 'must be post or edit').default('post'),
  TELEGRAM_COMMANDS: booleanFlag(false),
  TELEGRAM_QUIET: z
    .string()
    .transform((text, context) => orIssue(context, () => parseQuietHours(text)))
    .optional(),
  TELEGRAM_MUTE: codes.default([]),
  TELEGRAM_SHOP_CHATS: shopChats.optional(),
  TELEGRAM_SHOW_BUYER: z.enum(['name', 'full'], 'must be name or full').default('name'),
  SHIP_WARN_HOURS: wholeNumber(12),
};

/** A bot without a chat, or a chat without a bot, sends nothing: arguments of `refine`. */
export const telegramRule = [
  (env: { TELEGRAM_BOT_TOKEN?: string | undefined; TELEGRAM_CHAT_ID?: string | undefined }) =>
    (env.TELEGRAM_BOT_TOKEN === undefined) === (env.TELEGRAM_CHAT_ID === undefined),
  together(
    'TELEGRAM_CHAT_ID',
    'TELEGRAM_BOT_TOKEN and TELEGRAM_CHAT_ID belong together: set both, or none for no alerts',
  ),
] as const;

/** Turns a parser's error into an issue; its message names what is expected, never the value. */
function orIssue<T>(context: z.RefinementCtx, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    context.addIssue({ code: 'custom', message: error instanceof Error ? error.message : String(error) });
    return z.NEVER;
  }
}
