import { HealthChecks, type HealthState } from '@shopee-webhook/runtime';
import type { WorkerParts } from './worker-parts.ts';

/** The checks behind GET /health. Each answers from what the chores and calls found out: none makes a call. */
export function createHealth({ redis, sheetWatch, shopWatch, outages, alarms }: WorkerParts): HealthChecks {
  const health = new HealthChecks();
  health.register('redis', () => redisHealth(redis));
  health.register('google-sheets', () => sheetWatch.health());
  health.register('shopee-token', () => shopWatch.health());
  health.register('shopee-api', () => outages.health('shopee:'));
  health.register('alarms', () => {
    const [first] = alarms.standing();
    return first === undefined ? { status: 'ok' } : { status: 'warning', detail: first.title };
  });
  return health;
}

function redisHealth(redis: WorkerParts['redis']): HealthState {
  if (redis === undefined) return { status: 'ok', detail: 'off (REDIS_ENABLED=false)' };
  const awayMs = redis.link.awayMs();
  if (awayMs > 0) {
    const detail = `no answer for ${String(Math.round(awayMs / 1000))} s`;
    return { status: 'failing', detail, action: 'Check REDIS_HOST, REDIS_PORT, REDIS_PASSWORD and Redis itself.' };
  }
  const [unsafe] = redis.link.unsafe;
  return unsafe === undefined ? { status: 'ok' } : { status: 'warning', detail: unsafe };
}
