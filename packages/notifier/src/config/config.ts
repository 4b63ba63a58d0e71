import { commaList, wholeNumber, booleanFlag, httpUrl } from '@shopee-webhook/runtime';
import { z } from 'zod';
import { parseDigest, type DigestPlan } from './digest-plan.ts';
import { parseQuietHours, type QuietHours } from './quiet-hours.ts';

/** Telegram configuration. */
export interface TelegramConfig {
  botToken: string;
  /** The default chat. */
  chatId: string;
  /** Without a trailing slash. */
  apiUrl: string;
  digest: DigestPlan;
  /** `post`: a message per event. `edit`: one message per order, edited as its status changes. */
  mode: 'post' | 'edit';
  /** Commands and buttons for the group's administrators; needs getUpdates, so no other program may use the token. */
  commands: boolean;
  quiet: QuietHours | undefined;
  /** Event codes that are never sent. */
  mute: ReadonlySet<number>;
  /** Shop id → chat id. */
  shopChats: ReadonlyMap<string, string>;
  /** `name`: only the buyer's user name. `full`: also name, phone, address and what they wrote. */
  showBuyer: 'name' | 'full';
  /** 0: no ship-by warnings. */
  shipWarnHours: number;
}

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

/** The notifier's variables; spread it into a z.object and pass the result to `telegramConfigOf`. */
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

const shape = z.object(telegramEnv);

/** The notifier's configuration; undefined when no bot is configured. */
export function toTelegramConfig(env: z.output<typeof shape>): TelegramConfig | undefined {
  if (env.TELEGRAM_BOT_TOKEN === undefined || env.TELEGRAM_CHAT_ID === undefined) return undefined;
  return {
    botToken: env.TELEGRAM_BOT_TOKEN,
    chatId: env.TELEGRAM_CHAT_ID,
    apiUrl: env.TELEGRAM_API_URL.replace(/(?<!\/)\/+$/, ''),
    digest: env.TELEGRAM_DIGEST,
    mode: env.TELEGRAM_MODE,
    commands: env.TELEGRAM_COMMANDS,
    quiet: env.TELEGRAM_QUIET,
    mute: new Set(env.TELEGRAM_MUTE),
    shopChats: env.TELEGRAM_SHOP_CHATS ?? new Map(),
    showBuyer: env.TELEGRAM_SHOW_BUYER,
    shipWarnHours: env.SHIP_WARN_HOURS,
  };
}

/** Turns a parser's error into an issue; its message names what is expected, never the value. */
function orIssue<T>(context: z.RefinementCtx, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    context.addIssue({ code: 'custom', message: error instanceof Error ? error.message : String(error) });
    return z.NEVER;
  }
}
