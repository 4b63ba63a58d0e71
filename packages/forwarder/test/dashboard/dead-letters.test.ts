import { inject as provided, afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { buildKeys, Queue, type RedisConnection } from '@shopee-webhook/store';
import type { Forwarder } from '../../src/index.ts';
import { inject, orderPush, redisOf } from '../helpers.ts';
import { buildRig, get, logIn, post } from './rig.ts';

let forwarder: Forwarder;
let redis: RedisConnection;
let queue: Queue;
let cookie: string;
const soon = { timeout: 5_000, interval: 30 };
const evil = '<img src=x onerror=alert(1)>';

beforeAll(async () => {
  const rig = await buildRig(provided('redisPort'), { REDIS_ALLOW_UNSAFE: 'true' });
  ({ forwarder } = rig);
  await forwarder.start();
  cookie = await logIn(forwarder);
  redis = redisOf(provided('redisPort'));
  const keys = buildKeys(String(rig.env['REDIS_KEY_PREFIX']));
  queue = new Queue({ redis, keys: keys.webhooks, activityKey: keys.activity });
});

afterAll(async () => {
  await forwarder.stop();
  queue.close();
  redis.disconnect();
});

beforeEach(async () => {
  await decide('discard', { filter: {} });
  await redis.del(queue.keys.main);
});

/** Events that a worker gave up on; their ids. */
async function deadLetter(sns: string[], reason = 'order-not-found', error = 'no such order'): Promise<string[]> {
  for (const sn of sns) await inject(forwarder, orderPush(sn, 'READY_TO_SHIP', Date.now()));
  const deliveries = await queue.take('grave', { max: 100, blockMs: 1_000 });
  const outcome = { kind: 'dead-letter' as const, reason, error };
  await queue.settle(
    'grave',
    deliveries.map((delivery) => ({
      delivery,
      outcome,
      activity: [{ id: delivery.id, step: 'dead-lettered' as const, reason, error, attempt: 4 }],
    })),
  );
  return deliveries.map(({ id }) => id);
}

async function request<T>(url: string): Promise<T> {
  return (await get(forwarder, url, { cookie })).json<T>();
}

interface OperationResult {
  id: string;
  state: string;
  done: number;
  total: number;
  missing: number;
}

async function decide(what: 'replay' | 'discard', choice: Record<string, unknown>): Promise<OperationResult> {
  const begun = (await post(forwarder, `/api/dead-letters/${what}`, choice, { cookie })).json<OperationResult>();
  return vi.waitUntil(async () => {
    const task = await request<OperationResult>(`/api/tasks/${begun.id}`);
    return task.state === 'running' ? undefined : task;
  }, soon);
}

test('dead letters are listed by reason, with what each reason means', async () => {
  await deadLetter(['D1', 'D2']);
  await deadLetter(['D3'], 'handler-error', evil);
  const groups = await request<{ total: number; groups: { reason: string; description: string }[] }>(
    '/api/dead-letters/groups',
  );
  expect(groups).toMatchObject({
    total: 3,
    groups: [
      { reason: 'order-not-found', count: 2, codes: [3] },
      { reason: 'handler-error', count: 1, error: evil },
    ],
  });
  expect(groups.groups[0]?.description).toContain('does not know this order');
  const page = await request<{ total: number }>('/api/dead-letters?reason=handler-error');
  expect(page).toMatchObject({ total: 1, deadLetters: [{ sn: 'D3', error: evil, attempts: 1, replayable: true }] });
  expect(page).not.toHaveProperty('deadLetters.0.payload');
});

test('one dead letter shows its exact push', async () => {
  const [id] = await deadLetter(['D4']);
  const letter = await request<{ payload: string }>(`/api/dead-letters/${String(id)}`);
  expect(letter).toMatchObject({ id, sn: 'D4', metadata: { reason: 'order-not-found' }, history: [] });
  expect(letter.payload).toContain('"ordersn":"D4"');
  expect((await get(forwarder, '/api/dead-letters/none', { cookie })).statusCode).toBe(404);
});

test('what is replayed is requeued, with its event', async () => {
  const [first, second] = await deadLetter(['D5', 'D6', 'D7']);
  expect(await decide('replay', { ids: [first, 'gone'] })).toMatchObject({
    state: 'done',
    done: 1,
    total: 2,
    missing: 1,
  });
  expect(await redis.llen(queue.keys.main)).toBe(1);
  await vi.waitFor(async () => {
    const detail = await request<{ steps: { step: string }[] }>(`/api/events/${String(first)}`);
    expect(detail).toMatchObject({ event: { state: 'waiting' } });
    expect(detail.steps.map(({ step }) => step)).toContain('replayed');
  }, soon);
  expect(await decide('replay', { filter: { reason: 'order-not-found', code: 3 } })).toMatchObject({
    done: 2,
    total: 2,
  });
  expect(await request('/api/dead-letters')).toMatchObject({ total: 0 });
  expect(await request(`/api/dead-letters/${String(second)}`)).toMatchObject({ error: 'not_found' });
});

test('they can be exported and discarded', async () => {
  await deadLetter(['D8', 'D9']);
  const file = await get(forwarder, '/api/dead-letters/export?reason=order-not-found', { cookie });
  expect(file.headers['content-disposition']).toMatch(/^attachment; filename="dead-letters-\d{4}-\d\d-\d\d\.json"$/);
  expect(file.json<{ sn: string }[]>().map(({ sn }) => sn)).toEqual(['D9', 'D8']);
  expect((await get(forwarder, '/api/dead-letters/export?reason=none', { cookie })).json()).toEqual([]);
  expect(await decide('discard', { filter: {} })).toMatchObject({ state: 'done', done: 2 });
  expect(await request('/api/dead-letters')).toMatchObject({ total: 0 });
});

test('a dead event is reprocessed by its replay, a queued one is not', async () => {
  const [id] = await deadLetter(['D10']);
  await vi.waitFor(
    async () => expect(await request(`/api/events/${String(id)}`)).toMatchObject({ can: { process: true } }),
    soon,
  );
  expect((await post(forwarder, `/api/events/${String(id)}/process`, {}, { cookie })).json()).toEqual({ id });
  await vi.waitFor(
    async () => expect(await request(`/api/events/${String(id)}`)).toMatchObject({ event: { state: 'waiting' } }),
    soon,
  );
  expect((await post(forwarder, `/api/events/${String(id)}/process`, {}, { cookie })).json()).toMatchObject({
    error: 'already_queued',
  });
});

test('a handled event is processed again as the same event, and does not count as a push', async () => {
  await inject(forwarder, orderPush('D11', 'READY_TO_SHIP', Date.now()));
  const [delivery] = await queue.take('again', { max: 1, blockMs: 1_000 });
  if (delivery === undefined) throw new Error('nothing was taken');
  const { id } = delivery;
  await queue.settle('again', [{ delivery, outcome: { kind: 'ack' }, activity: [{ id, step: 'handled' }] }]);
  await vi.waitFor(
    async () =>
      expect(await request(`/api/events/${id}`)).toMatchObject({ event: { state: 'handled' }, can: { process: true } }),
    soon,
  );
  const before = await request<{ today: { received: number } }>('/api/overview');
  expect((await post(forwarder, `/api/events/${id}/process`, {}, { cookie })).json()).toEqual({ id });
  await vi.waitFor(
    async () =>
      expect(await request(`/api/events/${id}`)).toMatchObject({ event: { state: 'waiting' }, source: 'push' }),
    soon,
  );
  const [again] = await queue.take('again', { max: 1, blockMs: 1_000 });
  expect(again).toMatchObject({ id, metadata: { source: 'refresh' } });
  expect((await request<typeof before>('/api/overview')).today.received).toBe(before.today.received);
});

test('rejected pushes are shown with the keys that were tried, by name', async () => {
  await inject(forwarder, orderPush('FORGED'), { authorization: '0'.repeat(64), 'user-agent': evil });
  // Recorded after the response.
  await vi.waitFor(async () =>
    expect(await request('/api/rejected')).toMatchObject({
      rejected: [
        {
          reason: 'wrong-signature',
          keysTried: ['WEBHOOK_PARTNER_KEY number 1', 'PARTNER_KEY'],
          userAgent: evil,
          urlsTried: ['https://shop.example/webhook/shopee'],
        },
      ],
    }),
  );
});

test('a body that is too large is explained, and counts among Shopee’s pushes only with a signature', async () => {
  const last6h = async () => (await request<{ last6h: { rejected: number } }>('/api/rejected')).last6h.rejected;
  const before = await last6h();
  const body = ' '.repeat(1024 * 1024 + 1);
  await inject(forwarder, body, { authorization: '' });
  expect(await last6h()).toBe(before);
  await inject(forwarder, body);
  await vi.waitFor(async () => expect(await last6h()).toBe(before + 1));
  const { rejected } = await request<{ rejected: unknown[] }>('/api/rejected');
  expect(rejected[0]).toMatchObject({ status: 413, reason: 'too-large', detail: 'larger than 1 MiB: 1048577 bytes' });
});

test('none of it is done without a session', async () => {
  for (const url of ['/api/dead-letters/replay', '/api/dead-letters/discard', '/api/events/x/process']) {
    expect((await post(forwarder, url, { filter: {} })).statusCode).toBe(401);
  }
});
