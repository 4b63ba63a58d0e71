import type { HealthReport } from '@shopee-webhook/runtime';
import { answersOf, type MinuteCounts } from '../answer-counts.ts';
import type { MinuteRow } from '../history/rows.ts';
import type { QueueReport } from '../queue-report.ts';
import type { NotifierStatus } from '../telegram/status.ts';
import type { FlowPart, HealthLevel } from './api-types.ts';
import { count } from './words.ts';
import type { WorkerCheck, WorkerView } from './worker-watch.ts';

/** What the flow picture is drawn from. */
export interface FlowFacts {
  now: number;
  /** The last full minute. */
  minute: Pick<MinuteRow, 'received' | 'handled' | 'notified'>;
  lastPushAt: number | undefined;
  answers: readonly MinuteCounts[];
  own: HealthReport;
  queue: QueueReport;
  worker: WorkerView;
  paused: boolean;
  notifier: NotifierStatus;
}

/** The parts in the order in which an event passes them. */
export function flowOf(facts: FlowFacts): FlowPart[] {
  return [
    shopeePart(facts),
    forwarderPart(facts),
    redisPart(facts),
    spoolPart(facts),
    consumersPart(facts),
    apiPart(facts),
    sheetsPart(facts),
    telegramPart(facts),
  ];
}

function part(
  id: FlowPart['id'],
  level: HealthLevel,
  detail: string,
  more: Partial<Omit<FlowPart, 'id' | 'level' | 'detail'>> = {},
): FlowPart {
  return { id, level, detail, action: null, since: null, perMinute: null, depth: null, ...more };
}

function shopeePart({ minute, lastPushAt, answers, now }: FlowFacts): FlowPart {
  const { successRate, refused } = answersOf(answers);
  const perMinute = minute.received;
  if (lastPushAt === undefined) {
    const action = 'Enter the callback URL in the console of Shopee Open Platform and switch the pushes on.';
    return part('shopee', 'unknown', 'No push has come yet', { action, perMinute });
  }
  if (successRate !== null && successRate < 0.7) {
    const detail = `${count(refused, 'push', 'pushes')} of the last 6 hours were not accepted`;
    return part('shopee', 'warning', detail, { action: 'Look at the refused pushes.', perMinute });
  }
  return part('shopee', 'ok', `Last push ${ago(now - lastPushAt)}`, { perMinute });
}

function forwarderPart({ own, minute }: FlowFacts): FlowPart {
  const bad = Object.entries(own.checks).filter(([name, check]) => check.status !== 'ok' && name !== 'redis');
  const [worst] = bad.toSorted(([, a], [, b]) => Number(b.status === 'failing') - Number(a.status === 'failing'));
  const perMinute = minute.received;
  if (worst === undefined) return part('forwarder', 'ok', 'Accepts pushes', { perMinute });
  return part('forwarder', worst[1].status, worst[1].detail ?? worst[0], { ...adviceOf(worst[1]), perMinute });
}

function redisPart({ own, queue, minute }: FlowFacts): FlowPart {
  const check = own.checks['redis'];
  if (!queue.redis.enabled || check === undefined) return part('redis', 'off', 'REDIS_ENABLED is false');
  const depth = queue.queue.depth;
  if (check.status !== 'ok') return part('redis', check.status, check.detail ?? '', { ...adviceOf(check), depth });
  const retrying = queue.queue.retrying ?? 0;
  const waits = depth === null || depth === 0 ? 'Nothing waits' : `${count(depth, 'event')} waiting`;
  const detail = retrying === 0 ? waits : `${waits}, ${String(retrying)} for another try`;
  return part('redis', 'ok', detail, { since: timeOf(check.since), perMinute: minute.received, depth });
}

function spoolPart({ own, queue }: FlowFacts): FlowPart {
  const check = own.checks['spool'];
  const { depth, oldestSeconds } = queue.spool;
  if (check !== undefined && check.status !== 'ok') {
    return part('spool', check.status, check.detail ?? '', { ...adviceOf(check), depth });
  }
  if (depth === 0) return part('spool', queue.redis.enabled ? 'off' : 'ok', 'Empty, stands by');
  const level = queue.redis.enabled ? 'warning' : 'ok';
  return part('spool', level, `${count(depth, 'event')} on disk, the oldest for ${duration(oldestSeconds)}`, { depth });
}

function consumersPart({ worker, queue, minute, paused }: FlowFacts): FlowPart {
  const perMinute = minute.handled;
  const depth = queue.queue.processing;
  if (!worker.known) return part('consumers', 'unknown', 'Not looked at yet', { perMinute, depth });
  if (!worker.reachable) {
    const action = 'Start the worker; check FORWARD_WEBHOOK_URL.';
    return part('consumers', 'failing', 'The worker does not answer', {
      action,
      since: worker.since,
      perMinute,
      depth,
    });
  }
  if (paused) return part('consumers', 'warning', 'Paused by a person', { perMinute, depth });
  const alive = worker.stats?.workers.filter(({ state }) => state !== 'stopped') ?? [];
  if (alive.length === 0) {
    const isFallback = !queue.redis.enabled;
    return isFallback
      ? part('consumers', 'ok', 'Takes events over HTTP', { perMinute })
      : part('consumers', 'failing', 'No consumer runs', { action: "Read the worker's log.", perMinute, depth });
  }
  const busy = alive.filter(({ state }) => state === 'busy').length;
  return part('consumers', 'ok', `${count(alive.length, 'consumer')}, ${String(busy)} busy`, { perMinute, depth });
}

function apiPart({ worker }: FlowFacts): FlowPart {
  return checkedPart('shopee-api', worker, {
    checks: ['shopee-token', 'shopee-api'],
    perMinute: worker.stats?.calls?.shopee ?? null,
    fine: 'Answers',
  });
}

function sheetsPart({ worker }: FlowFacts): FlowPart {
  const calls = worker.stats?.calls;
  return checkedPart('sheets', worker, {
    checks: ['google-sheets'],
    perMinute: calls === undefined ? null : calls.sheetReads + calls.sheetWrites,
    fine: 'Can be written',
  });
}

function checkedPart(
  id: FlowPart['id'],
  worker: WorkerView,
  { checks, perMinute, fine }: { checks: string[]; perMinute: number | null; fine: string },
): FlowPart {
  if (!worker.reachable) return part(id, 'unknown', 'Not known: the worker does not answer');
  const states = checks.flatMap((name) => worker.checks[name] ?? []);
  const worst = states.find(({ status }) => status === 'failing') ?? states.find(({ status }) => status === 'warning');
  if (worst !== undefined) return part(id, worst.status, worst.detail ?? '', { ...adviceOf(worst), perMinute });
  return states.length === 0 ? part(id, 'unknown', 'Not known yet') : part(id, 'ok', fine, { perMinute });
}

function telegramPart({ notifier, minute }: FlowFacts): FlowPart {
  if (!notifier.enabled) return part('telegram', 'off', 'No bot is set');
  const waiting = notifier.chats.reduce((sum, chat) => sum + chat.waiting, 0);
  const more = { perMinute: minute.notified, depth: notifier.leading ? waiting : null };
  const lost = notifier.chats.find(({ state }) => state === 'lost');
  if (lost !== undefined) {
    const action = 'Put the bot back into the chat, as an administrator who may manage topics.';
    return part('telegram', 'failing', lost.detail ?? `Chat ${lost.chat} is lost`, { ...more, action });
  }
  const paused = notifier.chats.find(({ state }) => state === 'paused');
  if (paused !== undefined) return part('telegram', 'warning', `Paused ${paused.detail ?? ''}`.trim(), more);
  return part('telegram', 'ok', waiting === 0 ? 'All is told' : `${count(waiting, 'message')} to send`, more);
}

function adviceOf({ action, since }: { action?: string | undefined; since?: string | undefined } | WorkerCheck) {
  return { action: action ?? null, since: timeOf(since) };
}

function timeOf(iso: string | undefined): number | null {
  return iso === undefined ? null : Date.parse(iso);
}

function ago(ms: number): string {
  return ms < 10_000 ? 'just now' : `${duration(ms / 1000)} ago`;
}

/** For people: `40 s`, `5 min`, `3 h`, `2 days`. */
export function duration(seconds: number): string {
  if (seconds < 90) return `${String(Math.round(seconds))} s`;
  if (seconds < 90 * 60) return `${String(Math.round(seconds / 60))} min`;
  if (seconds < 36 * 3600) return `${String(Math.round(seconds / 3600))} h`;
  return `${String(Math.round(seconds / 86_400))} days`;
}
