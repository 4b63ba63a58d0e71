import { systemClock } from '@shopee-webhook/runtime';
import type { AlertCondition, AlertContent } from '@shopee-webhook/store';
import type { QueueStats } from '@shopee-webhook/contracts';
import type { ResponseSummary } from '../ingest/response-stats.ts';
import type { RedisState } from '../redis/redis-monitor.ts';
import type { SpoolProblem } from '../spool/spool-file.ts';
import { formatMegabytes } from './format-megabytes.ts';

/** What is known now; what is undefined or null changes no alert. */
export interface AlertInputs {
  queue: QueueStats;
  /** Undefined: REDIS_ENABLED=false. */
  redis:
    | {
        state: RedisState;
        durabilityProblem: string | undefined;
        /** When it was found without its data, ms. */
        dataLossAt: number | undefined;
        /** Why the breaker opened last. */
        reason: string;
      }
    | undefined;
  spoolProblem: SpoolProblem | undefined;
  /** Corrupt spools that were quarantined. */
  quarantined: string[];
  /** For how long the worker has not been reachable over HTTP while events are spooled. */
  workerUnreachable: { ms: number; error: string } | undefined;
  /** The most frequent first. */
  deadLetterReasons: string[];
  /** For how long no consumer has been alive, ms; 0 while one is. */
  noConsumerMs: number | undefined;
  disk: { path: string; usedShare: number } | undefined;
  rejections: RejectionStats;
  /** Of the last 6 h. */
  responses: ResponseSummary;
  subscription: { status: string; suspendedAt: number | undefined } | undefined;
}

/** Pushes with a wrong signature since the last one that was accepted. */
export interface RejectionStats {
  consecutive: number;
  /** Since the first of them, ms. */
  ms: number;
  /** How many genuine pushes would have come in that time, by the hours before. */
  missing: number;
  /** Whether a genuine push ever came. */
  everAccepted: boolean;
  /** What would have fitted, where one of the signatures almost did. */
  hint: string | undefined;
  /** What the last one was checked against. */
  urlsTried: string[];
  keysTried: number;
}

/** One condition that operators hear of. */
export interface AlertRule {
  key: string;
  severity: AlertContent['severity'];
  /** It has no end: sent once a day at most. */
  isEvent?: boolean;
  /** Undefined: not known now, so nothing changes. `isActive`: some conditions resolve at another threshold than they fire. */
  evaluate: (inputs: AlertInputs, isActive: boolean) => RuleResult | undefined;
}

interface RuleResult {
  active: boolean;
  title: string;
  /** What it means and what to do. */
  text: string;
  severity?: AlertContent['severity'];
}

const maxQueueDepth = 5_000;
const maxQueueSeconds = 600;
const maxSpoolSeconds = 60;
const maxNoConsumerMs = 60_000;
const maxWorkerUnreachableMs = 30_000;
/** By then an event is in an outbox. */
const recentMs = 10 * 60_000;
const maxUsedShare = 0.8;
/** An alert about a share resolves only this far below it, or it would come and go. */
const hysteresis = 0.05;
const deadLetterThreshold = 100;
const rejectedThreshold = 5;
/** So long, and so many expected pushes, must genuine ones be missing before forged requests may explain it no more. */
const rejectedMs = 15 * 60_000;
const missingThreshold = 20;
/**
 * Shopee looks at the last 6 h, once there were more than 600 pushes: under 70 % of good responses it warns, under 30 % it
 * suspends the subscription (Shopee guide 18). Half as many pushes and a higher share, so that we say so before it does.
 */
const minSample = 300;
const minSuccessRate = 0.8;

/** Every alert of the forwarder: the one place to add a rule. */
export const alertRules: readonly AlertRule[] = [
  {
    key: 'redis-unavailable',
    severity: 'critical',
    evaluate: ({ redis }) => {
      if (redis === undefined || redis.state === 'unsafe') return undefined;
      const reason = redis.reason === '' ? '' : ` Reason: ${redis.reason}.`;
      return {
        active: redis.state !== 'available',
        title: 'Redis unavailable',
        text: `Pushes are spooled to disk and delivered to the worker over HTTP until Redis is back.${reason}`,
      };
    },
  },
  {
    key: 'redis-unsafe',
    severity: 'critical',
    evaluate: ({ redis }) => ({
      active: redis?.durabilityProblem !== undefined,
      title: 'Redis may lose orders',
      text: redis?.durabilityProblem ?? '',
    }),
  },
  {
    key: 'redis-data-loss',
    severity: 'critical',
    isEvent: true,
    evaluate: ({ redis }) => ({
      active: redis?.dataLossAt !== undefined && systemClock.wallMs() - redis.dataLossAt < recentMs,
      title: 'Redis lost its data',
      text:
        'Its volume was lost or replaced. The worker now asks Shopee for lost pushes and compares all recent orders with the ' +
        'sheet. Dead letters and notifications that were in it are gone.',
    }),
  },
  {
    key: 'redis-memory',
    severity: 'warning',
    evaluate: ({ queue: { redis } }, isActive) => {
      const { memoryUsedBytes: used, memoryMaxBytes: max } = redis;
      if (used === null || max === null || max === 0) return undefined;
      return {
        active: used / max > usageLimit(isActive),
        title: 'Redis memory almost full',
        text: `Redis uses ${formatMegabytes(used)} of ${formatMegabytes(max)}. When it is full, pushes are spooled to disk: raise maxmemory, or find out why the queue is long.`,
      };
    },
  },
  {
    key: 'spool-error',
    severity: 'critical',
    evaluate: ({ spoolProblem: problem }) => ({
      active: problem !== undefined,
      title: problem?.kind === 'full' ? 'The disk of DATA_DIR is full' : 'DATA_DIR cannot be written',
      text: `While Redis is unavailable, pushes get a 503 and Shopee sends them again. ${problem?.message ?? ''}`.trim(),
    }),
  },
  {
    key: 'spool-corrupt',
    severity: 'critical',
    evaluate: ({ quarantined }) => ({
      active: quarantined.length > 0,
      title: 'Corrupt spool quarantined',
      text: `Its readable rows were recovered; others may be missing. Run a reconcile, which finds missing orders, then move the file away: ${quarantined.join(', ')}.`,
    }),
  },
  {
    key: 'spool-in-use',
    severity: 'warning',
    evaluate: ({ queue: { spool } }, isActive) => ({
      active: spool.depth > 0 && (spool.oldestSeconds > maxSpoolSeconds || isActive),
      title: 'Events spooled to disk',
      text: `${spool.depth} events are in the spool: neither Redis nor the worker took them. They follow when one of them does.`,
    }),
  },
  {
    key: 'disk-full',
    severity: 'warning',
    evaluate: ({ disk }, isActive) =>
      disk && {
        active: disk.usedShare > usageLimit(isActive),
        title: 'Disk almost full',
        text: `The disk of ${disk.path} is ${Math.round(disk.usedShare * 100)} % full. When it is full, neither Redis nor the spool can persist anything: free some space.`,
      },
  },
  {
    key: 'worker-unreachable',
    severity: 'critical',
    evaluate: ({ workerUnreachable: worker }) => ({
      active: worker !== undefined && worker.ms > maxWorkerUnreachableMs,
      title: 'Neither Redis nor the worker is reachable',
      text: `Pushes stay on the forwarder's disk until one of them is back. ${worker?.error ?? ''}`.trim(),
    }),
  },
  {
    key: 'consumers-dead',
    severity: 'critical',
    evaluate: ({ noConsumerMs: ms }) =>
      ms === undefined
        ? undefined
        : {
            active: ms > maxNoConsumerMs,
            title: 'No worker is running',
            text: 'No consumer is alive: events wait in Redis. Start the worker, or read its log.',
          },
  },
  {
    key: 'queue-backlog',
    severity: 'warning',
    evaluate: ({ queue: { queue } }, isActive) => {
      const { depth, oldestSeconds } = queue;
      if (depth === null || oldestSeconds === null) return undefined;
      const share = isActive ? 0.5 : 1;
      return {
        active: depth > maxQueueDepth * share || oldestSeconds > maxQueueSeconds * share,
        title: 'Queue backlog',
        text: `${depth} events are queued, the oldest for ${oldestSeconds} s. Nothing is lost; the worker's /health says what holds it up.`,
      };
    },
  },
  { key: 'dead-letters', severity: 'warning', evaluate: (inputs) => deadLetters(inputs, 1, 'Dead letters') },
  {
    key: 'dead-letters-many',
    severity: 'critical',
    evaluate: (inputs) => deadLetters(inputs, deadLetterThreshold, 'Many dead letters'),
  },
  {
    key: 'pushes-rejected',
    severity: 'critical',
    evaluate: (inputs) => {
      const { consecutive, hint, urlsTried, keysTried } = inputs.rejections;
      const advice =
        hint === undefined
          ? `Most likely WEBHOOK_URL is not exactly the callback URL in Shopee's console (tried: ${urlsTried.join(', ')}), or WEBHOOK_PARTNER_KEY is not the push key shown there (${keysTried} tried); a new key replaces the old one at once.`
          : `The last one was ${hint}.`;
      return {
        active: consecutive >= rejectedThreshold && !isForged(inputs),
        title: 'Pushes are rejected',
        text: `${consecutive} pushes in a row had a wrong signature, so no event comes in. ${advice}`,
      };
    },
  },
  {
    key: 'forged-requests',
    severity: 'info',
    isEvent: true,
    evaluate: (inputs) => ({
      active: inputs.rejections.consecutive >= rejectedThreshold && isForged(inputs),
      title: 'Someone sends forged requests',
      text: `${inputs.rejections.consecutive} requests had a wrong signature and were rejected. Nothing is lost, and nothing is to be done, unless you have just changed the push key or the callback URL: then check WEBHOOK_PARTNER_KEY and WEBHOOK_URL.`,
    }),
  },
  { key: 'push-success-rate', severity: 'warning', evaluate: successRate },
  {
    key: 'push-subscription',
    severity: 'critical',
    evaluate: ({ subscription }) => {
      if (subscription === undefined) return undefined;
      const isSuspended = subscription.status === 'suspended';
      return {
        active: isSuspended || subscription.status === 'warning',
        title: isSuspended ? 'Shopee suspended the pushes' : 'Shopee warns of failing pushes',
        text: isSuspended
          ? 'Shopee has stopped sending pushes, and what happens meanwhile is never sent again: turn the subscription on in the console, then run a reconcile.'
          : 'Fewer than 70 % of the last pushes got a 200 in time. Under 30 % Shopee stops sending: check that the callback URL is reachable and responds within 3 s.',
      };
    },
  },
];

/** What the rules say of these inputs. */
export function evaluateRules(inputs: AlertInputs, isActive: (key: string) => boolean): AlertCondition[] {
  return alertRules.flatMap(({ key, severity, isEvent = false, evaluate }) => {
    const result = evaluate(inputs, isActive(key));
    return result === undefined ? [] : [{ key, severity, ...result, isEvent }];
  });
}

function deadLetters({ queue, deadLetterReasons }: AlertInputs, min: number, title: string): RuleResult | undefined {
  if (queue.queue.deadLetter === null) return undefined;
  const count = queue.queue.deadLetter + queue.spool.deadLetter;
  const reasons = deadLetterReasons.length === 0 ? '' : ` Reasons: ${deadLetterReasons.slice(0, 5).join(', ')}.`;
  const text = `${count} events could not be processed.${reasons} See them on the dashboard; once the cause is fixed, replay them.`;
  return { active: count >= min, title, text };
}

/** Genuine pushes, and what Shopee says of them, contradict that it is our settings which are wrong. */
function isForged({ rejections, subscription }: AlertInputs): boolean {
  const { ms, missing, everAccepted, hint } = rejections;
  if (hint !== undefined || !everAccepted) return false;
  if (ms < rejectedMs) return true;
  return missing < missingThreshold && subscription?.status === 'normal';
}

function successRate({ responses }: AlertInputs, isActive: boolean): RuleResult {
  const { pushes, rejected, slow, successRate: rate } = responses;
  const share = rate ?? 1;
  const cause =
    rejected >= slow
      ? 'The page Rejected on the dashboard shows why: most often WEBHOOK_URL or WEBHOOK_PARTNER_KEY is not what Shopee’s console shows.'
      : 'The responses came too late: check the load of the machine, and Redis’ disk.';
  return {
    active: pushes > minSample && share < (isActive ? minSuccessRate + hysteresis : minSuccessRate),
    severity: share < 0.5 ? 'critical' : 'warning',
    title: `${Math.floor(share * 100)} % of the pushes got a 200 in time`,
    text:
      `Of ${pushes} pushes in the last 6 hours ${rejected} were rejected and ${slow} got a late response. Under 70 % Shopee warns; under 30 % ` +
      `it stops sending, and what happens then is never sent again. ${cause}`,
  };
}

function usageLimit(isActive: boolean): number {
  return isActive ? maxUsedShare - hysteresis : maxUsedShare;
}
