import { z } from 'zod';

const Consumer = z.object({
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

/** GET /workers/stats of the worker. Open, without personal data. */
export const WorkerStats = z.object({
  workers: z.array(Consumer),
  totals: z.object({ processed: z.number(), failed: z.number(), retried: z.number(), inFlight: z.number() }),
  paused: z
    .array(z.object({ upstream: z.string(), since: z.string() }))
    .describe('upstreams whose circuit breaker is open'),
  calls: z
    .object({ shopee: z.number(), sheetReads: z.number(), sheetWrites: z.number() })
    .describe('calls made by this process in the last 60 s'),
});
export type WorkerStats = z.infer<typeof WorkerStats>;
