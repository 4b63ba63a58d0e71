import { z } from 'zod';

/** Of the circuit breaker around Redis. */
export const BreakerReport = z.object({
  state: z.enum(['closed', 'open', 'half-open']),
  /** These since the process started. */
  opens: z.number(),
  failures: z.number(),
  timeouts: z.number(),
  rejected: z.number(),
  lastChangeAt: z.string().nullable().describe('ISO 8601; null while it never changed'),
});
export type BreakerReport = z.infer<typeof BreakerReport>;

/** GET /queue/stats of the forwarder. Open, without personal data. `null`: unknown, as Redis is unavailable. */
export const QueueStats = z.object({
  redis: z.object({
    enabled: z.boolean(),
    connected: z.boolean(),
    memoryUsedBytes: z.number().nullable(),
    memoryMaxBytes: z.number().nullable().describe('0: no limit'),
  }),
  queue: z.object({
    depth: z.number().nullable(),
    retrying: z.number().nullable(),
    processing: z.number().nullable(),
    deadLetter: z.number().nullable(),
    oldestSeconds: z.number().nullable(),
  }),
  totals: z
    .object({
      received: z.number(),
      enqueued: z.number(),
      duplicates: z.number(),
      processed: z.number(),
      failed: z.number(),
      retried: z.number(),
      deadLettered: z.number(),
      fallback: z.number(),
    })
    .nullable(),
  circuitBreaker: BreakerReport.nullable().describe('null: REDIS_ENABLED=false'),
  spool: z.object({ depth: z.number(), oldestSeconds: z.number(), deadLetter: z.number() }),
});

export type QueueStats = z.infer<typeof QueueStats>;
