import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { inject as provided, afterAll, beforeAll, expect, test, vi } from 'vitest';
import { ActivityLog, connectRedis, buildKeys } from '@shopee-webhook/store';
import type { Overview } from '../../../contracts/src/dashboard-api.ts';
import { SseBroadcaster } from '../../src/dashboard/live/sse-broadcaster.ts';
import { LiveFeed } from '../../../history/src/feed/live-feed.ts';
import { createForwarder, loadConfig, type Forwarder } from '../../src/index.ts';
import { createTempDir, inject, orderPush, testLog } from '../helpers.ts';
import { buildRig, logIn, post, smallApp } from './rig.ts';

let forwarder: Forwarder;
let env: Record<string, string>;
let cookie: string;
const soon = { timeout: 5_000, interval: 20 };

beforeAll(async () => {
  ({ forwarder, env } = await buildRig(provided('redisPort'), { REDIS_ALLOW_UNSAFE: 'true' }));
  await forwarder.start();
  cookie = await logIn(forwarder);
});

afterAll(() => forwarder.stop());

interface Message {
  id?: string;
  event: string;
  data: { steps?: { sn: string; step: string }[] };
}

/** A browser's EventSource, without its reconnecting. */
async function watch(from: { url: string }, lastEventId?: string, cookieOf = cookie) {
  const stop = new AbortController();
  const response = await fetch(`${from.url}/api/live`, {
    headers: { cookie: cookieOf, ...(lastEventId === undefined ? {} : { 'last-event-id': lastEventId }) },
    signal: stop.signal,
  });
  const messages: Message[] = [];
  const state = { ended: false };
  const read = async () => {
    let text = '';
    for await (const chunk of response.body ?? []) {
      text += Buffer.from(chunk as Uint8Array).toString();
      const parts = text.split('\n\n');
      text = parts.pop() ?? '';
      for (const part of parts) if (part.includes('data:')) messages.push(parse(part));
    }
  };
  void read()
    .catch(() => undefined)
    .finally(() => (state.ended = true));
  const sns = () => messages.flatMap(({ data }) => data.steps ?? []).map(({ sn }) => sn);
  const lastId = () => messages.findLast(({ id }) => id !== undefined)?.id;
  return { response, messages, state, sns, lastId, close: () => stop.abort() };
}

function parse(part: string): Message {
  const field = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(part)?.[1];
  const id = field('id');
  const message = { event: field('event') ?? '', data: JSON.parse(field('data') ?? '{}') as Message['data'] };
  return id === undefined ? message : { id, ...message };
}

test('an event is shown within a second, and a browser that comes back misses none', async () => {
  const first = await watch(forwarder);
  expect(first.response.headers.get('content-type')).toMatch(/^text\/event-stream/);
  await vi.waitFor(() => expect(first.messages.some(({ event }) => event === 'pulse')).toBe(true), soon);
  const sentAt = Date.now();
  await inject(forwarder, orderPush('LIVE1'));
  await vi.waitFor(() => expect(first.sns()).toContain('LIVE1'), soon);
  expect(Date.now() - sentAt).toBeLessThan(1_000);
  const lastId = first.lastId();
  first.close();

  for (const sn of ['LIVE2', 'LIVE3']) await inject(forwarder, orderPush(sn));
  const second = await watch(forwarder, lastId);
  await vi.waitFor(() => expect(second.sns()).toEqual(['LIVE2', 'LIVE3']), soon);
  second.close();
});

test('after a restart of the forwarder the stream goes on where it was lost', async () => {
  const own = { ...env, DATA_DIR: createTempDir(), LOG_DIR: createTempDir() };
  const build = () => createForwarder(loadConfig(own), { logger: testLog().logger, dashboardApp: smallApp() });
  const once = await build();
  await once.start();
  const ownCookie = await logIn(once);
  const before = await watch(once, undefined, ownCookie);
  await inject(once, orderPush('RESTART1'));
  await vi.waitFor(() => expect(before.sns()).toContain('RESTART1'), soon);
  const lastId = before.lastId();
  await once.stop();
  await vi.waitFor(() => expect(before.state.ended).toBe(true), soon);

  await inject(forwarder, orderPush('RESTART2'));
  const again = await build();
  await again.start();
  const after = await watch(again, lastId, ownCookie);
  await vi.waitFor(() => expect(after.sns()).toContain('RESTART2'), soon);
  expect(after.sns()).not.toContain('RESTART1');
  after.close();
  await again.stop();
});

test('what a browser was sent of a restart is not sent again when the history comes to it', async () => {
  const redis = connectRedis({ host: '127.0.0.1', port: provided('redisPort') });
  const activity = new ActivityLog({ redis, keys: buildKeys(env['REDIS_KEY_PREFIX'] ?? '') });
  const feed = new LiveFeed();
  const overview = async () =>
    (await (await fetch(`${forwarder.url}/api/overview`, { headers: { cookie } })).json()) as Overview;
  const parts = { feed, redis: { activity, isAvailable: () => true }, overview, logger: testLog().logger };
  const live = new SseBroadcaster(parts);
  const server = createServer((request, response) =>
    live.add(response, { lastEventId: String(request.headers['last-event-id']), isAllowed: () => true }),
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;

  const step = { step: 'handled', code: 3, shop: '1', at: Date.now() } as const;
  await activity.append([{ ...step, id: 'a', sn: 'LATE0' }]);
  const [last] = (await activity.read({ after: '0-0', count: 10_000 })).slice(-1);
  await activity.append([1, 2].map((number) => ({ ...step, id: `a${String(number)}`, sn: `LATE${String(number)}` })));
  const watcher = await watch({ url: `http://127.0.0.1:${String(port)}` }, last?.entryId);
  await vi.waitFor(() => expect(watcher.sns()).toEqual(['LATE1', 'LATE2']), soon);
  // The history of the process that has just started reads on only now, from before where the browser was.
  await activity.append([{ ...step, id: 'a3', sn: 'LATE3' }]);
  const read = await activity.readText({ after: '0', count: 10_000, blockMs: 0 });
  feed.publishStream(read?.text ?? '', read?.lastEntryId ?? '');
  await vi.waitFor(() => expect(watcher.sns()).toContain('LATE3'), soon);
  expect(watcher.sns()).toEqual(['LATE1', 'LATE2', 'LATE3']);
  watcher.close();
  live.close();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await redis.quit();
});

test('a place in the stream that is not known any more makes the browser ask for everything', async () => {
  const watcher = await watch(forwarder, 'nonsense');
  await vi.waitFor(() => expect(watcher.messages[0]?.event).toBe('reset'), soon);
  watcher.close();
});

test('a logged-out session gets no new stream', async () => {
  const own = await logIn(forwarder);
  await post(forwarder, '/api/logout', {}, { cookie: own });
  const rejected = await fetch(`${forwarder.url}/api/live`, { headers: { cookie: own } });
  expect(rejected.status).toBe(401);
  await rejected.arrayBuffer();
});

test('without Redis events are shown all the same', async () => {
  const rig = await buildRig(undefined);
  await rig.forwarder.start();
  const watcher = await watch(rig.forwarder, undefined, await logIn(rig.forwarder));
  await inject(rig.forwarder, orderPush('NOREDIS1'));
  await vi.waitFor(() => expect(watcher.sns()).toEqual(['NOREDIS1']), soon);
  const lastId = watcher.lastId();
  watcher.close();
  await inject(rig.forwarder, orderPush('NOREDIS2'));
  const second = await watch(rig.forwarder, lastId, await logIn(rig.forwarder));
  await vi.waitFor(() => expect(second.sns()).toEqual(['NOREDIS2']), soon);
  second.close();
  await rig.forwarder.stop();
});
