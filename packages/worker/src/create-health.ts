import { HealthChecks, type HealthState } from '@shopee-webhook/runtime';
import type { WorkerComponents } from './create-deps.ts';

/** The checks behind GET /health. They report what periodic tasks and calls found; none makes a call. */
export function createHealth({
  redis,
  sheetMonitor,
  shopMonitor,
  outageMonitor,
  alerts,
}: WorkerComponents): HealthChecks {
  const health = new HealthChecks();
  health.register('redis', () => redisHealth(redis));
  health.register('google-sheets', () => sheetMonitor.health());
  health.register('shopee-token', () => shopMonitor.health());
  health.register('shopee-api', () => outageMonitor.health('shopee:'));
  health.register('alerts', () => {
    const [first] = alerts.active();
    return first === undefined ? { status: 'ok' } : { status: 'warning', detail: first.title };
  });
  return health;
}

function redisHealth(redis: WorkerComponents['redis']): HealthState {
  if (redis === undefined) return { status: 'ok', detail: 'off (REDIS_ENABLED=false)' };
  const unavailableMs = redis.monitor.unavailableMs();
  if (unavailableMs > 0) {
    const detail = `no response for ${String(Math.round(unavailableMs / 1000))} s`;
    return { status: 'failing', detail, action: 'Check REDIS_HOST, REDIS_PORT, REDIS_PASSWORD and Redis itself.' };
  }
  const [unsafe] = redis.monitor.durabilityProblems;
  return unsafe === undefined ? { status: 'ok' } : { status: 'warning', detail: unsafe };
}
