import type { Logger } from '@shopee-webhook/runtime';
import { ActivityLog, type ActivityEntry } from '@shopee-webhook/store';
import type { RedisMonitor } from './redis-monitor.ts';

/** Records activity that belongs to no settlement, best effort: it is for display only. Resolves with whether Redis took it. */
export function createActivityRecorder(
  monitor: RedisMonitor | undefined,
  logger: Logger,
): (steps: ActivityEntry[]) => Promise<boolean> {
  if (monitor === undefined) return async () => false;
  const activity = new ActivityLog({ redis: monitor.redis, keys: monitor.keys });
  return async (steps) => {
    if (steps.length === 0 || monitor.unavailableMs() > 0) return false;
    try {
      await activity.append(steps);
      return true;
    } catch (err) {
      logger.debug({ err }, 'activity not recorded');
      return false;
    }
  };
}
