import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { ActivityEntry } from '@shopee-webhook/store';
import { History } from '../src/history/history.ts';
import { HistoryClient } from '../src/history/history-client.ts';

const base = Date.UTC(2026, 8, 1, 12, 0, 0);
let dir: string;
let history: History;
let sequence = 0;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'history-'));
  history = new History(join(dir, 'history.db'));
});

afterEach(() => {
  history.close();
  rmSync(dir, { recursive: true });
});

/** A step `seconds` after the base time. */
function step(
  id: string,
  name: ActivityEntry['step'],
  seconds: number,
  more: Partial<ActivityEntry> = {},
): ActivityEntry {
  const at = base + seconds * 1_000;
  sequence += 1;
  return { id, step: name, at, entryId: `${at}-${sequence}`, ...more };
}

test('an event goes through its states and keeps each step', () => {
  history.append([
    step('a', 'queued', 0, { code: 3, shop: '7', sn: '26A', ms: 1.5 }),
    step('a', 'taken', 1, { attempt: 1 }),
    step('a', 'retried', 2, { attempt: 1, reason: 'network', error: 'reset' }),
  ]);
  expect(history.event('a')?.event).toMatchObject({ state: 'retrying', attempts: 1, reason: 'network', ack_ms: 1.5 });

  history.append([
    step('a', 'taken', 5, { attempt: 2 }),
    step('a', 'written', 6, { row: 12 }),
    step('a', 'handled', 7),
    step('a', 'notified', 9),
  ]);
  const found = history.event('a');
  expect(found?.event).toMatchObject({
    state: 'handled',
    attempts: 2,
    row: 12,
    notified: 1,
    handle_ms: 7_000,
    sn: '26A',
  });
  expect(found?.event.reason).toBeNull();
  expect(found?.steps.map(({ step: name }) => name)).toEqual([
    'queued',
    'taken',
    'retried',
    'taken',
    'written',
    'handled',
    'notified',
  ]);
});

test('steps read twice from the stream count once', () => {
  const steps = [step('a', 'queued', 0, { code: 3 }), step('a', 'handled', 1)];
  history.append(steps);
  history.append(steps);
  expect(history.minutes({ from: base, to: base + 60_000, bucketMinutes: 1 })).toMatchObject([
    { received: 1, handled: 1 },
  ]);
  expect(history.event('a')?.steps).toHaveLength(2);
});

test('the place in the stream survives a restart', () => {
  const last = step('a', 'queued', 0);
  history.append([last]);
  history.close();
  history = new History(join(dir, 'history.db'));
  expect(history.cursor()).toBe(last.entryId);
});

test('a search finds the beginning of an order number and an id, newest first, whatever the filter', () => {
  history.append([
    step('a', 'queued', 0, { code: 3, shop: '7', sn: '26AAA' }),
    step('b', 'queued', 1, { code: 4, shop: '7', sn: '26AAB' }),
    step('c', 'queued', 2, { code: 3, shop: '8', sn: '26BBB' }),
    step('c', 'dead-lettered', 3, { reason: 'bad-request' }),
  ]);
  const ids = (filter: Parameters<History['events']>[0]) => history.events(filter, { limit: 10 }).map(({ id }) => id);
  expect(ids({})).toEqual(['c', 'b', 'a']);
  expect(ids({ search: '26AA' })).toEqual(['b', 'a']);
  expect(ids({ search: 'c' })).toEqual(['c']);
  expect(ids({ code: 3 })).toEqual(['c', 'a']);
  expect(ids({ shop: '7', code: 4 })).toEqual(['b']);
  expect(ids({ state: 'dead' })).toEqual(['c']);
  expect(ids({ from: base + 1_000, to: base + 2_000 })).toEqual(['b']);
  expect(ids({ search: "' OR 1=1 --" })).toEqual([]);
});

test('a page goes on where the last one ended, although new events came in above', () => {
  history.append(['a', 'b', 'c', 'd'].map((id, index) => step(id, 'queued', index)));
  const first = history.events({}, { limit: 2 });
  expect(first.map(({ id }) => id)).toEqual(['d', 'c']);
  history.append([step('e', 'queued', 9)]);
  const second = history.events({}, { limit: 2, before: first.at(-1)?.seq });
  expect(second.map(({ id }) => id)).toEqual(['b', 'a']);
});

test('the histogram counts the same with and without a filter', () => {
  history.append([
    step('a', 'queued', 0, { code: 3 }),
    step('b', 'queued', 61, { code: 3 }),
    step('b', 'dead-lettered', 62, { reason: 'x' }),
  ]);
  const span = { from: base, to: base + 120_000, buckets: 2 };
  const expected = [
    { at: base, count: 1, dead: 0 },
    { at: base + 60_000, count: 1, dead: 1 },
  ];
  expect(history.histogram({}, span)).toEqual(expected);
  expect(history.histogram({ code: 3 }, span)).toEqual(expected);
});

test('minutes give percentiles of the durations and the mean of the gauges', () => {
  const queued = Array.from({ length: 20 }, (_, index) => step(`e${index}`, 'queued', index / 10, { ms: index + 1 }));
  history.append(queued);
  history.gauge(base, { depth: 4 });
  history.gauge(base + 60_000, { depth: 8 });
  expect(history.minutes({ from: base, to: base + 120_000, bucketMinutes: 2 })).toMatchObject([
    { at: base, received: 20, ackP50: 11, ackP95: 20, gauges: { depth: 6 } },
  ]);
});

test('what is older than its time goes, with its steps and its payload', () => {
  history.append([step('old', 'queued', 0, { sn: '1' }), step('new', 'queued', 600)]);
  history.keepPayloads([{ id: 'old', at: base, text: '{}' }]);
  expect(history.event('old')?.payload).toBe('{}');
  expect(history.prune(base + 300_000)).toBe(1);
  expect(history.event('old')).toBeUndefined();
  expect(history.event('new')?.event.id).toBe('new');
});

test('the payloads of an order can be forgotten', () => {
  history.append([step('a', 'queued', 0, { sn: '26A' })]);
  history.keepPayloads([{ id: 'a', at: base, text: '{"buyer":"x"}' }]);
  expect(history.forgetOrder('26A')).toBe(1);
  expect(history.event('a')?.payload).toBeUndefined();
});

test('in its own thread it answers, throws, and ends when it is told to', async () => {
  const client = new HistoryClient(join(dir, 'thread.db'));
  await client.call('append', [step('a', 'queued', 0)]);
  expect(await client.call('events', {}, { limit: 5 })).toMatchObject([{ id: 'a' }]);
  await expect(client.call('events', { code: Number.NaN }, { limit: Number.NaN })).rejects.toThrow(/datatype|bound/);
  await client.close();
  await expect(client.call('cursor')).rejects.toThrow(/ended/);
});
