import { join } from 'node:path';
import { inject as provided, afterAll, beforeAll, expect, test, vi } from 'vitest';
import { ActivityLog, buildKeys, TokenStore, type RedisConnection } from '@shopee-webhook/store';
import { HistoryClient } from '../../../history/src/history/history-client.ts';
import type { Forwarder } from '../../src/index.ts';
import { callbackUrl, inject, orderPush, redisOf, sign, startWorker } from '../helpers.ts';
import { buildRig, get, logIn } from './rig.ts';

let forwarder: Forwarder;
let redis: RedisConnection;
let activity: ActivityLog;
let cookie: string;
const ids: string[] = [];
const soon = { timeout: 5_000, interval: 30 };

beforeAll(async () => {
  const rig = await buildRig(provided('redisPort'), { REDIS_ALLOW_UNSAFE: 'true' });
  ({ forwarder } = rig);
  await forwarder.start();
  cookie = await logIn(forwarder);
  redis = redisOf(provided('redisPort'));
  activity = new ActivityLog({ redis, keys: buildKeys(String(rig.env['REDIS_KEY_PREFIX'])) });
  for (const sn of ['2609010A', '2609010B', '2609010C']) await inject(forwarder, orderPush(sn));
  await vi.waitUntil(async () => (await events()).events.length === 3, soon);
  for (const { id } of (await events()).events) ids.unshift(id);
});

afterAll(async () => {
  await forwarder.stop();
  redis.disconnect();
});

interface Page {
  events: { id: string; seq: number; sn: string; state: string; title: string; responseMs: number | null }[];
  next: number | null;
}

async function events(query = ''): Promise<Page> {
  const response = await get(forwarder, `/api/events${query}`, { cookie });
  return response.json();
}

test('without a session nothing is shown', async () => {
  for (const url of ['/api/overview', '/api/charts', '/api/events', `/api/events/${String(ids[0])}`, '/api/live']) {
    const response = await get(forwarder, url);
    expect(response.statusCode).toBe(401);
    expect(response.json()).toMatchObject({ error: 'login_required' });
  }
});

test('what holds no personal data is open', async () => {
  for (const url of ['/queue/stats', '/health', '/metrics']) {
    expect((await get(forwarder, url)).statusCode).toBe(200);
  }
});

test('accepted pushes are events, newest first, page by page', async () => {
  const all = await events();
  expect(all.events.map(({ sn }) => sn)).toEqual(['2609010C', '2609010B', '2609010A']);
  expect(all.events[0]).toMatchObject({ state: 'waiting', title: 'Order status' });
  const first = await events('?limit=2');
  expect(first.events).toHaveLength(2);
  const second = await events(`?limit=2&before=${String(first.next)}`);
  expect(second.events.map(({ sn }) => sn)).toEqual(['2609010A']);
  expect(second.next).toBeNull();
});

test('events are found by order, code, shop and state', async () => {
  expect((await events('?search=2609010B')).events).toHaveLength(1);
  expect((await events('?search=26090')).events).toHaveLength(3);
  expect((await events('?search=')).events).toHaveLength(3);
  expect((await events('?code=3&shop=700000001&state=waiting')).events).toHaveLength(3);
  expect((await events('?code=4')).events).toHaveLength(0);
  expect((await get(forwarder, '/api/events?state=lost', { cookie })).statusCode).toBe(400);
});

test('the histogram has no gaps and counts them all', async () => {
  const to = Date.now() + 60_000;
  const url = `/api/events/histogram?from=${String(to - 3_600_000)}&to=${String(to)}&buckets=60`;
  const histogram = (await get(forwarder, url, { cookie })).json<{ total: number; buckets: unknown[] }>();
  expect(histogram.total).toBe(3);
  expect(histogram.buckets).toHaveLength(60);
});

test('an event shows its steps, its exact push, and whose signature it has', async () => {
  const [id] = ids;
  await vi.waitFor(async () => {
    const response = await get(forwarder, `/api/events/${String(id)}`, { cookie });
    expect(response.json()).toMatchObject({
      event: { id, sn: '2609010A' },
      steps: [{ step: 'queued' }],
      payload: orderPush('2609010A'),
      signature: { result: 'match', url: callbackUrl, keyNumber: 1, signature: sign(orderPush('2609010A')) },
      can: { process: false, dryRun: true },
    });
    expect(response.json<{ event: { responseMs: number } }>().event.responseMs).toBeGreaterThan(0);
  }, soon);
  expect((await get(forwarder, '/api/events/none', { cookie })).statusCode).toBe(404);
});

test('the overview and the charts count what came', async () => {
  await activity.append([{ id: String(ids[0]), step: 'handled', at: Date.now(), ms: 20 }]);
  await vi.waitFor(async () => {
    const overview = await get(forwarder, '/api/overview', { cookie });
    expect(overview.statusCode).toBe(200);
    expect(overview.json()).toMatchObject({
      headline: { level: 'failing', text: expect.stringContaining('The worker is unreachable') as string },
      today: { received: 3, handled: 1 },
      queue: { queue: { depth: 3 } },
    });
  }, soon);
  for (const range of ['1h', '24h', '7d']) {
    const charts = (await get(forwarder, `/api/charts?range=${range}`, { cookie })).json<{
      buckets: { received: number; complete: boolean }[];
    }>();
    expect(charts.buckets.reduce((sum, { received }) => sum + received, 0)).toBe(3);
    expect(charts.buckets.filter(({ complete }) => !complete)).toHaveLength(1);
  }
});

test('an installation without its worker is set up as long as it ever wrote an order', async () => {
  const rig = await buildRig(undefined);
  await new TokenStore({ keys: buildKeys('unused'), dataDir: String(rig.env['DATA_DIR']) }).seedFromEnv({
    shopId: '700000001',
    accessToken: 'access',
    refreshToken: 'refresh',
  });
  await rig.forwarder.start();
  const own = await logIn(rig.forwarder);
  await inject(rig.forwarder, orderPush('DISK1'));
  const setupDone = async () => {
    const overview = await get(rig.forwarder, '/api/overview', { cookie: own });
    return overview.json<{ setupDone: boolean }>().setupDone;
  };
  expect(await setupDone()).toBe(false);
  const history = new HistoryClient(join(String(rig.env['DATA_DIR']), 'history.db'));
  const order = { shop: '700000001', sn: 'DISK1', placed: Date.now() };
  await history.call('appendLocal', [{ seq: 1_000, step: { id: 'x', step: 'handled', at: Date.now(), ...order } }]);
  await history.close();
  await vi.waitFor(async () => expect(await setupDone()).toBe(true), soon);
  const setup = (await get(rig.forwarder, '/api/setup', { cookie: own })).json<{ steps: unknown[] }>();
  expect(setup.steps).toContainEqual(expect.objectContaining({ id: 'sheet', state: 'done' }));
  await rig.forwarder.stop();
});

test('without Redis an event has the steps that the worker went through', async () => {
  const worker = await startWorker(({ id }) => ({
    status: 200,
    body: {
      outcome: 'handled',
      steps: ['taken', 'fetched', 'written', 'handled'].map((step, at) => ({
        id,
        step,
        at: Date.now() + at,
        code: 3,
        shop: '700000001',
        sn: 'DISK1',
        ...(step === 'written' ? { row: 7 } : {}),
      })),
    },
  }));
  const rig = await buildRig(undefined, { FORWARD_WEBHOOK_URL: worker.url });
  await rig.forwarder.start();
  const own = await logIn(rig.forwarder);
  await inject(rig.forwarder, orderPush('DISK1'));
  await vi.waitFor(async () => {
    const page = (await get(rig.forwarder, '/api/events?search=DISK1', { cookie: own })).json<Page>();
    expect(page.events).toMatchObject([{ sn: 'DISK1', state: 'handled', row: 7, attempts: 1 }]);
    const detail = await get(rig.forwarder, `/api/events/${String(page.events[0]?.id)}`, { cookie: own });
    expect(detail.json<{ steps: { step: string }[] }>().steps.map(({ step }) => step)).toEqual([
      'spooled',
      'taken',
      'fetched',
      'written',
      'handled',
    ]);
  }, soon);
  await rig.forwarder.stop();
  await worker.close();
});
