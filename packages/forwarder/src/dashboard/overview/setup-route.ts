import type { HttpServer } from '@shopee-webhook/runtime';
import type { HistoryClient } from '@shopee-webhook/history';
import type { RejectedPushes } from '../../ingest/rejected-pushes.ts';
import type { ShopAuthorization } from '../../shops/shop-authorization.ts';
import type { Notifier } from '@shopee-webhook/notifier';
import { Setup } from '@shopee-webhook/contracts/dashboard-api';
import { buildSetup } from './setup.ts';
import type { ShopNames } from '../../shops/shop-names.ts';
import type { WorkerInfo } from '../workers/worker-info.ts';
import type { WorkerMonitor } from '../workers/worker-monitor.ts';

export interface SetupRouteDeps {
  history: HistoryClient;
  shops: ShopNames;
  authorization: ShopAuthorization;
  workerMonitor: WorkerMonitor;
  workerInfo: WorkerInfo;
  notifier: Notifier;
  rejected: RejectedPushes;
  /** WEBHOOK_URL, or what is likely it. */
  callbackUrl: string | undefined;
}

/** GET /api/setup: what is still missing on the way to the first row. */
export async function setupRoute(app: HttpServer, deps: SetupRouteDeps): Promise<void> {
  const { history, shops, authorization, workerMonitor, workerInfo, notifier, rejected, callbackUrl } = deps;
  const schema = { tags: ['dashboard'], summary: 'Setup status', response: { 200: Setup } };
  app.get('/setup', { schema }, async () => {
    const [known, settings, [event], hasOrder] = await Promise.all([
      shops.list(),
      workerInfo.settings(),
      history.call('events', {}, { limit: 1 }),
      history.call('hasOrders'),
    ]);
    return buildSetup({
      callbackUrl,
      hasPush: event !== undefined,
      rejected: rejected.list().filter(({ reason }) => reason === 'wrong-signature').length,
      shops: known,
      connectHint: authorization.hint,
      worker: workerMonitor.view,
      settings,
      notifier: notifier.status(),
      hasOrder,
    });
  });
}
