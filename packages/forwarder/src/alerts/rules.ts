import type { ResponseSummary } from '../monitoring/response-stats.ts';
import { formatMegabytes } from './format-megabytes.ts';
import type { QueueStats } from '../monitoring/queue-stats.ts';
import type { AlertCondition } from '@shopee-webhook/notifier';

/** How things are, as far as is known; what is undefined or null changes no alarm. */
export interface AlertInputs {
  queue: QueueStats;
  /** Why dead letters died, the most frequent first. */
  deadLetterReasons: string[];
  /** For how long no consumer has been alive, ms; 0 while one is. */
  noConsumerMs: number | undefined;
  disk: { path: string; usedShare: number } | undefined;
  rejections: RejectionStats;
  /** Our own answers of the last 6 h. */
  responses: ResponseSummary;
  subscription: { status: string; suspendedAt: number | undefined } | undefined;
}

/** Pushes refused for their signature since the last one that was accepted. */
export interface RejectionStats {
  consecutive: number;
  /** How many of the last ones had no signature at all. */
  unsigned: number;
  /** What the last one was checked against. */
  urlsTried: string[];
  keysTried: number;
}

const maxQueueDepth = 5_000;
const maxQueueSeconds = 600;
const maxSpoolSeconds = 60;
const maxNoConsumerMs = 60_000;
const maxUsedShare = 0.8;
/** An alarm at a share ends only this far below it, or it would come and go. */
const hysteresis = 0.05;
const rejectedThreshold = 5;
const deadLetterThreshold = 100;
/**
 * Shopee judges the last 6 h, once there were more than 600 pushes: under 70 % of good answers it warns, under 30 % it
 * stops the subscription (Shopee guide 18). Half as many pushes and a higher share, so that we say so before it does.
 */
const minSample = 300;
const minSuccessRate = 0.8;

/** Judges the facts. `standing` are the troubles that have begun: some end later than they began. */
export function evaluateRules(inputs: AlertInputs, active: ReadonlySet<string>): AlertCondition[] {
  return [
    ...deadLetterAlerts(inputs),
    ...queueAlerts(inputs, active),
    ...consumerAlerts(inputs),
    ...memoryAlerts(inputs, active),
    ...diskAlerts(inputs, active),
    ...rejectionAlerts(inputs),
    ...responseAlerts(inputs, active),
    ...subscriptionAlerts(inputs),
  ];
}

function deadLetterAlerts({ queue, deadLetterReasons }: AlertInputs): AlertCondition[] {
  if (queue.queue.deadLetter === null) return [];
  const count = queue.queue.deadLetter + queue.spool.deadLetter;
  const reasons = deadLetterReasons.length === 0 ? '' : ` Reasons: ${deadLetterReasons.slice(0, 5).join(', ')}.`;
  const text = `${count} events could not be handled.${reasons} Look at them on the dashboard; once the cause is gone, replay them.`;
  return [
    { key: 'dead-letters', active: count > 0, severity: 'warning', title: 'Dead letters', text },
    {
      key: 'dead-letters-many',
      active: count >= deadLetterThreshold,
      severity: 'critical',
      title: 'Many dead letters',
      text,
    },
  ];
}

function queueAlerts({ queue }: AlertInputs, active: ReadonlySet<string>): AlertCondition[] {
  const { depth, oldestSeconds } = queue.queue;
  const alerts: AlertCondition[] = [];
  if (depth !== null && oldestSeconds !== null) {
    const share = active.has('queue-deep') ? 0.5 : 1;
    alerts.push({
      key: 'queue-deep',
      active: depth > maxQueueDepth * share || oldestSeconds > maxQueueSeconds * share,
      severity: 'warning',
      title: 'The queue is long',
      text: `${depth} events wait, the oldest for ${oldestSeconds} s. Nothing is lost; see /health of the worker for what holds it up.`,
    });
  }
  const { depth: spooled, oldestSeconds: spoolOldest } = queue.spool;
  alerts.push({
    key: 'spool-in-use',
    active: spooled > 0 && (spoolOldest > maxSpoolSeconds || active.has('spool-in-use')),
    severity: 'warning',
    title: 'Events wait on disk',
    text: `${spooled} events wait in the spool, for neither Redis nor the worker took them. They follow when one of them does.`,
  });
  return alerts;
}

function consumerAlerts({ noConsumerMs: ms }: AlertInputs): AlertCondition[] {
  if (ms === undefined) return [];
  const text = 'No consumer of the worker is alive: events wait in Redis. Start the worker, or read its log.';
  return [
    {
      key: 'consumers-dead',
      active: ms > maxNoConsumerMs,
      severity: 'critical',
      title: 'The worker is not there',
      text,
    },
  ];
}

function memoryAlerts({ queue }: AlertInputs, active: ReadonlySet<string>): AlertCondition[] {
  const { memoryUsedBytes: used, memoryMaxBytes: max } = queue.redis;
  if (used === null || max === null || max === 0) return [];
  const key = 'redis-memory';
  const text = `Redis uses ${formatMegabytes(used)} of ${formatMegabytes(max)}. When it is full, pushes wait on disk: raise maxmemory, or find out why the queue is long.`;
  return [
    { key, active: used / max > usageLimit(key, active), severity: 'warning', title: "Redis' memory fills up", text },
  ];
}

function diskAlerts({ disk }: AlertInputs, active: ReadonlySet<string>): AlertCondition[] {
  if (disk === undefined) return [];
  const key = 'disk-full';
  const text = `The disk of ${disk.path} is ${Math.round(disk.usedShare * 100)} % full. When it is full, Redis and the spool can keep nothing: make room.`;
  return [
    { key, active: disk.usedShare > usageLimit(key, active), severity: 'warning', title: 'The disk fills up', text },
  ];
}

function usageLimit(key: string, active: ReadonlySet<string>): number {
  return active.has(key) ? maxUsedShare - hysteresis : maxUsedShare;
}

function rejectionAlerts({ rejections }: AlertInputs): AlertCondition[] {
  const { consecutive, unsigned, urlsTried, keysTried } = rejections;
  const isUnsigned = unsigned * 2 > Math.min(consecutive, rejectedThreshold);
  const text = isUnsigned
    ? `${consecutive} requests in a row carried no signature: not Shopee, but somebody who found the address, or a proxy that drops the Authorization header.`
    : `${consecutive} pushes in a row had a wrong signature, so no event comes in. Most likely WEBHOOK_URL is not, letter by letter, the callback URL in ` +
      `Shopee's console (tried: ${urlsTried.join(', ')}), or WEBHOOK_PARTNER_KEY is not the push key shown there (${keysTried} tried); a new key replaces the old one at once.`;
  return [
    {
      key: 'signatures',
      active: consecutive >= rejectedThreshold,
      severity: isUnsigned ? 'warning' : 'critical',
      title: 'Pushes are refused',
      text,
    },
  ];
}

function responseAlerts({ responses }: AlertInputs, active: ReadonlySet<string>): AlertCondition[] {
  const { pushes, rejected, slow, successRate } = responses;
  const key = 'push-answers';
  const required = active.has(key) ? minSuccessRate + hysteresis : minSuccessRate;
  const share = successRate ?? 1;
  const cause =
    rejected >= slow
      ? 'Refused pushes on the dashboard shows why: most often WEBHOOK_URL or WEBHOOK_PARTNER_KEY is not what stands in Shopee’s console.'
      : 'The answers came too late: look at the load of the machine, and at Redis’ disk.';
  return [
    {
      key,
      active: pushes > minSample && share < required,
      severity: share < 0.5 ? 'critical' : 'warning',
      title: `${Math.floor(share * 100)} % of the pushes were answered well`,
      text:
        `Of ${pushes} pushes in the last 6 hours ${rejected} were refused and ${slow} answered late. Under 70 % Shopee warns; under 30 % it ` +
        `stops sending, and what happens then is never sent again. ${cause}`,
    },
  ];
}

function subscriptionAlerts({ subscription }: AlertInputs): AlertCondition[] {
  if (subscription === undefined) return [];
  const isSuspended = subscription.status === 'suspended';
  const text = isSuspended
    ? 'Shopee has stopped sending pushes, and what happens meanwhile is never sent again: turn the subscription on in the console, then run a reconcile.'
    : 'Fewer than 70 % of the last pushes were answered in time. Under 30 % Shopee stops sending: check that the callback URL is reachable and answers within 3 s.';
  return [
    {
      key: 'push-subscription',
      active: isSuspended || subscription.status === 'warning',
      severity: 'critical',
      title: isSuspended ? 'Shopee stopped the pushes' : 'Shopee warns of failing pushes',
      text,
    },
  ];
}
