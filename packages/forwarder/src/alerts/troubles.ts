import type { Answers } from '../answer-counts.ts';
import { formatMegabytes } from './megabytes.ts';
import type { QueueReport } from '../queue-report.ts';
import type { Trouble } from '../telegram/alarm-book.ts';

/** How things are, as far as is known; what is undefined or null changes no alarm. */
export interface TroubleFacts {
  queue: QueueReport;
  /** Why dead letters died, the most frequent first. */
  deadReasons: string[];
  /** For how long no consumer has been alive, ms; 0 while one is. */
  noConsumerMs: number | undefined;
  disk: { path: string; usedShare: number } | undefined;
  signatures: SignatureRun;
  /** Our own answers of the last 6 h. */
  answers: Answers;
  subscription: { status: string; suspendedAt: number | undefined } | undefined;
}

/** Pushes refused for their signature since the last one that was accepted. */
export interface SignatureRun {
  inARow: number;
  /** How many of the last ones had no signature at all. */
  without: number;
  /** What the last one was checked against. */
  urlsTried: string[];
  keysTried: number;
}

const deepQueue = 5_000;
const oldSeconds = 600;
const spoolSeconds = 60;
const noConsumerMs = 60_000;
const fullShare = 0.8;
/** An alarm at a share ends only this far below it, or it would come and go. */
const slack = 0.05;
const manyRefused = 5;
const manyDead = 100;
/**
 * Shopee judges the last 6 h, once there were more than 600 pushes: under 70 % of good answers it warns, under 30 % it
 * stops the subscription (Shopee guide 18). Half as many pushes and a higher share, so that we say so before it does.
 */
const judgedPushes = 300;
const goodShare = 0.8;

/** Judges the facts. `standing` are the troubles that have begun: some end later than they began. */
export function troublesOf(facts: TroubleFacts, standing: ReadonlySet<string>): Trouble[] {
  return [
    ...deadLetterTroubles(facts),
    ...queueTroubles(facts, standing),
    ...consumerTroubles(facts),
    ...memoryTroubles(facts, standing),
    ...diskTroubles(facts, standing),
    ...signatureTroubles(facts),
    ...answerTroubles(facts, standing),
    ...subscriptionTroubles(facts),
  ];
}

function deadLetterTroubles({ queue, deadReasons }: TroubleFacts): Trouble[] {
  if (queue.queue.deadLetter === null) return [];
  const count = queue.queue.deadLetter + queue.spool.deadLetter;
  const reasons = deadReasons.length === 0 ? '' : ` Reasons: ${deadReasons.slice(0, 5).join(', ')}.`;
  const text = `${count} events could not be handled.${reasons} Look at them on the dashboard; once the cause is gone, replay them.`;
  return [
    { key: 'dead-letters', active: count > 0, severity: 'warning', title: 'Dead letters', text },
    { key: 'dead-letters-many', active: count >= manyDead, severity: 'critical', title: 'Many dead letters', text },
  ];
}

function queueTroubles({ queue }: TroubleFacts, standing: ReadonlySet<string>): Trouble[] {
  const { depth, oldestSeconds } = queue.queue;
  const troubles: Trouble[] = [];
  if (depth !== null && oldestSeconds !== null) {
    const share = standing.has('queue-deep') ? 0.5 : 1;
    troubles.push({
      key: 'queue-deep',
      active: depth > deepQueue * share || oldestSeconds > oldSeconds * share,
      severity: 'warning',
      title: 'The queue is long',
      text: `${depth} events wait, the oldest for ${oldestSeconds} s. Nothing is lost; see /health of the worker for what holds it up.`,
    });
  }
  const { depth: spooled, oldestSeconds: spoolOldest } = queue.spool;
  troubles.push({
    key: 'spool-in-use',
    active: spooled > 0 && (spoolOldest > spoolSeconds || standing.has('spool-in-use')),
    severity: 'warning',
    title: 'Events wait on disk',
    text: `${spooled} events wait in the spool, for neither Redis nor the worker took them. They follow when one of them does.`,
  });
  return troubles;
}

function consumerTroubles({ noConsumerMs: ms }: TroubleFacts): Trouble[] {
  if (ms === undefined) return [];
  const text = 'No consumer of the worker is alive: events wait in Redis. Start the worker, or read its log.';
  return [
    { key: 'consumers-dead', active: ms > noConsumerMs, severity: 'critical', title: 'The worker is not there', text },
  ];
}

function memoryTroubles({ queue }: TroubleFacts, standing: ReadonlySet<string>): Trouble[] {
  const { memoryUsedBytes: used, memoryMaxBytes: max } = queue.redis;
  if (used === null || max === null || max === 0) return [];
  const key = 'redis-memory';
  const text = `Redis uses ${formatMegabytes(used)} of ${formatMegabytes(max)}. When it is full, pushes wait on disk: raise maxmemory, or find out why the queue is long.`;
  return [
    { key, active: used / max > limit(key, standing), severity: 'warning', title: "Redis' memory fills up", text },
  ];
}

function diskTroubles({ disk }: TroubleFacts, standing: ReadonlySet<string>): Trouble[] {
  if (disk === undefined) return [];
  const key = 'disk-full';
  const text = `The disk of ${disk.path} is ${Math.round(disk.usedShare * 100)} % full. When it is full, Redis and the spool can keep nothing: make room.`;
  return [
    { key, active: disk.usedShare > limit(key, standing), severity: 'warning', title: 'The disk fills up', text },
  ];
}

function limit(key: string, standing: ReadonlySet<string>): number {
  return standing.has(key) ? fullShare - slack : fullShare;
}

function signatureTroubles({ signatures }: TroubleFacts): Trouble[] {
  const { inARow, without, urlsTried, keysTried } = signatures;
  const isForeign = without * 2 > Math.min(inARow, manyRefused);
  const text = isForeign
    ? `${inARow} requests in a row carried no signature: not Shopee, but somebody who found the address, or a proxy that drops the Authorization header.`
    : `${inARow} pushes in a row had a wrong signature, so no event comes in. Most likely WEBHOOK_URL is not, letter by letter, the callback URL in ` +
      `Shopee's console (tried: ${urlsTried.join(', ')}), or WEBHOOK_PARTNER_KEY is not the push key shown there (${keysTried} tried); a new key replaces the old one at once.`;
  return [
    {
      key: 'signatures',
      active: inARow >= manyRefused,
      severity: isForeign ? 'warning' : 'critical',
      title: 'Pushes are refused',
      text,
    },
  ];
}

function answerTroubles({ answers }: TroubleFacts, standing: ReadonlySet<string>): Trouble[] {
  const { pushes, refused, slow, successRate } = answers;
  const key = 'push-answers';
  const needed = standing.has(key) ? goodShare + slack : goodShare;
  const share = successRate ?? 1;
  const cause =
    refused >= slow
      ? 'Refused pushes on the dashboard shows why: most often WEBHOOK_URL or WEBHOOK_PARTNER_KEY is not what stands in Shopee’s console.'
      : 'The answers came too late: look at the load of the machine, and at Redis’ disk.';
  return [
    {
      key,
      active: pushes > judgedPushes && share < needed,
      severity: share < 0.5 ? 'critical' : 'warning',
      title: `${Math.floor(share * 100)} % of the pushes were answered well`,
      text:
        `Of ${pushes} pushes in the last 6 hours ${refused} were refused and ${slow} answered late. Under 70 % Shopee warns; under 30 % it ` +
        `stops sending, and what happens then is never sent again. ${cause}`,
    },
  ];
}

function subscriptionTroubles({ subscription }: TroubleFacts): Trouble[] {
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
