import { z } from 'zod';
import type { RedisConnection } from './connection.ts';
import type { QueueKeys } from './keys.ts';

/** What a consumer says of itself, for /workers/stats of every process. */
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

/** A report with what Redis knows: how old the consumer's heartbeat is. */
export interface ConsumerState extends ConsumerReport {
  heartbeatAgeMs: number | undefined;
  /** How many messages it holds. */
  holding: number;
}

type ReportKeys = Pick<QueueKeys, 'reports' | 'consumers' | 'processing'>;

/** Stores what consumers say of themselves; each report replaces the one before. */
export async function reportConsumers(
  redis: RedisConnection,
  keys: ReportKeys,
  reports: ConsumerReport[],
): Promise<void> {
  if (reports.length === 0) return;
  await redis.hset(keys.reports, Object.fromEntries(reports.map((report) => [report.id, JSON.stringify(report)])));
}

/** All consumers' reports, over all processes, by id. A consumer without a heartbeat is shown as stopped. */
export async function consumerReports(redis: RedisConnection, keys: ReportKeys): Promise<ConsumerState[]> {
  const [stored, beats, [seconds]] = await Promise.all([
    redis.hgetall(keys.reports),
    redis.zrange(keys.consumers, '0', '-1', 'WITHSCORES'),
    redis.time(),
  ]);
  const heartbeats = new Map(
    beats.flatMap((name, index) => (index % 2 === 0 ? [[name, Number(beats[index + 1])]] : [])),
  );
  const reports = Object.values(stored).flatMap((text) => {
    const parsed = ConsumerReport.safeParse(JSON.parse(text));
    return parsed.success ? [parsed.data] : [];
  });
  const holding = await Promise.all(reports.map(({ id }) => redis.llen(keys.processing(id))));
  return reports
    .map((report, index) => {
      const beat = heartbeats.get(report.id);
      return {
        ...report,
        state: beat === undefined ? ('stopped' as const) : report.state,
        heartbeatAgeMs: beat === undefined ? undefined : Math.max(0, Number(seconds) * 1000 - beat),
        holding: holding[index] ?? 0,
      };
    })
    .sort((one, other) => one.id.localeCompare(other.id));
}

/** Forgets the report of a consumer that is no more. */
export async function forgetConsumer(redis: RedisConnection, keys: ReportKeys, id: string): Promise<void> {
  await redis.hdel(keys.reports, id);
}
