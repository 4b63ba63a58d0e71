import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import type { StoredActivityEntry } from '@shopee-webhook/store';
import { History } from '../src/history/history.ts';
import { HistoryClient } from '../src/history/history-client.ts';
import { PushRecorder } from '../src/feed/push-recorder.ts';
import { environment, inject, orderPush, runForwarder } from '../../forwarder/test/helpers.ts';

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
  name: StoredActivityEntry['step'],
  seconds: number,
  more: Partial<StoredActivityEntry> = {},
): StoredActivityEntry {
  const at = base + seconds * 1_000;
  sequence += 1;
  return { id, step: name, at, entryId: `${at}-${sequence}`, ...more };
}

function received(id: string, text: string, ackMs = 2) {
  return {
    id,
    at: base,
    text,
    url: 'https://shop.example/webhook/shopee',
    signature: 'ab'.repeat(32),
    responseMs: ackMs,
  };
}

test('its files are readable by their owner only', () => {
  const modes = readdirSync(dir).map((name) => statSync(join(dir, name)).mode & 0o777);
  expect(modes).toEqual([0o600, 0o600, 0o600]);
});

test('an event goes through its states and stores each entry', () => {
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

test('a deferral for an unavailable upstream is no failure of its minute', () => {
  history.append([
    step('a', 'queued', 0, { code: 3 }),
    step('a', 'retried', 1, { attempt: 1, reason: 'outage shopee:7' }),
    step('a', 'retried', 2, { attempt: 1, reason: 'parked sheet:1abc' }),
    step('a', 'retried', 3, { attempt: 1, reason: 'order-not-found' }),
    step('a', 'retried', 4, { attempt: 2 }),
  ]);
  expect(history.minutes({ from: base, to: base + 60_000, bucketMinutes: 1 })).toMatchObject([{ failed: 2 }]);
});

test('entries read twice from the stream count once', () => {
  const steps = [step('a', 'queued', 0, { code: 3 }), step('a', 'handled', 1)];
  history.append(steps);
  history.append(steps);
  expect(history.minutes({ from: base, to: base + 60_000, bucketMinutes: 1 })).toMatchObject([
    { received: 1, handled: 1 },
  ]);
  expect(history.event('a')?.steps).toHaveLength(2);
});

test('the stream cursor survives a restart', () => {
  const last = step('a', 'queued', 0);
  history.append([last]);
  history.close();
  history = new History(join(dir, 'history.db'));
  expect(history.cursor()).toBe(last.entryId);
});

test('a search matches a prefix of order numbers and an id, newest first, with any filter', () => {
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

test('a search that is no order number matches words of the pushes, until they are erased', () => {
  history.append([step('a', 'queued', 0, { sn: '26A' }), step('b', 'queued', 1, { sn: '26B' })]);
  history.recordPushes([
    received('a', '{"data":{"tracking_no":"SPXMY01234","note":"Red Shirt, größe 4"}}'),
    received('b', '{"data":{"tracking_no":"SPXMY09999","note":"Red hat"}}'),
  ]);
  const ids = (search: string) => history.events({ search }, { limit: 10 }).map(({ id }) => id);
  expect(ids('SPXMY01234')).toEqual(['a']);
  expect(ids('spxmy')).toEqual(['b', 'a']);
  expect(ids('shirt red')).toEqual(['a']);
  expect(ids('größe')).toEqual(['a']);
  expect(ids('blue')).toEqual([]);
  expect(ids('" OR *')).toEqual([]);
  expect(history.histogram({ search: 'red' }, { from: base, to: base + 60_000, buckets: 1 })).toMatchObject([
    { count: 2 },
  ]);
  history.eraseOrder('26A');
  expect(ids('SPXMY01234')).toEqual([]);
});

test.each(['the push', 'its entry'])('a response time that both bring counts once, with %s first', (first) => {
  const push = () => history.recordPushes([received('a', '{}')]);
  const entry = () => history.append([step('a', 'queued', 0, { ms: 2 })]);
  for (const bring of first === 'the push' ? [push, entry] : [entry, push]) bring();
  using db = new DatabaseSync(join(dir, 'history.db'));
  expect(db.prepare('SELECT acked, ack_ms FROM minutes').all()).toEqual([{ acked: 1, ack_ms: '2' }]);
});

test('a page continues after the last one although new events arrived above', () => {
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
    { at: base, count: 1, deadLettered: 0 },
    { at: base + 60_000, count: 1, deadLettered: 1 },
  ];
  expect(history.histogram({}, span)).toEqual(expected);
  expect(history.histogram({ code: 3 }, span)).toEqual(expected);
});

test('a search that matches very many orders is counted by the hour, with the same result', () => {
  const hour = 3_600_000;
  const from = Math.floor(base / hour) * hour;
  const many = 25_000;
  using db = new DatabaseSync(join(dir, 'history.db'));
  db.prepare(
    `WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < ?)
     INSERT INTO events (id, at, code, sn, state, last_at)
     SELECT 'e' || i, ? + i * 1000, 3, printf('2611%02dX%05d', i % 20, i), iif(i % 1000 = 7, 'dead', 'handled'), 0 FROM n`,
  ).run(many - 1, from);
  // An order's number may come with a later step than the first.
  history.append([step('late', 'queued', 0), step('late', 'taken', 1, { sn: '261105LATE' })]);

  const span = { from, to: from + 10 * hour, buckets: 10 };
  const byHour = history.histogram({ search: '26' }, span);
  expect(byHour).toHaveLength(7);
  expect(byHour.slice(0, 2)).toEqual([
    { at: from, count: 3_601, deadLettered: 4 },
    { at: from + hour, count: 3_600, deadLettered: 4 },
  ]);
  expect(byHour).toEqual(history.histogram({ search: '26', from: 0 }, span));
  expect(history.histogram({ search: '261105' }, span).reduce((sum, { count }) => sum + count, 0)).toBe(many / 20 + 1);
  expect(history.events({ search: '26' }, { limit: 2 }).map(({ id }) => id)).toEqual(['e24999', 'e24998']);

  while (history.prune(from + hour) > 0);
  expect(history.histogram({ search: '26' }, span)).toEqual(byHour.slice(1));
});

test('minutes give percentiles of the durations and the mean of the gauges', () => {
  const queued = Array.from({ length: 20 }, (_, index) => step(`e${index}`, 'queued', index / 10, { ms: index + 1 }));
  history.append(queued);
  history.recordGauges(base, { depth: 4 });
  history.recordGauges(base + 60_000, { depth: 8 });
  expect(history.minutes({ from: base, to: base + 120_000, bucketMinutes: 2 })).toMatchObject([
    { at: base, received: 20, ackP50: 11, ackP95: 20, gauges: { depth: 6 } },
  ]);
});

test('expired events are pruned with their activity and payload', () => {
  history.append([step('old', 'queued', 0, { sn: '1' }), step('new', 'queued', 600)]);
  history.recordPushes([received('old', '{}')]);
  expect(history.event('old')?.push?.text).toBe('{}');
  expect(history.prune(base + 300_000)).toBe(1);
  expect(history.event('old')).toBeUndefined();
  expect(history.event('new')?.event.id).toBe('new');
});

test('the payloads of an order can be erased', () => {
  history.append([step('a', 'queued', 0, { sn: '26A' })]);
  history.recordPushes([received('a', '{"buyer":"x"}')]);
  expect(history.eraseOrder('26A')).toBe(1);
  expect(history.event('a')?.push).toBeUndefined();
});

test('its thread responds, throws and exits', async () => {
  const client = new HistoryClient(join(dir, 'thread.db'));
  await client.call('append', [step('a', 'queued', 0)]);
  expect(await client.call('events', {}, { limit: 5 })).toMatchObject([{ id: 'a' }]);
  const pushes = new PushRecorder(client);
  const texts = ['{"n":"ชื่อ\\n"}', '{\r\n "a": 1 }'];
  for (const [index, text] of texts.entries()) pushes.record(received(`p${String(index)}`, text));
  await pushes.flush();
  await client.call('append', [step('p0', 'queued', 0), step('p1', 'queued', 0)]);
  expect((await client.call('event', 'p0'))?.push).toEqual(received('p0', texts[0] ?? ''));
  expect((await client.call('event', 'p1'))?.push?.text).toBe(texts[1]);
  await expect(client.call('events', { code: Number.NaN }, { limit: Number.NaN })).rejects.toThrow(/datatype|bound/);
  await client.close();
  await expect(client.call('cursor')).rejects.toThrow(/exited/);
});

describe('a file that cannot be opened', () => {
  const garbage = 'garbage'.repeat(1_000);
  const startedAt = 1_788_220_800_000;
  let now: number;
  let client: HistoryClient;

  beforeEach(() => {
    now = startedAt;
    client = new HistoryClient(join(dir, 'thread.db'), { now: () => now });
  });

  afterEach(() => client.close());

  const names = () => readdirSync(dir).filter((name) => name.startsWith('thread.db.corrupt'));

  test('is quarantined with its WAL when it is corrupt', async () => {
    writeFileSync(join(dir, 'thread.db'), garbage);
    writeFileSync(join(dir, 'thread.db-wal'), 'log');
    expect(await client.call('cursor')).toBe('0');
    expect(client.error).toBeUndefined();
    expect(names()).toEqual(['thread.db.corrupt', 'thread.db.corrupt-wal']);
    expect(readFileSync(join(dir, 'thread.db.corrupt'), 'utf8')).toBe(garbage);
    expect(readFileSync(join(dir, 'thread.db.corrupt-wal'), 'utf8')).toBe('log');
  });

  test('is quarantined when the corruption shows later, and replaced', async () => {
    const before = new HistoryClient(join(dir, 'thread.db'));
    const many = Array.from({ length: 500 }, (_, number) => step(`e${String(number)}`, 'queued', number));
    await before.call('append', many);
    await before.close();
    const bytes = readFileSync(join(dir, 'thread.db'));
    // The second half: the newest events, but not what opening reads.
    writeFileSync(join(dir, 'thread.db'), bytes.fill(0xab, Math.floor(bytes.length / 8_192) * 4_096));
    await expect(client.call('events', {}, { limit: 5 })).rejects.toThrow('malformed');
    await expect.poll(() => client.error).toContain('malformed');
    expect(names()).toContain('thread.db.corrupt');
    now += 10_000;
    await client.call('append', [step('new', 'queued', 0)]);
    expect(await client.call('events', {}, { limit: 5 })).toMatchObject([{ id: 'new' }]);
    expect(client.error).toBeUndefined();
  });

  test('stays in place while another process locks it, and works afterwards', async () => {
    const before = new HistoryClient(join(dir, 'thread.db'));
    await before.call('append', [step('a', 'queued', 0)]);
    await before.close();
    const other = new DatabaseSync(join(dir, 'thread.db'));
    other.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE');
    await expect(client.call('cursor')).rejects.toThrow('locked');
    expect(client.error).toContain('locked');
    expect(names()).toEqual([]);
    other.close();
    // Not at every call: a thread is costly to begin.
    await expect(client.call('cursor')).rejects.toThrow('locked');
    now += 10_000;
    expect(await client.call('events', {}, { limit: 5 })).toMatchObject([{ id: 'a' }]);
    expect(client.error).toBeUndefined();
  });

  test('shows at /health, and blocks no push', async () => {
    const env = environment(undefined);
    mkdirSync(join(env['DATA_DIR'] ?? '', 'history.db'), { recursive: true });
    const { forwarder } = await runForwarder(env);
    onTestFinished(() => forwarder.stop());
    expect((await inject(forwarder, orderPush('A'))).statusCode).toBe(200);
    await expect
      .poll(async () => (await forwarder.app.inject('/health')).json<object>())
      .toMatchObject({ status: 'ok', checks: { history: { status: 'warning' } } });
    expect((await forwarder.app.inject('/health')).statusCode).toBe(200);
  });
});

test('the response time is known whichever arrives first, the push or its entry', () => {
  history.recordPushes([received('early', '{}', 3)]);
  history.append([step('early', 'queued', 0), step('late', 'queued', 0)]);
  history.recordPushes([received('late', '{}', 5)]);
  history.recordPushes([received('late', '{}', 50)]);
  expect(history.event('early')?.event.ack_ms).toBe(3);
  expect(history.event('late')?.event.ack_ms).toBe(5);
  const [minute] = history.minutes({ from: base, to: base + 60_000, bucketMinutes: 1 });
  expect(minute).toMatchObject({ received: 2, ackP50: 5 });
});

test('a spooled entry counts once when the stream delivers it again', () => {
  const { entryId: _, ...spooled } = step('a', 'spooled', 0, { code: 3, sn: '26A' });
  history.appendLocal([{ seq: 1, step: spooled }]);
  history.append([{ ...spooled, entryId: '1-1' }]);
  history.appendLocal([{ seq: 1, step: spooled }]);
  expect(history.event('a')?.steps).toHaveLength(1);
  expect(history.minutes({ from: base, to: base + 60_000, bucketMinutes: 1 })).toMatchObject([{ received: 1 }]);
  expect(history.cursor()).toBe('1-1');
});

test('an event that went through the spool counts as received once, whichever entry is read first', () => {
  const { entryId: _, ...spooled } = step('a', 'spooled', 0, { code: 3, sn: '26A' });
  const queued = step('a', 'queued', 130, { code: 3, sn: '26A', ms: 1 });
  const other = [step('b', 'queued', 140, { code: 3 }), step('b', 'spooled', 0, { code: 3 })];
  history.appendLocal([{ seq: 1, step: spooled }]);
  history.append([{ ...spooled, entryId: '1-1' }, queued]);
  history.append([{ ...spooled, entryId: '1-1' }, queued, ...other]);
  expect(history.event('a')?.steps.map(({ step: name }) => name)).toEqual(['spooled', 'queued']);
  const span = { from: base, to: base + 180_000, buckets: 3 };
  const counts = [
    { at: base, count: 1, deadLettered: 0 },
    { at: base + 120_000, count: 1, deadLettered: 0 },
  ];
  expect(history.histogram({}, span)).toEqual(counts);
  expect(history.histogram({ code: 3 }, span)).toEqual(counts);
});

test('an entry that arrives before the queued one does not hide that the push was received', () => {
  history.append([step('a', 'taken', 1), step('a', 'queued', 0), step('a', 'replayed', 2), step('a', 'spooled', 3)]);
  expect(history.minutes({ from: base, to: base + 60_000, bucketMinutes: 1 })).toMatchObject([{ received: 1 }]);
});

test('a muted notification sets no reason on the event', () => {
  history.append([step('a', 'queued', 0), step('a', 'handled', 1), step('a', 'notified', 2, { reason: 'muted' })]);
  expect(history.event('a')?.event).toMatchObject({ state: 'handled', reason: null });
});

test("the day's sales use each order's latest state", () => {
  const order = { shop: '7', region: 'ID', currency: 'IDR', placed: base };
  history.append([
    step('a', 'handled', 1, { ...order, sn: 'A', status: 'UNPAID', total: 100 }),
    step('b', 'handled', 2, { ...order, sn: 'A', status: 'READY_TO_SHIP', total: 100, net: 80 }),
    step('c', 'handled', 3, { ...order, sn: 'B', status: 'SHIPPED', total: 50 }),
    step('d', 'handled', 4, { ...order, sn: 'C', status: 'CANCELLED', total: 999, net: 1 }),
    step('e', 'handled', 5, { ...order, sn: 'D', status: 'SHIPPED', total: 7, placed: base - 1 }),
  ]);
  expect(history.regions(base)).toEqual(['ID']);
  expect(history.sales('ID', base)).toEqual([
    { currency: 'IDR', orders: 3, cancelled: 1, gross: 150, net: 80, netOrders: 1 },
  ]);
});
