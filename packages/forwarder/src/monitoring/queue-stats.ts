import type { QueueStats } from '@shopee-webhook/contracts';
import { systemClock } from '@shopee-webhook/runtime';
import type { QueueInspector } from '@shopee-webhook/store';
import type { RedisBreaker } from '../redis/circuit-breaker.ts';
import type { RedisMonitor } from '../redis/redis-monitor.ts';
import type { Spool, SpoolCounter } from '../spool/spool.ts';

export interface QueueStatsReaderDeps {
  spool: Spool;
  redis: { monitor: RedisMonitor; breaker: RedisBreaker; inspector: QueueInspector } | undefined;
}

/** Anybody may ask: Redis is not queried more often than this. */
const cacheMs = 100;
const queryTimeoutMs = 1_000;

type RedisStats = Awaited<ReturnType<QueueInspector['queueStats']>>;

/** Collects the statistics of Redis, the breaker and the spool. */
export class QueueStatsReader {
  readonly #deps: QueueStatsReaderDeps;
  #cached: { at: number; stats: Promise<QueueStats> } | undefined;

  constructor(deps: QueueStatsReaderDeps) {
    this.#deps = deps;
  }

  /** At most 100 ms old. Never waits long for a Redis that does not reply. */
  read(): Promise<QueueStats> {
    const now = systemClock.monotonicMs();
    if (this.#cached === undefined || now - this.#cached.at >= cacheMs)
      this.#cached = { at: now, stats: this.#collect(systemClock.wallMs()) };
    return this.#cached.stats;
  }

  async #collect(now: number): Promise<QueueStats> {
    const { spool, redis } = this.#deps;
    const spooled = withFallback(() => spool.depth(), {
      events: 0,
      deadLetters: 0,
      notifications: 0,
      oldestAt: undefined,
    });
    const counters = withFallback(() => spool.counters(), zeroCounters);
    const oldestSeconds = spooled.oldestAt === undefined ? 0 : Math.max(0, Math.round((now - spooled.oldestAt) / 1000));
    const redisStats = redis === undefined ? zeroStats : await this.#query();
    return {
      redis: {
        enabled: redis !== undefined,
        connected: redisStats !== undefined && redis !== undefined,
        memoryUsedBytes: redisStats?.redis.memoryUsedBytes ?? null,
        memoryMaxBytes: redisStats?.redis.memoryMaxBytes ?? null,
      },
      queue: redisStats?.queue ?? {
        depth: null,
        retrying: null,
        processing: null,
        deadLetter: null,
        oldestSeconds: null,
      },
      totals: redisStats === undefined ? null : sumTotals(redisStats.totals, counters, spooled.events),
      circuitBreaker: redis === undefined ? null : redis.breaker.report(),
      spool: { depth: spooled.events, oldestSeconds, deadLetter: spooled.deadLetters },
    };
  }

  async #query(): Promise<RedisStats | undefined> {
    const { redis } = this.#deps;
    if (redis === undefined || !redis.monitor.isAvailable) return undefined;
    const timeout = new Promise<undefined>((resolve) => setTimeout(resolve, queryTimeoutMs, undefined).unref());
    // A reply that does not come means the same as a late one: unknown.
    return Promise.race([redis.inspector.queueStats().catch(() => undefined), timeout]);
  }
}

const zeroCounters: Record<SpoolCounter, number> = {
  duplicates: 0,
  fallback: 0,
  retried: 0,
  dead_lettered: 0,
  replayed: 0,
  taken_late: 0,
  late_duplicates: 0,
};

const zeroStats: RedisStats = {
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
 * Redis counts what passes through it; the spool, what never does: duplicates it knew, and what the worker took over HTTP.
 * What was dead-lettered on the disk was received once, however often it was replayed there; and what Redis took late, after
 * it had been spooled, was received once as well.
 */
function sumTotals(
  redis: RedisStats['totals'],
  spool: Record<SpoolCounter, number>,
  spooled: number,
): NonNullable<QueueStats['totals']> {
  return {
    received:
      redis.received +
      spool.fallback +
      spool.dead_lettered -
      spool.replayed +
      spool.duplicates +
      spooled -
      spool.taken_late,
    enqueued: redis.enqueued,
    duplicates: redis.duplicates + spool.duplicates - spool.late_duplicates,
    processed: redis.processed + spool.fallback,
    failed: redis.failed + spool.dead_lettered,
    retried: redis.retried + spool.retried,
    deadLettered: redis.deadLettered + spool.dead_lettered,
    fallback: redis.fallback + spool.fallback,
  };
}

function withFallback<T>(read: () => T, fallback: T): T {
  try {
    return read();
  } catch {
    // /health reports an unreadable spool; here its counters are 0.
    return fallback;
  }
}
