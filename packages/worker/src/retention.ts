import type { Logger } from '@shopee-webhook/runtime';
import { ActivityLog, Inspector, type Keys, type RedisConnection } from '@shopee-webhook/store';

const dayMs = 24 * 3_600_000;

/**
 * Removes dead letters, refused notifications and activity older than RETENTION_DAYS. A dead letter that does not say
 * when it died (another program's) stays. Any worker may do it, also two at once.
 */
export async function removeOld(
  { redis, keys }: { redis: RedisConnection; keys: Keys },
  retentionDays: number,
  logger: Logger,
): Promise<void> {
  const oldest = Date.now() - retentionDays * dayMs;
  const filter = { from: 1, to: oldest };
  const pushes = new Inspector({ redis, keys: keys.webhooks, activityKey: keys.activity });
  const alerts = new Inspector({ redis, keys: keys.notifications });
  const { discarded: deadLetters } = await pushes.discard({ filter });
  const { discarded: notifications } = await alerts.discard({ filter });
  await new ActivityLog({ redis, keys }).removeBefore(oldest);
  if (deadLetters + notifications > 0)
    logger.warn({ deadLetters, notifications, days: retentionDays }, 'too old: removed');
}
