import type { AlarmNotification } from '@shopee-webhook/store';
import { describe, expect, it } from 'vitest';
import { Backlog } from './backlog.ts';
import { groupBudget } from './chat/limiter.ts';
import type { TopicKey } from './chat/topic-specs.ts';
import { newJob, type Waiting } from './waiting.ts';

const perMinute = (tier: 0 | 1 | 2) => groupBudget.perMinute - groupBudget.reserved[tier];
const alarm: AlarmNotification = {
  kind: 'alarm',
  key: 'k',
  phase: 'begin',
  severity: 'info',
  title: '',
  text: '',
  at: 0,
};

function item(topic: TopicKey, since: number, more: Partial<Waiting> = {}): Waiting {
  const content = { kind: 'alarm' as const, alarm };
  return {
    delivery: undefined,
    content,
    chat: 'c',
    topic,
    tier: 2,
    digest: 'auto',
    follows: undefined,
    since,
    ...more,
  };
}

function backlogOf(...items: Waiting[]): Backlog {
  const backlog = new Backlog();
  for (const one of items) backlog.add(one);
  return backlog;
}

const many = (topic: TopicKey, count: number, more: Partial<Waiting> = {}) =>
  Array.from({ length: count }, (_, at) => item(topic, at, more));

describe('Backlog', () => {
  it('chooses the most urgent first, then what waits longest', () => {
    const backlog = backlogOf(item('3', 1), item('4', 0), item('29', 5, { tier: 1 }), item('system', 9, { tier: 0 }));
    const order: string[] = [];
    for (let round = 0; round < 4; round += 1) {
      const choice = backlog.choose(10, perMinute);
      if (choice === undefined || choice.kind === 'job') throw new Error('nothing chosen');
      order.push(choice.topic);
      const job = newJob({ ...choice, silent: true, parts: [] });
      backlog.begin(job);
      backlog.finish(job);
    }
    expect(order).toEqual(['system', '29', '4', '3']);
    expect(backlog.choose(10, perMinute)).toBeUndefined();
  });

  it('sends one by one what a minute has room for, and makes a digest of more', () => {
    expect(backlogOf(...many('3', 10)).choose(10, perMinute)).toMatchObject({ kind: 'single' });
    const choice = backlogOf(...many('3', 11)).choose(10, perMinute);
    expect(choice).toMatchObject({ kind: 'digest' });
    expect(choice?.kind === 'digest' && choice.items.length).toBe(11);
  });

  it('gathers the fullest topic and leaves the others alone', () => {
    const backlog = backlogOf(...many('3', 40), item('4', -1), item('30', -2));
    expect(backlog.choose(10, perMinute)).toMatchObject({ kind: 'single', topic: '30' });
  });

  it('never gathers where digests are off, and for minutes where they are set', () => {
    expect(backlogOf(...many('3', 90, { digest: 'off' })).choose(100, perMinute)).toMatchObject({ kind: 'single' });
    const gathered = backlogOf(...many('8', 3, { digest: 5 }));
    expect(gathered.choose(299_999, perMinute)).toBeUndefined();
    expect(gathered.nextDue()).toBe(300_000);
    expect(gathered.choose(300_000, perMinute)).toMatchObject({ kind: 'digest' });
  });

  it('raises what has waited for a minute, within the share of urgent ones', () => {
    const backlog = backlogOf(item('3', 0), item('29', 61_000, { tier: 1 }));
    expect(backlog.choose(60_000, perMinute)).toMatchObject({ topic: '29', budget: 1 });
    expect(backlog.choose(61_001, perMinute)).toMatchObject({ topic: '3', tier: 2, budget: 1 });
  });

  it('goes on with a message under way before it begins another of its topic', () => {
    const backlog = backlogOf(item('3', 0), item('3', 1));
    const choice = backlog.choose(10, perMinute);
    if (choice === undefined || choice.kind === 'job') throw new Error('nothing chosen');
    const job = newJob({ ...choice, silent: true, parts: [] });
    backlog.begin(job);
    expect(backlog.choose(10, perMinute)).toMatchObject({ kind: 'job', job });
    expect(backlog.size).toBe(2);
    expect(backlog.all()).toHaveLength(2);
  });

  it("takes an order's events together where its message is edited", () => {
    const backlog = backlogOf(
      item('3', 0, { follows: 'A' }),
      item('3', 1, { follows: 'B' }),
      item('3', 2, { follows: 'A' }),
    );
    const choice = backlog.choose(10, perMinute);
    expect(choice?.kind === 'follow' && choice.items.map(({ since }) => since)).toEqual([0, 2]);
  });

  it("takes an order's events together however urgent they are, once", () => {
    const backlog = backlogOf(
      item('3', 0, { follows: 'A' }),
      item('3', 1, { follows: 'B' }),
      item('3', 2, { follows: 'A', tier: 1 }),
    );
    const choice = backlog.choose(10, perMinute);
    if (choice?.kind !== 'follow') throw new Error('nothing followed');
    expect(choice.tier).toBe(1);
    expect(choice.items.map(({ since }) => since)).toEqual([0, 2]);
    backlog.begin(newJob({ ...choice, silent: true, parts: [] }));
    expect(backlog.size).toBe(3);
  });

  it("goes on with an order's message under way before it begins one of a more urgent event", () => {
    const backlog = backlogOf(item('3', 0, { follows: 'A' }));
    const first = backlog.choose(10, perMinute);
    if (first?.kind !== 'follow') throw new Error('nothing followed');
    const job = newJob({ ...first, silent: true, parts: [] });
    backlog.begin(job);
    backlog.add(item('3', 5, { follows: 'A', tier: 1 }));
    expect(backlog.choose(10, perMinute)).toEqual({ kind: 'job', job, budget: 1 });
    backlog.finish(job);
    expect(backlog.choose(10, perMinute)).toMatchObject({ kind: 'follow', tier: 1 });
  });
});
