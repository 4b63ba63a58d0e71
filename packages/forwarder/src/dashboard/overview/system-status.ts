import type { HealthReport } from '@shopee-webhook/runtime';
import { summarizeResponses, type MinuteCounts } from '../../ingest/response-stats.ts';
import type { MinuteRow } from '@shopee-webhook/history';
import type { QueueStats } from '@shopee-webhook/contracts';
import type { NotifierStatus } from '@shopee-webhook/notifier';
import type { ComponentStatus, HealthLevel } from '@shopee-webhook/contracts/dashboard-api';
import { pluralize } from './pluralize.ts';
import type { WorkerCheck, WorkerView } from '../workers/worker-monitor.ts';

/** What the pipeline diagram is built from. */
export interface SystemStatusInputs {
  now: number;
  /** The last full minute. */
  minute: Pick<MinuteRow, 'received' | 'handled' | 'notified'>;
  lastPushAt: number | undefined;
  responses: readonly MinuteCounts[];
  health: HealthReport;
  queue: QueueStats;
  worker: WorkerView;
  paused: boolean;
  notifier: NotifierStatus;
}

/** The components in the order in which an event passes them. */
export function buildSystemStatus(inputs: SystemStatusInputs): ComponentStatus[] {
  return [
    shopeeStatus(inputs),
    forwarderStatus(inputs),
    redisStatus(inputs),
    spoolStatus(inputs),
    consumersStatus(inputs),
    apiStatus(inputs),
    sheetsStatus(inputs),
    telegramStatus(inputs),
  ];
}

function component(
  id: ComponentStatus['id'],
  level: HealthLevel,
  detail: string,
  more: Partial<Omit<ComponentStatus, 'id' | 'level' | 'detail'>> = {},
): ComponentStatus {
  return { id, level, detail, action: null, since: null, perMinute: null, depth: null, ...more };
}

function shopeeStatus({ minute, lastPushAt, responses, now }: SystemStatusInputs): ComponentStatus {
  const { successRate, rejected } = summarizeResponses(responses);
  const perMinute = minute.received;
  if (lastPushAt === undefined) {
    const action = 'Enter the callback URL in the console of Shopee Open Platform and enable the pushes.';
    return component('shopee', 'unknown', 'No push received yet', { action, perMinute });
  }
  if (successRate !== null && successRate < 0.7) {
    const detail = `${pluralize(rejected, 'push', 'pushes')} of the last 6 hours were not accepted`;
    return component('shopee', 'warning', detail, { action: 'See the page Rejected.', perMinute });
  }
  return component('shopee', 'ok', `Last push ${formatAge(now - lastPushAt)}`, { perMinute });
}

/** Redis has a component of its own, and alerts are listed beside the pipeline. */
const shownElsewhere = new Set(['redis', 'alerts']);

function forwarderStatus({ health, minute }: SystemStatusInputs): ComponentStatus {
  const bad = Object.entries(health.checks).filter(
    ([name, check]) => check.status !== 'ok' && !shownElsewhere.has(name),
  );
  const [worst] = bad.toSorted(([, a], [, b]) => Number(b.status === 'failing') - Number(a.status === 'failing'));
  const perMinute = minute.received;
  if (worst === undefined) return component('forwarder', 'ok', 'Accepting pushes', { perMinute });
  return component('forwarder', worst[1].status, worst[1].detail ?? worst[0], { ...toAdvice(worst[1]), perMinute });
}

function redisStatus({ health, queue, minute }: SystemStatusInputs): ComponentStatus {
  const check = health.checks['redis'];
  if (!queue.redis.enabled || check === undefined) return component('redis', 'off', 'REDIS_ENABLED is false');
  const depth = queue.queue.depth;
  if (check.status !== 'ok') return component('redis', check.status, check.detail ?? '', { ...toAdvice(check), depth });
  if (depth === null) return component('redis', 'unknown', 'The queue cannot be read right now');
  const retrying = queue.queue.retrying ?? 0;
  const queued = depth === 0 ? 'Queue empty' : `${pluralize(depth, 'event')} queued`;
  const detail = retrying === 0 ? queued : `${queued}, ${String(retrying)} retrying`;
  return component('redis', 'ok', detail, { since: parseTime(check.since), perMinute: minute.received, depth });
}

function spoolStatus({ health, queue }: SystemStatusInputs): ComponentStatus {
  const check = health.checks['spool'];
  const { depth, oldestSeconds } = queue.spool;
  if (check !== undefined && check.status !== 'ok') {
    return component('spool', check.status, check.detail ?? '', { ...toAdvice(check), depth });
  }
  if (depth === 0) return component('spool', queue.redis.enabled ? 'off' : 'ok', 'Standby, empty');
  const level = queue.redis.enabled ? 'warning' : 'ok';
  return component(
    'spool',
    level,
    `${pluralize(depth, 'event')} on disk, the oldest for ${formatDuration(oldestSeconds)}`,
    { depth },
  );
}

function consumersStatus({ worker, queue, minute, paused }: SystemStatusInputs): ComponentStatus {
  const perMinute = minute.handled;
  const depth = queue.queue.processing;
  if (!worker.isKnown) return component('consumers', 'unknown', 'Not checked yet', { perMinute, depth });
  if (!worker.reachable) {
    const action = 'Start the worker; check FORWARD_WEBHOOK_URL.';
    return component('consumers', 'failing', 'The worker is unreachable', {
      action,
      since: worker.since,
      perMinute,
      depth,
    });
  }
  if (paused) return component('consumers', 'warning', 'Paused by an operator', { perMinute, depth });
  const alive = worker.stats?.workers.filter(({ state }) => state !== 'stopped') ?? [];
  if (alive.length === 0) {
    const isFallback = !queue.redis.enabled;
    return isFallback
      ? component('consumers', 'ok', 'Receiving events over HTTP', { perMinute })
      : component('consumers', 'failing', 'No consumer running', {
          action: "Check the worker's log.",
          perMinute,
          depth,
        });
  }
  const busy = alive.filter(({ state }) => state === 'busy').length;
  return component('consumers', 'ok', `${pluralize(alive.length, 'consumer')}, ${String(busy)} busy`, {
    perMinute,
    depth,
  });
}

function apiStatus({ worker }: SystemStatusInputs): ComponentStatus {
  return checkedStatus('shopee-api', worker, {
    checks: ['shopee-token', 'shopee-api'],
    perMinute: worker.stats?.calls?.shopee ?? null,
    fine: 'Healthy',
  });
}

function sheetsStatus({ worker }: SystemStatusInputs): ComponentStatus {
  const calls = worker.stats?.calls;
  return checkedStatus('sheets', worker, {
    checks: ['google-sheets'],
    perMinute: calls === undefined ? null : calls.sheetReads + calls.sheetWrites,
    fine: 'Writable',
  });
}

function checkedStatus(
  id: ComponentStatus['id'],
  worker: WorkerView,
  { checks, perMinute, fine: okText }: { checks: string[]; perMinute: number | null; fine: string },
): ComponentStatus {
  if (!worker.reachable) return component(id, 'unknown', 'Unknown: the worker is unreachable');
  const states = checks.flatMap((name) => worker.checks[name] ?? []);
  const worst = states.find(({ status }) => status === 'failing') ?? states.find(({ status }) => status === 'warning');
  if (worst !== undefined) return component(id, worst.status, worst.detail ?? '', { ...toAdvice(worst), perMinute });
  return states.length === 0 ? component(id, 'unknown', 'Unknown yet') : component(id, 'ok', okText, { perMinute });
}

function telegramStatus({ notifier, minute }: SystemStatusInputs): ComponentStatus {
  if (!notifier.enabled) return component('telegram', 'off', 'Bot not configured');
  const waiting = notifier.chats.reduce((sum, chat) => sum + chat.waiting, 0);
  const more = { perMinute: minute.notified, depth: notifier.isLeader ? waiting : null };
  const unreachable = notifier.chats.find(({ state }) => state === 'unreachable');
  if (unreachable !== undefined) {
    const action = 'Add the bot back to the chat, as an administrator with permission to manage topics.';
    return component('telegram', 'failing', unreachable.detail ?? `Chat ${unreachable.chat} is unreachable`, {
      ...more,
      action,
    });
  }
  const paused = notifier.chats.find(({ state }) => state === 'paused');
  if (paused !== undefined) return component('telegram', 'warning', `Paused ${paused.detail ?? ''}`.trim(), more);
  return component(
    'telegram',
    'ok',
    waiting === 0 ? 'All notifications sent' : `${pluralize(waiting, 'message')} to send`,
    more,
  );
}

function toAdvice({ action, since }: { action?: string | undefined; since?: string | undefined } | WorkerCheck) {
  return { action: action ?? null, since: parseTime(since) };
}

function parseTime(iso: string | undefined): number | null {
  return iso === undefined ? null : Date.parse(iso);
}

function formatAge(ms: number): string {
  return ms < 10_000 ? 'just now' : `${formatDuration(ms / 1000)} ago`;
}

/** For people: `40 s`, `5 min`, `3 h`, `2 days`. */
export function formatDuration(seconds: number): string {
  if (seconds < 90) return `${String(Math.round(seconds))} s`;
  if (seconds < 90 * 60) return `${String(Math.round(seconds / 60))} min`;
  if (seconds < 36 * 3600) return `${String(Math.round(seconds / 3600))} h`;
  return `${String(Math.round(seconds / 86_400))} days`;
}
