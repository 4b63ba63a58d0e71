import type { HttpServer } from '@shopee-webhook/runtime';
import type { ConsumerState } from '@shopee-webhook/store';
import { z } from 'zod';
import type { CallRate } from './call-rate.ts';

const worker = z.object({
  id: z.string(),
  state: z.enum(['idle', 'busy', 'paused', 'stopped']),
  processed: z.number(),
  failed: z.number(),
  retried: z.number(),
  avgProcessingMs: z.number(),
  lastProcessedAt: z.string().nullable().describe('ISO 8601'),
  inFlight: z.number().describe('messages in flight'),
  heartbeatAgeMs: z.number().optional(),
});

const body = z.object({
  workers: z.array(worker),
  totals: z.object({ processed: z.number(), failed: z.number(), retried: z.number(), inFlight: z.number() }),
  paused: z
    .array(z.object({ side: z.string(), since: z.string() }))
    .describe('upstreams whose circuit breaker is open'),
  calls: z
    .object({ shopee: z.number(), sheetReads: z.number(), sheetWrites: z.number() })
    .describe('calls made by this process in the last 60 s'),
});

export interface StatsRouteDeps {
  /** All consumers of all processes; only ours without Redis. */
  consumers: () => Promise<ConsumerState[]>;
  paused: () => { side: string; since: number }[];
  calls: CallRate<'shopee' | 'sheetRead' | 'sheetWrite'>;
}

/** Statistics of each consumer. Open, without personal data. */
export async function statsRoute(app: HttpServer, { consumers, paused, calls }: StatsRouteDeps): Promise<void> {
  const schema = { tags: ['operation'], summary: 'Consumer statistics', response: { 200: body } };
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
      paused: paused().map(({ side, since }) => ({ side, since: new Date(since).toISOString() })),
    };
  });
}

function toIso(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString();
}
