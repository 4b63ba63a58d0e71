import { describe, expect, it } from 'vitest';
import type { QueueStats } from '@shopee-webhook/contracts';
import { countRejections } from './inputs.ts';
import { evaluateRules, type AlertInputs } from './rules.ts';

const queue: QueueStats = {
  redis: { enabled: true, connected: true, memoryUsedBytes: 10, memoryMaxBytes: 100 },
  queue: { depth: 0, retrying: 0, processing: 0, deadLetter: 0, oldestSeconds: 0 },
  totals: null,
  circuitBreaker: null,
  spool: { depth: 0, oldestSeconds: 0, deadLetter: 0 },
};
const redis = { state: 'available', durabilityProblem: undefined, dataLossAt: undefined, reason: '' } as const;
const none = { consecutive: 0, ms: 0, missing: 0, everAccepted: true, hint: undefined, urlsTried: [], keysTried: 0 };
const healthy: AlertInputs = {
  queue,
  redis,
  spoolProblem: undefined,
  quarantined: [],
  workerUnreachable: undefined,
  deadLetterReasons: [],
  noConsumerMs: 0,
  disk: { path: 'data', usedShare: 0.5 },
  rejections: none,
  responses: { pushes: 1_000, accepted: 1_000, rejected: 0, slow: 0, successRate: 1 },
  subscription: { status: 'normal', suspendedAt: undefined },
};
const minuteMs = 60_000;

/** 1,000 pushes, so many of them rejected. */
const responses = (rejected: number) => ({
  pushes: 1_000,
  accepted: 1_000 - rejected,
  rejected,
  slow: 0,
  successRate: 1 - rejected / 1_000,
});

const evaluate = (inputs: Partial<AlertInputs>, before: string[] = []) =>
  evaluateRules({ ...healthy, ...inputs }, (key) => before.includes(key));
const active = (inputs: Partial<AlertInputs>, before: string[] = []) =>
  evaluate(inputs, before)
    .filter((condition) => condition.active)
    .map(({ key }) => key);

describe('evaluateRules', () => {
  it('finds nothing when all is well', () => {
    expect(active({})).toEqual([]);
  });

  it.each<[string, Partial<AlertInputs>, string[]]>([
    ['an unreachable Redis', { redis: { ...redis, state: 'unreachable' } }, ['redis-unavailable']],
    ['an unsafe Redis', { redis: { ...redis, state: 'unsafe', durabilityProblem: 'no AOF' } }, ['redis-unsafe']],
    [
      'an unsafe Redis that is used all the same',
      { redis: { ...redis, durabilityProblem: 'no AOF' } },
      ['redis-unsafe'],
    ],
    ['a Redis that lost its data', { redis: { ...redis, dataLossAt: Date.now() } }, ['redis-data-loss']],
    ['a full disk under the spool', { spoolProblem: { kind: 'full', message: 'no room' } }, ['spool-error']],
    ['a quarantined spool', { quarantined: ['spool.db.corrupt-1Z'] }, ['spool-corrupt']],
    ['an unreachable worker', { workerUnreachable: { ms: 30_001, error: 'x' } }, ['worker-unreachable']],
    ['a worker that restarts', { workerUnreachable: { ms: 29_000, error: 'x' } }, []],
    ['one dead letter', { queue: { ...queue, queue: { ...queue.queue, deadLetter: 1 } } }, ['dead-letters']],
    ['a dead letter on disk', { queue: { ...queue, spool: { ...queue.spool, deadLetter: 1 } } }, ['dead-letters']],
    [
      'a hundred dead letters',
      { queue: { ...queue, queue: { ...queue.queue, deadLetter: 100 } } },
      ['dead-letters', 'dead-letters-many'],
    ],
    ['a long queue', { queue: { ...queue, queue: { ...queue.queue, depth: 5_001 } } }, ['queue-backlog']],
    ['an old message', { queue: { ...queue, queue: { ...queue.queue, oldestSeconds: 601 } } }, ['queue-backlog']],
    [
      'a spool that does not empty',
      { queue: { ...queue, spool: { depth: 1, oldestSeconds: 61, deadLetter: 0 } } },
      ['spool-in-use'],
    ],
    ['no consumer for a minute', { noConsumerMs: 60_001 }, ['consumers-dead']],
    ['a full Redis', { queue: { ...queue, redis: { ...queue.redis, memoryUsedBytes: 81 } } }, ['redis-memory']],
    ['a full disk', { disk: { path: 'data', usedShare: 0.81 } }, ['disk-full']],
    ['a fifth of the responses that Shopee counts as failed', { responses: responses(201) }, ['push-success-rate']],
    ['a warned subscription', { subscription: { status: 'warning', suspendedAt: undefined } }, ['push-subscription']],
    ['a suspended subscription', { subscription: { status: 'suspended', suspendedAt: 1 } }, ['push-subscription']],
  ])('finds %s', (_what, inputs, keys) => {
    expect(active(inputs)).toEqual(keys);
  });

  it('resolves an alert only when it is clearly over', () => {
    const disk = { path: 'data', usedShare: 0.78 };
    const deep = { ...queue, queue: { ...queue.queue, depth: 3_000 } };
    expect(active({ disk, queue: deep })).toEqual([]);
    expect(active({ disk, queue: deep }, ['disk-full', 'queue-backlog'])).toEqual(['disk-full', 'queue-backlog']);
    expect(active({ responses: responses(180) })).toEqual([]);
    expect(active({ responses: responses(180) }, ['push-success-rate'])).toEqual(['push-success-rate']);
  });

  it('changes nothing about what is unknown', () => {
    const unknown = {
      ...queue,
      redis: { ...queue.redis, memoryUsedBytes: null },
      queue: { depth: null, retrying: null, processing: null, deadLetter: null, oldestSeconds: null },
    };
    const keys = evaluate({
      queue: unknown,
      redis: undefined,
      noConsumerMs: undefined,
      disk: undefined,
      subscription: undefined,
    }).map(({ key }) => key);
    for (const key of ['redis-unavailable', 'redis-memory', 'disk-full', 'consumers-dead', 'queue-backlog'])
      expect(keys).not.toContain(key);
    expect(keys).not.toContain('dead-letters');
    expect(keys).not.toContain('push-subscription');
  });

  it('alerts of a low success rate before Shopee does, and not of a few pushes', () => {
    const alertOf = (summary: AlertInputs['responses']) =>
      evaluate({ responses: summary }).find(({ key }) => key === 'push-success-rate');
    // Shopee warns under 70 % of more than 600.
    expect(alertOf(responses(250))).toMatchObject({ active: true, severity: 'warning' });
    expect(alertOf(responses(600))).toMatchObject({ active: true, severity: 'critical' });
    expect(alertOf({ ...responses(250), pushes: 290 })).toMatchObject({ active: false });
    expect(alertOf(responses(250))?.text).toContain('WEBHOOK_PARTNER_KEY');
    const late = { pushes: 1_000, accepted: 1_000, rejected: 0, slow: 400, successRate: 0.6 };
    expect(alertOf(late)?.text).toContain('too late');
    expect(alertOf({ pushes: 0, accepted: 0, rejected: 0, slow: 0, successRate: null })).toMatchObject({
      active: false,
    });
  });
});

describe('rejected pushes', () => {
  const run = { ...none, consecutive: 6, ms: minuteMs, urlsTried: ['https://a/'], keysTried: 2 };

  it('six forged requests raise no alert where genuine pushes come in', () => {
    expect(active({ rejections: run })).toEqual(['forged-requests']);
    expect(active({ rejections: { ...run, ms: 60 * minuteMs } })).toEqual(['forged-requests']);
    expect(evaluate({ rejections: run }).find(({ key }) => key === 'forged-requests')?.isEvent).toBe(true);
  });

  it('are an alert where no genuine push ever came', () => {
    const rejections = { ...run, everAccepted: false };
    expect(active({ rejections })).toEqual(['pushes-rejected']);
    expect(evaluate({ rejections }).find(({ key }) => key === 'pushes-rejected')?.text).toContain('tried: https://a/');
  });

  it('are an alert when a signature almost fits', () => {
    const rejections = { ...run, hint: 'signed for https://b/' };
    expect(active({ rejections })).toEqual(['pushes-rejected']);
    expect(evaluate({ rejections }).find(({ key }) => key === 'pushes-rejected')?.text).toContain('https://b/');
  });

  it('are an alert when the genuine ones that were to be expected stay away', () => {
    expect(active({ rejections: { ...run, ms: 16 * minuteMs, missing: 20 } })).toEqual(['pushes-rejected']);
    expect(active({ rejections: { ...run, ms: 14 * minuteMs, missing: 20 } })).toEqual(['forged-requests']);
    const warned = { status: 'warning', suspendedAt: undefined };
    expect(active({ rejections: { ...run, ms: 16 * minuteMs }, subscription: warned })).toContain('pushes-rejected');
  });
});

describe('countRejections', () => {
  const count = (counts: Record<string, number>[]) =>
    countRejections({
      minutes: counts.map((one, minute) => ({ minute: minute + 1, counts: one })),
      rejected: [],
      everAccepted: false,
      now: 7 * minuteMs,
    });

  it('counts wrong signatures back to the last push that was accepted', () => {
    const counts = [
      { unauthorized: 7 },
      { queued: 3, unauthorized: 1 },
      { unauthorized: 5, unsigned: 2 },
      { unauthorized: 2, verification: 1 },
    ];
    expect(count(counts)).toMatchObject({ consecutive: 5, ms: 4 * minuteMs, everAccepted: true, missing: 6 });
    expect(count([...counts, { spooled: 1 }])).toMatchObject({ consecutive: 0, ms: 0 });
  });

  it('counts no unsigned request', () => {
    expect(count([{ unauthorized: 9, unsigned: 9 }])).toMatchObject({ consecutive: 0 });
  });
});
