export {
  createTelegram,
  sandboxChatId,
  sandboxToken,
  type Telegram,
  type TelegramFault,
  type TelegramOptions,
  type TelegramState,
} from './telegram/telegram.ts';
