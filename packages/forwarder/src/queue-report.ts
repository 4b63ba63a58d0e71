import type { Inspector } from '@shopee-webhook/store';
import { z } from 'zod';
import type { Breaker, BreakerReport } from './breaker.ts';
import type { RedisGate } from './redis-gate.ts';
import type { Spool, SpoolCounter } from './spool/spool.ts';

const breakerReport = z.object({
  state: z.enum(['closed', 'open', 'half-open']),
  opens: z.number(),
  failures: z.number(),
  timeouts: z.number(),
  rejected: z.number(),
  lastChangeAt: z.string().nullable(),
});

/** GET /queue/stats. `null`: not known, for Redis cannot be asked. */
export const queueReport = z.object({
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
  circuitBreaker: breakerReport.nullable().describe('null: REDIS_ENABLED=false'),
  spool: z.object({ depth: z.number(), oldestSeconds: z.number(), deadLetter: z.number() }),
});

export type QueueReport = z.output<typeof queueReport>;

export interface QueueReporterOptions {
  spool: Spool;
  redis: { gate: RedisGate; breaker: Breaker; inspector: Inspector } | undefined;
  now?: () => number;
}

/** Anybody may ask for the report: Redis is not asked more often than this. */
const cacheMs = 100;
const patienceMs = 1_000;

type RedisFigures = Awaited<ReturnType<Inspector['queueStats']>>;

/** Puts together what Redis, the breaker and the spool know. */
export class QueueReporter {
  readonly #options: QueueReporterOptions;
  #cached: { at: number; report: Promise<QueueReport> } | undefined;

  constructor(options: QueueReporterOptions) {
    this.#options = options;
  }

  /** The report, at most 100 ms old. Never waits long for a Redis that does not answer. */
  report(): Promise<QueueReport> {
    const now = this.#options.now?.() ?? Date.now();
    if (this.#cached === undefined || now - this.#cached.at >= cacheMs)
      this.#cached = { at: now, report: this.#make(now) };
    return this.#cached.report;
  }

  async #make(now: number): Promise<QueueReport> {
    const { spool, redis } = this.#options;
    const onDisk = orElse(() => spool.depth(), { events: 0, deadLetters: 0, notifications: 0, oldestAt: undefined });
    const counters = orElse(() => spool.counters(), nothingCounted);
    const oldestSeconds = onDisk.oldestAt === undefined ? 0 : Math.max(0, Math.round((now - onDisk.oldestAt) / 1000));
    const figures = redis === undefined ? noRedis : await this.#ask();
    return {
      redis: {
        enabled: redis !== undefined,
        connected: figures !== undefined && redis !== undefined,
        memoryUsedBytes: figures?.redis.memoryUsedBytes ?? null,
        memoryMaxBytes: figures?.redis.memoryMaxBytes ?? null,
      },
      queue: figures?.queue ?? { depth: null, retrying: null, processing: null, deadLetter: null, oldestSeconds: null },
      totals: figures === undefined ? null : totalsOf(figures.totals, counters, onDisk.events),
      circuitBreaker: redis === undefined ? null : (redis.breaker.report() satisfies BreakerReport),
      spool: { depth: onDisk.events, oldestSeconds, deadLetter: onDisk.deadLetters },
    };
  }

  async #ask(): Promise<RedisFigures | undefined> {
    const { redis } = this.#options;
    if (redis === undefined || !redis.gate.usable) return undefined;
    const late = new Promise<undefined>((resolve) => setTimeout(resolve, patienceMs, undefined).unref());
    // An answer that does not come means the same as one that comes late: not known now.
    return Promise.race([redis.inspector.queueStats().catch(() => undefined), late]);
  }
}

const nothingCounted: Record<SpoolCounter, number> = {
  duplicates: 0,
  fallback: 0,
  retried: 0,
  dead_lettered: 0,
  replayed: 0,
};

const noRedis: RedisFigures = {
  redis: { enabled: false, connected: false, memoryUsedBytes: 0, memoryMaxBytes: 0 },
  queue: { depth: 0, retrying: 0, processing: 0, deadLetter: 0, oldestSeconds: 0 },
  totals: {
    received: 0,
    enqueued: 0,
    duplicates: 0,
    processed: 0,
    failed: 0,
    retried: 0,
    deadLettered: 0,
    fallback: 0,
    replayed: 0,
    discarded: 0,
  },
};

/**
 * Redis counts what passes through it; the spool, what never does: repeats it knew, and what the worker took by HTTP. What
 * died on the disk was received once, however often it was replayed there.
 */
function totalsOf(
  redis: RedisFigures['totals'],
  spool: Record<SpoolCounter, number>,
  waiting: number,
): NonNullable<QueueReport['totals']> {
  return {
    received: redis.received + spool.fallback + spool.dead_lettered - spool.replayed + spool.duplicates + waiting,
    enqueued: redis.enqueued,
    duplicates: redis.duplicates + spool.duplicates,
    processed: redis.processed + spool.fallback,
    failed: redis.failed + spool.dead_lettered,
    retried: redis.retried + spool.retried,
    deadLettered: redis.deadLettered + spool.dead_lettered,
    fallback: redis.fallback + spool.fallback,
  };
}

function orElse<T>(read: () => T, otherwise: T): T {
  try {
    return read();
  } catch {
    // An unreadable spool is said at /health; here its figures are 0.
    return otherwise;
  }
}
