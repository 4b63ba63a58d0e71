import { telegramEnv, type DigestPlan, type QuietHours } from '@shopee-webhook/runtime';
import { z } from 'zod';

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
