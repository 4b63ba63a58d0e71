import type { Logger } from '@shopee-webhook/runtime';
import type { Outbox } from '../../outbox.ts';
import type { Notifier } from '../notifier.ts';
import { OutboxDrain } from './outbox-drain.ts';

/** The notifier of an installation without a bot. */
export function createDrainOnly(outboxes: Outbox[], logger: Logger): Notifier {
  const drains = outboxes.map((outbox) => new OutboxDrain({ outbox, logger }));
  const sent = { messages: 0, events: 0, digests: 0, refused: 0 };
  const stop = async () => {
    await Promise.all(drains.map((drain) => drain.stop()));
  };
  return {
    start: () => drains.forEach((drain) => drain.start()),
    stop,
    abandon: () => void stop(),
    async runOnce() {
      for (const drain of drains) while ((await drain.runOnce()) > 0);
      return true;
    },
    status: () => ({ enabled: false, leading: false, chats: [], sent, longestUrgentMs: 0 }),
  };
}
