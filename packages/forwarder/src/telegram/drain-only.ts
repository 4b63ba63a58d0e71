import type { Logger } from '@shopee-webhook/runtime';
import type { Notifier } from './notifier.ts';
import type { Outbox } from './outbox.ts';
import { OutboxDrain } from './outbox-drain.ts';

/** The notifier of an installation without a bot. */
export function createDrainOnly(parts: { outbox: Outbox; logger: Logger }): Notifier {
  const drain = new OutboxDrain(parts);
  const sent = { messages: 0, events: 0, digests: 0, refused: 0 };
  return {
    start: () => drain.start(),
    stop: () => drain.stop(),
    abandon: () => void drain.stop(),
    async runOnce() {
      while ((await drain.runOnce()) > 0);
      return true;
    },
    status: () => ({ enabled: false, leading: false, chats: [], sent, longestUrgentMs: 0 }),
  };
}
