import { HealthChecks, type HealthState } from '@shopee-webhook/runtime';
import type { EventLog } from '../ingest/event-log.ts';
import type { HistoryClient } from '@shopee-webhook/history';
import type { RedisMonitor } from '../redis/redis-monitor.ts';
import type { SpoolFile } from '../spool/spool-file.ts';
import type { Notifier } from '@shopee-webhook/notifier';

export interface HealthCheckDeps {
  redisMonitor: RedisMonitor | undefined;
  file: SpoolFile;
  eventLog: EventLog;
  history: HistoryClient;
}

/**
 * The forwarder fails when it can make a push durable nowhere, or when what it uses may lose orders. Redis being away
 * is a warning: pushes are accepted, and a restart would not help.
 */
export function createHealthChecks(deps: HealthCheckDeps): HealthChecks {
  const health = new HealthChecks();
  const { redisMonitor } = deps;
  if (redisMonitor !== undefined) health.register('redis', () => redisState(redisMonitor));
  health.register('spool', () => spoolState(deps));
  health.register('eventLog', () => eventLogState(deps.eventLog));
  health.register('history', () => historyState(deps.history));
  return health;
}

/** The notifier's check, where there is a bot. It comes later than the others: commands of the group are answered from them. */
export function registerTelegram(health: HealthChecks, notifier: Notifier): void {
  if (notifier.status().enabled) health.register('telegram', () => telegramState(notifier));
}

function redisState(redisMonitor: RedisMonitor): HealthState {
  const fallback = 'Pushes are kept on disk and handed to the worker over HTTP.';
  switch (redisMonitor.state) {
    case 'open':
      return redisMonitor.durabilityProblem === undefined
        ? { status: 'ok' }
        : { status: 'warning', detail: redisMonitor.durabilityProblem };
    case 'checking':
      return { status: 'warning', detail: 'Redis has just been reached and is being checked.' };
    case 'unreachable':
      return {
        status: 'warning',
        detail: `Redis cannot be reached. ${fallback}`,
        action: 'Start Redis; check REDIS_HOST, REDIS_PORT and the password.',
      };
    case 'failing':
      return {
        status: 'warning',
        detail: `Redis does not take pushes: too slow, full, read-only or loading. ${fallback}`,
        action: "Read Redis' log and its memory use.",
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
      problem.kind === 'full' ? 'Make room on the disk of DATA_DIR.' : 'Check the disk and the owner of DATA_DIR.';
    return redisAvailable
      ? { status: 'warning', detail: `${what}; without Redis, pushes would be refused.`, action }
      : { status: 'failing', detail: `${what}: pushes are answered 503, and Shopee sends them again.`, action };
  }
  const quarantined = file.quarantined();
  if (quarantined.length === 0) return { status: 'ok' };
  return {
    status: 'warning',
    detail: `A damaged spool was set aside: ${quarantined.join(', ')}. It may hold pushes that were answered 200.`,
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

/** It is no part of what makes an event durable. */
function historyState({ error }: HistoryClient): HealthState {
  if (error === undefined) return { status: 'ok' };
  return {
    status: 'warning',
    detail: `The look back cannot be used: DATA_DIR/history.db cannot be opened (${error}). Pushes are accepted all the same.`,
    action: 'Make room on the disk of DATA_DIR; check its owner.',
  };
}

/** Orders are safe whatever Telegram does, so never more than a warning. */
function telegramState(notifier: Notifier): HealthState {
  const unhealthy = notifier.status().chats.find(({ state }) => state !== 'ok');
  if (unhealthy === undefined) return { status: 'ok' };
  const { chat, state, detail = '', waiting } = unhealthy;
  const alerts = `${String(waiting)} alerts wait`;
  if (state === 'paused')
    return { status: 'warning', detail: `Telegram paused the chat ${chat} ${detail}; ${alerts}.` };
  return {
    status: 'warning',
    detail: `Telegram refuses the chat ${chat} (${detail}); ${alerts}.`,
    action: 'Check the token and TELEGRAM_CHAT_ID; the bot must be in the group and may write there.',
  };
}
