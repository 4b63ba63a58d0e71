import { z } from 'zod';
import type { RedisConnection } from '../redis/connection.ts';
import type { QueueKeys } from '../redis/keys.ts';

/** What a consumer reports, for /workers/stats of every process. */
export const ConsumerReport = z.object({
  id: z.string(),
  state: z.enum(['idle', 'busy', 'paused', 'stopped']),
  processed: z.number(),
  failed: z.number(),
  retried: z.number(),
  avgProcessingMs: z.number(),
  /** ms; null before the first. */
  lastProcessedAt: z.number().nullable(),
});

export type ConsumerReport = z.infer<typeof ConsumerReport>;

/** A report with what Redis knows of its consumer. */
export interface ConsumerState extends ConsumerReport {
  /** Undefined when there is no heartbeat of it. */
  heartbeatAgeMs: number | undefined;
  /** How many messages it has in flight. */
  inFlight: number;
}

type ConsumerKeys = Pick<QueueKeys, 'consumerStats' | 'consumers' | 'processing'>;

/** Saves the consumers' reports; each replaces the one before. */
export async function saveConsumerReports(
  redis: RedisConnection,
  keys: ConsumerKeys,
  reports: ConsumerReport[],
): Promise<void> {
  if (reports.length === 0) return;
  await redis.hset(
    keys.consumerStats,
    Object.fromEntries(reports.map((report) => [report.id, JSON.stringify(report)])),
  );
}

/**
 * The reports of all consumers, over all processes, by id. One whose heartbeat is older than the lease is shown as stopped.
 */
export async function listConsumers(
  redis: RedisConnection,
  keys: ConsumerKeys,
  leaseMs = 15_000,
): Promise<ConsumerState[]> {
  const [stored, beats, [seconds, micros]] = await Promise.all([
    redis.hgetall(keys.consumerStats),
    redis.zrange(keys.consumers, '0', '-1', 'WITHSCORES'),
    redis.time(),
  ]);
  const now = Number(seconds) * 1000 + Number(micros) / 1000;
  const ages = new Map<string, number>();
  for (let at = 0; at < beats.length; at += 2) {
    ages.set(beats[at] ?? '', Math.max(0, Math.round(now - Number(beats[at + 1]))));
  }
  const reports = Object.values(stored).flatMap((text) => {
    const parsed = ConsumerReport.safeParse(JSON.parse(text));
    return parsed.success ? [parsed.data] : [];
  });
  const inFlight = await Promise.all(reports.map(({ id }) => redis.llen(keys.processing(id))));
  return reports
    .map((report, index) => {
      const heartbeatAgeMs = ages.get(report.id);
      const alive = heartbeatAgeMs !== undefined && heartbeatAgeMs < leaseMs;
      const state = alive ? report.state : ('stopped' as const);
      return { ...report, state, heartbeatAgeMs, inFlight: inFlight[index] ?? 0 };
    })
    .sort((one, other) => one.id.localeCompare(other.id));
}

/** Removes the report of a consumer that is gone. The reaper does so after ten minutes. */
export async function removeConsumer(redis: RedisConnection, keys: ConsumerKeys, id: string): Promise<void> {
  await redis.hdel(keys.consumerStats, id);
}
