import { systemClock } from '@shopee-webhook/runtime';
import type { TestResult } from '@shopee-webhook/contracts/worker-rpc';
import type { TelegramConfig } from '@shopee-webhook/notifier';

const timeoutSeconds = 15;

/** Sends a message to the chat as the bot, bypassing the outbox, so that Telegram's response is shown. */
export async function testTelegram(config: TelegramConfig | undefined): Promise<TestResult> {
  if (config === undefined) {
    return {
      ok: false,
      ms: 0,
      steps: [],
      error: 'TELEGRAM_BOT_TOKEN and TELEGRAM_CHAT_ID are not set: no notifications are sent',
    };
  }
  // Loaded on demand: rarely needed.
  const { Api } = await import('grammy');
  const api = new Api(config.botToken, { apiRoot: config.apiUrl, timeoutSeconds });
  const startedAt = systemClock.monotonicMs();
  const steps: TestResult['steps'] = [];
  let step = '';
  try {
    step = 'Get the bot’s identity';
    const { username } = await api.getMe();
    steps.push({ text: `${step} (@${username})`, ok: true });
    step = `Get the chat ${config.chatId}`;
    const { title = '' } = await api.getChat(config.chatId);
    steps.push({ text: `${step} (“${title}”)`, ok: true });
    step = 'Send a message';
    await api.sendMessage(
      config.chatId,
      'Test message from the dashboard of shopee-webhook: notifications arrive here.',
      {
        disable_notification: true,
      },
    );
    steps.push({ text: step, ok: true });
    return { ok: true, ms: msSince(startedAt), steps, error: null };
  } catch (error) {
    steps.push({ text: step, ok: false });
    return { ok: false, ms: msSince(startedAt), steps, error: errorMessage(error, config.botToken) };
  }
}

/** Telegram's own message (GrammyError has it in `description`), without the token. */
function errorMessage(error: unknown, token: string): string {
  if (!(error instanceof Error)) return 'unknown error';
  const message = 'description' in error && typeof error.description === 'string' ? error.description : error.message;
  return message.replaceAll(token, '[hidden]');
}

function msSince(startedAt: number): number {
  return Math.round(systemClock.monotonicMs() - startedAt);
}
