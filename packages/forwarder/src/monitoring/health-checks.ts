import { HealthChecks, type HealthState } from '@shopee-webhook/runtime';
import type { EventLog } from '../ingest/event-log.ts';
import type { HistoryClient } from '@shopee-webhook/history';
import type { RedisMonitor } from '../redis/redis-monitor.ts';
import type { SpoolFile } from '../spool/spool-file.ts';
import type { Notifier } from '@shopee-webhook/notifier';
import type { AlertEngine } from '@shopee-webhook/store';

export interface HealthCheckDeps {
  redisMonitor: RedisMonitor | undefined;
  file: SpoolFile;
  eventLog: EventLog;
  history: HistoryClient;
}

/**
 * The forwarder fails when it cannot persist a push, when what it uses may lose orders, or when Redis is down: pushes are
 * accepted then, but somebody has to act. A restart would not help, so none of it concerns liveness.
 */
export function createHealthChecks(deps: HealthCheckDeps): HealthChecks {
  const health = new HealthChecks();
  const { redisMonitor } = deps;
  if (redisMonitor !== undefined) health.register('redis', () => redisState(redisMonitor));
  // Fails only while Redis does not take pushes either.
  health.register('spool', () => spoolState(deps), { isRequired: true });
  health.register('eventLog', () => eventLogState(deps.eventLog));
  health.register('history', () => historyState(deps.history));
  return health;
}

/** The notifier's check, where there is a bot. It comes later than the others: the bot's commands read them. */
export function registerTelegram(health: HealthChecks, notifier: Notifier): void {
  if (notifier.status().enabled) health.register('telegram', () => telegramState(notifier));
}

function redisState(redisMonitor: RedisMonitor): HealthState {
  const fallback = 'Pushes are spooled to disk and delivered to the worker over HTTP.';
  switch (redisMonitor.state) {
    case 'available':
      return redisMonitor.durabilityProblem === undefined
        ? { status: 'ok' }
        : { status: 'warning', detail: redisMonitor.durabilityProblem };
    case 'checking':
      return { status: 'warning', detail: 'Connected to Redis, verifying durability.' };
    case 'unreachable':
      return {
        status: 'failing',
        detail: `Redis is unreachable. ${fallback}`,
        action: 'Start Redis; check REDIS_HOST, REDIS_PORT and the password.',
      };
    case 'failing':
      return {
        status: 'failing',
        detail: `Redis does not take pushes: too slow, full, read-only or loading. ${fallback}`,
        action: "Check Redis' log and its memory use.",
      };
    case 'unsafe':
      return {
        status: 'failing',
        detail: redisMonitor.durabilityProblem ?? 'Redis may lose orders.',
        action: 'Change the setting that is named.',
      };
  }
}

function spoolState({ file, redisMonitor }: HealthCheckDeps): HealthState {
  const { problem } = file;
  if (problem !== undefined) {
    const redisAvailable = redisMonitor?.isAvailable === true;
    const what =
      problem.kind === 'full' ? 'The disk of DATA_DIR is full' : `DATA_DIR cannot be written (${problem.message})`;
    const action =
      problem.kind === 'full' ? 'Free space on the disk of DATA_DIR.' : 'Check the disk and the owner of DATA_DIR.';
    return redisAvailable
      ? { status: 'warning', detail: `${what}; without Redis, pushes would get a 503.`, action }
      : { status: 'failing', detail: `${what}: pushes get a 503, and Shopee sends them again.`, action };
  }
  const quarantined = file.quarantined();
  if (quarantined.length === 0) return { status: 'ok' };
  return {
    status: 'warning',
    detail: `Corrupt spool quarantined: ${quarantined.join(', ')}. It may hold pushes that got a 200.`,
    action: 'Run a reconcile, which finds missing orders; then move the file away.',
  };
}

function eventLogState(log: EventLog): HealthState {
  if (log.error === undefined) return { status: 'ok' };
  const dropped = log.dropped === 0 ? '' : ` ${String(log.dropped)} lines were lost.`;
  return {
    status: 'warning',
    detail: `LOG_DIR cannot be written (${log.error}).${dropped}`,
    action: 'Check the disk and the owner of LOG_DIR.',
  };
}

/** It is not part of what makes an event durable. */
function historyState({ error }: HistoryClient): HealthState {
  if (error === undefined) return { status: 'ok' };
  return {
    status: 'warning',
    detail: `Event history is unavailable: DATA_DIR/history.db cannot be opened (${error}). Pushes are accepted all the same.`,
    action: 'Free space on the disk of DATA_DIR; check its owner.',
  };
}

/** Orders are safe whatever Telegram does, so never more than a warning. */
function telegramState(notifier: Notifier): HealthState {
  const unhealthy = notifier.status().chats.find(({ state }) => state !== 'ok');
  if (unhealthy === undefined) return { status: 'ok' };
  const { chat, state, detail = '', waiting } = unhealthy;
  const queued = `${String(waiting)} notifications queued`;
  if (state === 'paused')
    return { status: 'warning', detail: `Telegram rate-limited the chat ${chat} ${detail}; ${queued}.` };
  return {
    status: 'warning',
    detail: `Telegram rejects the chat ${chat} (${detail}); ${queued}.`,
    action: 'Check the token and TELEGRAM_CHAT_ID; the bot must be in the group and be allowed to write there.',
  };
}

const pushesRejected = 'pushes-rejected';

/** The active alerts, whichever process raised them. */
export function registerAlerts(health: HealthChecks, alerts: Pick<AlertEngine, 'active'>): void {
  // Nothing comes in: that is no warning.
  health.register('pushes', () => {
    const rejected = alerts.active().find(({ key }) => key === pushesRejected);
    return rejected === undefined ? { status: 'ok' } : { status: 'failing', detail: rejected.text };
  });
  health.register('alerts', () => {
    const active = alerts.active().filter(({ key }) => key !== pushesRejected);
    if (active.length === 0) return { status: 'ok' };
    return { status: 'warning', detail: active.map(({ title }) => title).join('; ') };
  });
}
