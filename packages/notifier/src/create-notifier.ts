import type { Notifier, NotifierOptions } from './notifier.ts';
import { DiscardingNotifier } from './discarding-notifier.ts';

/** Builds the notifier. grammY is loaded only when a bot is configured. */
export async function createNotifier(options: NotifierOptions): Promise<Notifier> {
  const { config, shared, local, logger } = options;
  if (config === undefined) {
    const outboxes = [shared?.outbox, local].filter((outbox) => outbox !== undefined);
    return new DiscardingNotifier({ outboxes, logger });
  }
  const { TelegramNotifier } = await import('./telegram-notifier.ts');
  return new TelegramNotifier({ ...options, config });
}
