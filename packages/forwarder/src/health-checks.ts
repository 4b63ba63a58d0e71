import { HealthChecks, type HealthState } from '@shopee-webhook/runtime';
import type { EventLog } from './event-log.ts';
import type { HistoryClient } from './history/history-client.ts';
import type { RedisGate } from './redis-gate.ts';
import type { SpoolFile } from './spool/spool-file.ts';
import type { Notifier } from './telegram/notifier.ts';

export interface CheckedParts {
  gate: RedisGate | undefined;
  file: SpoolFile;
  eventLog: EventLog;
  history: HistoryClient;
}

/**
 * The forwarder fails when it can make a push durable nowhere, or when what it uses may lose orders. Redis being away
 * is a warning: pushes are accepted, and a restart would not help.
 */
export function createHealthChecks(parts: CheckedParts): HealthChecks {
  const health = new HealthChecks();
  const { gate } = parts;
  if (gate !== undefined) health.register('redis', () => redisState(gate));
  health.register('spool', () => spoolState(parts));
  health.register('eventLog', () => eventLogState(parts.eventLog));
  health.register('history', () => historyState(parts.history));
  return health;
}

/** The notifier's check, where there is a bot. It comes later than the others: commands of the group are answered from them. */
export function registerTelegram(health: HealthChecks, notifier: Notifier): void {
  if (notifier.status().enabled) health.register('telegram', () => telegramState(notifier));
}

function redisState(gate: RedisGate): HealthState {
  const away = 'Pushes are kept on disk and handed to the worker over HTTP.';
  switch (gate.state) {
    case 'open':
      return gate.unsafe === undefined ? { status: 'ok' } : { status: 'warning', detail: gate.unsafe };
    case 'checking':
      return { status: 'warning', detail: 'Redis has just been reached and is being checked.' };
    case 'unreachable':
      return {
        status: 'warning',
        detail: `Redis cannot be reached. ${away}`,
        action: 'Start Redis; check REDIS_HOST, REDIS_PORT and the password.',
      };
    case 'failing':
      return {
        status: 'warning',
        detail: `Redis does not take pushes: too slow, full, read-only or loading. ${away}`,
        action: "Read Redis' log and its memory use.",
      };
    case 'unsafe':
      return {
        status: 'failing',
        detail: gate.unsafe ?? 'Redis may lose orders.',
        action: 'Change the setting that is named.',
      };
  }
}

function spoolState({ file, gate }: CheckedParts): HealthState {
  const { trouble } = file;
  if (trouble !== undefined) {
    const redisTakes = gate?.usable === true;
    const what =
      trouble.kind === 'full' ? 'The disk of DATA_DIR is full' : `DATA_DIR cannot be written (${trouble.message})`;
    const action =
      trouble.kind === 'full' ? 'Make room on the disk of DATA_DIR.' : 'Check the disk and the owner of DATA_DIR.';
    return redisTakes
      ? { status: 'warning', detail: `${what}; without Redis, pushes would be refused.`, action }
      : { status: 'failing', detail: `${what}: pushes are answered 503, and Shopee sends them again.`, action };
  }
  const aside = file.setAside();
  if (aside.length === 0) return { status: 'ok' };
  return {
    status: 'warning',
    detail: `A damaged spool was set aside: ${aside.join(', ')}. It may hold pushes that were answered 200.`,
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
function historyState({ trouble }: HistoryClient): HealthState {
  if (trouble === undefined) return { status: 'ok' };
  return {
    status: 'warning',
    detail: `The look back cannot be used: DATA_DIR/history.db cannot be opened (${trouble}). Pushes are accepted all the same.`,
    action: 'Make room on the disk of DATA_DIR; check its owner.',
  };
}

/** Orders are safe whatever Telegram does, so never more than a warning. */
function telegramState(notifier: Notifier): HealthState {
  const troubled = notifier.status().chats.find(({ state }) => state !== 'ok');
  if (troubled === undefined) return { status: 'ok' };
  const { chat, state, detail = '', waiting } = troubled;
  const alerts = `${String(waiting)} alerts wait`;
  if (state === 'paused')
    return { status: 'warning', detail: `Telegram paused the chat ${chat} ${detail}; ${alerts}.` };
  return {
    status: 'warning',
    detail: `Telegram refuses the chat ${chat} (${detail}); ${alerts}.`,
    action: 'Check the token and TELEGRAM_CHAT_ID; the bot must be in the group and may write there.',
  };
}
