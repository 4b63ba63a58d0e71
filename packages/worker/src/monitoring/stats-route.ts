import { WorkerStats } from '@shopee-webhook/contracts';
import type { HttpServer } from '@shopee-webhook/runtime';
import type { ConsumerState } from '@shopee-webhook/store';
import type { CallRate } from './call-rate.ts';

export interface StatsRouteDeps {
  /** All consumers of all processes; only ours without Redis. */
  consumers: () => Promise<ConsumerState[]>;
  paused: () => { upstream: string; since: number }[];
  calls: CallRate<'shopee' | 'sheetRead' | 'sheetWrite'>;
}

/** Statistics of each consumer. Open, without personal data. */
export async function statsRoute(app: HttpServer, { consumers, paused, calls }: StatsRouteDeps): Promise<void> {
  const schema = { tags: ['operation'], summary: 'Consumer statistics', response: { 200: WorkerStats } };
  app.get('/workers/stats', { schema }, async () => {
    const states = await consumers();
    const total = (name: 'processed' | 'failed' | 'retried' | 'inFlight') =>
      states.reduce((sum, state) => sum + state[name], 0);
    return {
      workers: states.map(({ lastProcessedAt, ...state }) => ({ ...state, lastProcessedAt: toIso(lastProcessedAt) })),
      totals: {
        processed: total('processed'),
        failed: total('failed'),
        retried: total('retried'),
        inFlight: total('inFlight'),
      },
      calls: {
        shopee: calls.count('shopee'),
        sheetReads: calls.count('sheetRead'),
        sheetWrites: calls.count('sheetWrite'),
      },
      paused: paused().map(({ upstream, since }) => ({ upstream, since: new Date(since).toISOString() })),
    };
  });
}

function toIso(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString();
}
