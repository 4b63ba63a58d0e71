import { describe, expect, it } from 'vitest';
import type { QueueStats } from '../monitoring/queue-stats.ts';
import { countRejections } from './inputs.ts';
import { evaluateRules, type AlertInputs } from './rules.ts';

const queue: QueueStats = {
  redis: { enabled: true, connected: true, memoryUsedBytes: 10, memoryMaxBytes: 100 },
  queue: { depth: 0, retrying: 0, processing: 0, deadLetter: 0, oldestSeconds: 0 },
  totals: null,
  circuitBreaker: null,
  spool: { depth: 0, oldestSeconds: 0, deadLetter: 0 },
};
const healthy: AlertInputs = {
  queue,
  deadLetterReasons: [],
  noConsumerMs: 0,
  disk: { path: 'data', usedShare: 0.5 },
  rejections: { consecutive: 0, unsigned: 0, urlsTried: [], keysTried: 0 },
  responses: { pushes: 1_000, accepted: 1_000, rejected: 0, slow: 0, successRate: 1 },
  subscription: { status: 'normal', suspendedAt: undefined },
};

/** 1,000 pushes, so many of them refused. */
const rejections = (count: number) => ({
  pushes: 1_000,
  accepted: 1_000 - count,
  rejected: count,
  slow: 0,
  successRate: 1 - count / 1_000,
});

const active = (facts: Partial<AlertInputs>, standing: string[] = []) =>
  evaluateRules({ ...healthy, ...facts }, new Set(standing))
    .filter((trouble) => trouble.active)
    .map(({ key }) => key);

describe('troublesOf', () => {
  it('finds nothing wrong when nothing is', () => {
    expect(active({})).toEqual([]);
  });

  it.each<[string, Partial<AlertInputs>, string[]]>([
    ['one dead letter', { queue: { ...queue, queue: { ...queue.queue, deadLetter: 1 } } }, ['dead-letters']],
    ['a dead letter on disk', { queue: { ...queue, spool: { ...queue.spool, deadLetter: 1 } } }, ['dead-letters']],
    [
      'a hundred dead letters',
      { queue: { ...queue, queue: { ...queue.queue, deadLetter: 100 } } },
      ['dead-letters', 'dead-letters-many'],
    ],
    ['a long queue', { queue: { ...queue, queue: { ...queue.queue, depth: 5_001 } } }, ['queue-deep']],
    ['an old message', { queue: { ...queue, queue: { ...queue.queue, oldestSeconds: 601 } } }, ['queue-deep']],
    [
      'a spool that does not empty',
      { queue: { ...queue, spool: { depth: 1, oldestSeconds: 61, deadLetter: 0 } } },
      ['spool-in-use'],
    ],
    ['no consumer for a minute', { noConsumerMs: 60_001 }, ['consumers-dead']],
    ['a full Redis', { queue: { ...queue, redis: { ...queue.redis, memoryUsedBytes: 81 } } }, ['redis-memory']],
    ['a full disk', { disk: { path: 'data', usedShare: 0.81 } }, ['disk-full']],
    [
      'wrong signatures',
      { rejections: { consecutive: 5, unsigned: 0, urlsTried: ['u'], keysTried: 2 } },
      ['signatures'],
    ],
    ['a fifth of the answers that Shopee counts as failed', { responses: rejections(201) }, ['push-answers']],
    ['a warned subscription', { subscription: { status: 'warning', suspendedAt: undefined } }, ['push-subscription']],
    ['a suspended subscription', { subscription: { status: 'suspended', suspendedAt: 1 } }, ['push-subscription']],
  ])('finds %s', (_what, facts, keys) => {
    expect(active(facts)).toEqual(keys);
  });

  it('lets an alarm stand until it is clearly over', () => {
    const disk = { path: 'data', usedShare: 0.78 };
    const deep = { ...queue, queue: { ...queue.queue, depth: 3_000 } };
    expect(active({ disk, queue: deep })).toEqual([]);
    expect(active({ disk, queue: deep }, ['disk-full', 'queue-deep'])).toEqual(['queue-deep', 'disk-full']);
    expect(active({ responses: rejections(180) })).toEqual([]);
    expect(active({ responses: rejections(180) }, ['push-answers'])).toEqual(['push-answers']);
  });

  it('changes nothing about what is not known', () => {
    const unknown = {
      ...queue,
      queue: { depth: null, retrying: null, processing: null, deadLetter: null, oldestSeconds: null },
    };
    const keys = evaluateRules(
      { ...healthy, queue: unknown, noConsumerMs: undefined, disk: undefined, subscription: undefined },
      new Set(),
    ).map(({ key }) => key);
    expect(keys).toEqual(['spool-in-use', 'redis-memory', 'signatures', 'push-answers']);
  });

  it('says that the answers are bad before Shopee does, and not of a few pushes', () => {
    const troubleOf = (responses: AlertInputs['responses']) =>
      evaluateRules({ ...healthy, responses }, new Set()).find(({ key }) => key === 'push-answers');
    // Shopee warns under 70 % of more than 600.
    expect(troubleOf(rejections(250))).toMatchObject({ active: true, severity: 'warning' });
    expect(troubleOf(rejections(600))).toMatchObject({ active: true, severity: 'critical' });
    expect(troubleOf({ ...rejections(250), pushes: 290 })).toMatchObject({ active: false });
    expect(troubleOf(rejections(250))?.text).toContain('WEBHOOK_PARTNER_KEY');
    const late = { pushes: 1_000, accepted: 1_000, rejected: 0, slow: 400, successRate: 0.6 };
    expect(troubleOf(late)?.text).toContain('too late');
    const none = { pushes: 0, accepted: 0, rejected: 0, slow: 0, successRate: null };
    expect(troubleOf(none)).toMatchObject({ active: false });
  });

  it('tells the likely cause of refused pushes', () => {
    const text = (unsigned: number) =>
      evaluateRules(
        { ...healthy, rejections: { consecutive: 9, unsigned, urlsTried: ['https://a/'], keysTried: 2 } },
        new Set(),
      ).find(({ key }) => key === 'signatures');
    expect(text(0)).toMatchObject({ severity: 'critical' });
    expect(text(0)?.text).toContain('tried: https://a/');
    expect(text(5)).toMatchObject({ severity: 'warning' });
    expect(text(5)?.text).toContain('no signature');
  });
});

describe('signatureRunOf', () => {
  it('counts back to the last push that was accepted', () => {
    const minutes = [
      { minute: 1, counts: { unauthorized: 7 } },
      { minute: 2, counts: { queued: 1, unauthorized: 1 } },
      { minute: 3, counts: { unauthorized: 3 } },
      { minute: 5, counts: { unauthorized: 2, verification: 1 } },
    ];
    expect(countRejections(minutes, [])).toMatchObject({ inARow: 5 });
    expect(countRejections([...minutes, { minute: 6, counts: { spooled: 1 } }], [])).toMatchObject({ inARow: 0 });
  });
});
