import type { AlertNotification } from '@shopee-webhook/store';
import { describe, expect, it } from 'vitest';
import { Backlog } from './backlog.ts';
import { groupLimits } from './limiter.ts';
import type { TopicKey } from '../messages/outgoing.ts';
import { newOutgoingMessage, type QueuedNotification } from '../messages/outgoing.ts';

const perMinute = (priority: 0 | 1 | 2) => groupLimits.perMinute - groupLimits.reserved[priority];
const alert: AlertNotification = {
  kind: 'alert',
  key: 'k',
  status: 'firing',
  severity: 'info',
  title: '',
  text: '',
  at: 0,
};

function item(topic: TopicKey, since: number, more: Partial<QueuedNotification> = {}): QueuedNotification {
  const content = { kind: 'alert' as const, alert };
  return {
    delivery: undefined,
    content,
    chat: 'c',
    topic,
    priority: 2,
    digest: 'auto',
    orderThread: undefined,
    enqueuedAt: since,
    since,
    ...more,
  };
}

function backlogOf(...items: QueuedNotification[]): Backlog {
  const backlog = new Backlog();
  for (const one of items) backlog.add(one);
  return backlog;
}

const many = (topic: TopicKey, count: number, more: Partial<QueuedNotification> = {}) =>
  Array.from({ length: count }, (_, at) => item(topic, at, more));

describe('Backlog', () => {
  it('chooses the most urgent first, then the oldest', () => {
    const backlog = backlogOf(
      item('3', 1),
      item('4', 0),
      item('29', 5, { priority: 1 }),
      item('system', 9, { priority: 0 }),
    );
    const order: string[] = [];
    for (let round = 0; round < 4; round += 1) {
      const choice = backlog.next(10, perMinute);
      if (choice === undefined || choice.kind === 'in-progress') throw new Error('nothing chosen');
      order.push(choice.topic);
      const message = newOutgoingMessage({ ...choice, silent: true, parts: [] });
      backlog.start(message);
      backlog.complete(message);
    }
    expect(order).toEqual(['system', '29', '4', '3']);
    expect(backlog.next(10, perMinute)).toBeUndefined();
  });

  it('sends one by one what fits a minute, and makes a digest of more', () => {
    expect(backlogOf(...many('3', 10)).next(10, perMinute)).toMatchObject({ kind: 'single' });
    const choice = backlogOf(...many('3', 11)).next(10, perMinute);
    expect(choice).toMatchObject({ kind: 'digest' });
    expect(choice?.kind === 'digest' && choice.items.length).toBe(11);
  });

  it('digests the fullest topic only', () => {
    const backlog = backlogOf(...many('3', 40), item('4', -1), item('30', -2));
    expect(backlog.next(10, perMinute)).toMatchObject({ kind: 'single', topic: '30' });
  });

  it('never digests where digests are off, and after minutes where configured', () => {
    expect(backlogOf(...many('3', 90, { digest: 'off' })).next(100, perMinute)).toMatchObject({ kind: 'single' });
    const gathered = backlogOf(...many('8', 3, { digest: 5 }));
    expect(gathered.next(299_999, perMinute)).toBeUndefined();
    expect(gathered.nextDue()).toBe(300_000);
    expect(gathered.next(300_000, perMinute)).toMatchObject({ kind: 'digest' });
  });

  it('ages routine messages into the urgent budget after a minute', () => {
    const backlog = backlogOf(item('3', 0), item('29', 61_000, { priority: 1 }));
    expect(backlog.next(60_000, perMinute)).toMatchObject({ topic: '29', budget: 1 });
    expect(backlog.next(61_001, perMinute)).toMatchObject({ topic: '3', priority: 2, budget: 1 });
  });

  it('continues a message in progress before it starts another of its topic', () => {
    const backlog = backlogOf(item('3', 0), item('3', 1));
    const choice = backlog.next(10, perMinute);
    if (choice === undefined || choice.kind === 'in-progress') throw new Error('nothing chosen');
    const message = newOutgoingMessage({ ...choice, silent: true, parts: [] });
    backlog.start(message);
    expect(backlog.next(10, perMinute)).toMatchObject({ kind: 'in-progress', message });
    expect(backlog.size).toBe(2);
    expect(backlog.all()).toHaveLength(2);
  });

  it("combines an order's events where its message is edited", () => {
    const backlog = backlogOf(
      item('3', 0, { orderThread: 'A' }),
      item('3', 1, { orderThread: 'B' }),
      item('3', 2, { orderThread: 'A' }),
    );
    const choice = backlog.next(10, perMinute);
    expect(choice?.kind === 'order' && choice.items.map(({ since }) => since)).toEqual([0, 2]);
  });

  it("combines an order's events of all priorities, once", () => {
    const backlog = backlogOf(
      item('3', 0, { orderThread: 'A' }),
      item('3', 1, { orderThread: 'B' }),
      item('3', 2, { orderThread: 'A', priority: 1 }),
    );
    const choice = backlog.next(10, perMinute);
    if (choice?.kind !== 'order') throw new Error('nothing followed');
    expect(choice.priority).toBe(1);
    expect(choice.items.map(({ since }) => since)).toEqual([0, 2]);
    backlog.start(newOutgoingMessage({ ...choice, silent: true, parts: [] }));
    expect(backlog.size).toBe(3);
  });

  it("continues an order's message in progress before one of a more urgent event", () => {
    const backlog = backlogOf(item('3', 0, { orderThread: 'A' }));
    const first = backlog.next(10, perMinute);
    if (first?.kind !== 'order') throw new Error('nothing followed');
    const message = newOutgoingMessage({ ...first, silent: true, parts: [] });
    backlog.start(message);
    backlog.add(item('3', 5, { orderThread: 'A', priority: 1 }));
    expect(backlog.next(10, perMinute)).toEqual({ kind: 'in-progress', message, budget: 1 });
    backlog.complete(message);
    expect(backlog.next(10, perMinute)).toMatchObject({ kind: 'order', priority: 1 });
  });
});
