import type { Logger } from '@shopee-webhook/runtime';
import type { Outbox } from './outbox.ts';
import type { Notifier } from '../notifier.ts';
import { OutboxDiscarder } from './outbox-discarder.ts';

/** The notifier of an installation without a bot. */
export function createDiscardingNotifier(outboxes: Outbox[], logger: Logger): Notifier {
  const drains = outboxes.map((outbox) => new OutboxDiscarder({ outbox, logger }));
  const sent = { messages: 0, events: 0, digests: 0, rejected: 0 };
  const stop = async () => {
    await Promise.all(drains.map((drain) => drain.stop()));
  };
  return {
    start: () => drains.forEach((drain) => drain.start()),
    stop,
    forceStop: () => void stop(),
    async runOnce() {
      for (const drain of drains) while ((await drain.runOnce()) > 0);
      return true;
    },
    status: () => ({ enabled: false, isLeader: false, chats: [], sent, maxUrgentMs: 0 }),
  };
}
