import { type Logger, systemClock } from '@shopee-webhook/runtime';
import { ActivityLog, QueueInspector, type Keys, type RedisConnection } from '@shopee-webhook/store';

const dayMs = 24 * 3_600_000;

/**
 * Purges dead letters, rejected notifications and activity older than RETENTION_DAYS. A dead letter without a time
 * (another program's) stays. Safe to run on several workers at once.
 */
export async function purgeExpired(
  { redis, keys }: { redis: RedisConnection; keys: Keys },
  retentionDays: number,
  logger: Logger,
): Promise<void> {
  const cutoff = systemClock.wallMs() - retentionDays * dayMs;
  const filter = { from: 1, to: cutoff };
  const pushes = new QueueInspector({ redis, keys: keys.webhooks, activityKey: keys.activity });
  const alerts = new QueueInspector({ redis, keys: keys.notifications });
  const { discarded: deadLetters } = await pushes.discardDeadLetters({ filter });
  const { discarded: notifications } = await alerts.discardDeadLetters({ filter });
  // Also what people replayed and discarded leaves the lists that redis-cli shows.
  for (const inspector of [pushes, alerts]) await inspector.compactDeadLetters();
  await new ActivityLog({ redis, keys }).removeBefore(cutoff);
  if (deadLetters + notifications > 0)
    logger.warn({ deadLetters, notifications, days: retentionDays }, 'expired entries purged');
}
