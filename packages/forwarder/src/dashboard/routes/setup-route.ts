import type { HttpServer } from '@shopee-webhook/runtime';
import type { HistoryClient } from '../../history/history-client.ts';
import type { RefusedPushes } from '../../refused-pushes.ts';
import type { ShopConnect } from '../../shops/shop-connect.ts';
import type { Notifier } from '../../telegram/notifier.ts';
import { Setup } from '../api-types.ts';
import { setupOf } from '../setup.ts';
import type { ShopNames } from '../shop-names.ts';
import type { WorkerFacts } from '../worker-facts.ts';
import type { WorkerWatch } from '../worker-watch.ts';

export interface SetupRouteParts {
  history: HistoryClient;
  shops: ShopNames;
  connect: ShopConnect;
  worker: WorkerWatch;
  workerFacts: WorkerFacts;
  notifier: Notifier;
  refused: RefusedPushes;
  /** WEBHOOK_URL, or what is likely it. */
  callbackUrl: string | undefined;
}

/** GET /api/setup: what is still missing on the way to the first row. */
export async function setupRoute(app: HttpServer, parts: SetupRouteParts): Promise<void> {
  const { history, shops, connect, worker, workerFacts, notifier, refused, callbackUrl } = parts;
  const schema = { tags: ['dashboard'], summary: 'The way to the first row', response: { 200: Setup } };
  app.get('/setup', { schema }, async () => {
    const [known, settings, [event], hasOrder] = await Promise.all([
      shops.list(),
      workerFacts.settings(),
      history.call('events', {}, { limit: 1 }),
      history.call('hasOrders'),
    ]);
    return setupOf({
      callbackUrl,
      hasPush: event !== undefined,
      refused: refused.list().filter(({ reason }) => reason === 'wrong-signature').length,
      shops: known,
      connectHint: connect.hint,
      worker: worker.view,
      settings,
      notifier: notifier.status(),
      hasOrder,
    });
  });
}
