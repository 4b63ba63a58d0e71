import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ActivityLog, QueueInspector } from '@shopee-webhook/store';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { createTelegram, sandboxChatId } from '../../sandbox/src/telegram/telegram.ts';
import { freePort, startRedis, type RedisServer } from '../../sandbox/src/processes/redis-server.ts';
import {
  environment,
  createTempDir,
  handled,
  handledWith,
  inject,
  orderPush,
  redisOf,
  runForwarder,
  spoolDepth,
  startWorker,
  type Received,
  type TestForwarder,
} from './helpers.ts';

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.toReversed()) await close();
  closing.length = 0;
});

async function worker(response: Parameters<typeof startWorker>[0]) {
  const started = await startWorker(response);
  closing.push(() => started.close());
  return started;
}

async function forwarder(env: Record<string, string>): Promise<TestForwarder> {
  const parts = await runForwarder(env);
  closing.push(() => parts.forwarder.stop());
  return parts;
}

async function redisServer(options: { dir: string; port?: number }): Promise<RedisServer> {
  const server = await startRedis(options);
  closing.push(() => server.close());
  return server;
}

const emptied = (parts: TestForwarder, timeout = 30_000) =>
  vi.waitFor(() => expect(spoolDepth(parts)).toBe(0), { timeout, interval: 50 });

const ordersOf = (received: Received[]) => received.map(({ payload }) => payload.data.ordersn);

describe('REDIS_ENABLED=false', { timeout: 90_000 }, () => {
  test('each event goes to the worker once, signed, with its payload letter by letter', async () => {
    const upstream = await worker(handledWith);
    const parts = await forwarder(environment(undefined, { FORWARD_WEBHOOK_URL: upstream.url }));
    for (let number = 0; number < 30; number += 1) {
      expect((await inject(parts.forwarder, orderPush(`ORDER${String(number)}`))).statusCode).toBe(200);
      expect((await inject(parts.forwarder, orderPush(`ORDER${String(number)}`))).statusCode).toBe(200);
    }
    await emptied(parts);
    expect(ordersOf(upstream.received).toSorted()).toEqual(
      Array.from({ length: 30 }, (_, n) => `ORDER${String(n)}`).toSorted(),
    );
    expect(upstream.state.unsigned).toBe(0);
    expect(upstream.received[0]).toMatchObject({
      payload: JSON.parse(orderPush('ORDER0')) as object,
      metadata: { source: 'push', retry_count: 0 },
    });
    await vi.waitFor(async () => {
      expect((await parts.forwarder.app.inject('/queue/stats')).json()).toMatchObject({
        redis: { enabled: false, connected: false },
        circuitBreaker: null,
        totals: { received: 60, duplicates: 30, processed: 30, fallback: 30 },
      });
    }, 10_000);
    expect((await parts.forwarder.app.inject('/health')).statusCode).toBe(200);
  });

  test('a restart of the forwarder loses nothing and repeats nothing', async () => {
    const upstream = await worker(() => ({ status: 500, body: {} }));
    const env = environment(undefined, { FORWARD_WEBHOOK_URL: upstream.url });
    const first = await runForwarder(env);
    for (const sn of ['A', 'B', 'C']) await inject(first.forwarder, orderPush(sn));
    await first.forwarder.stop();
    upstream.state.respond = () => handled;
    upstream.received.length = 0;
    const second = await forwarder(env);
    expect((await inject(second.forwarder, orderPush('B'))).statusCode).toBe(200);
    await emptied(second);
    expect(ordersOf(upstream.received).toSorted()).toEqual(['A', 'B', 'C']);
  });
});

describe('what the worker answers', { timeout: 90_000 }, () => {
  test('retry: the event waits as long as was asked, and the others go on', async () => {
    const upstream = await worker(({ payload }, times) =>
      payload.data.ordersn === 'LATER' && times === 1
        ? { status: 503, body: { outcome: 'retry', reason: 'rate-limited', retryAfterMs: 1_500 } }
        : handled,
    );
    const parts = await forwarder(environment(undefined, { FORWARD_WEBHOOK_URL: upstream.url }));
    const startedAt = Date.now();
    for (const sn of ['LATER', 'A', 'B']) await inject(parts.forwarder, orderPush(sn));
    await vi.waitFor(() => expect(ordersOf(upstream.received)).toEqual(expect.arrayContaining(['A', 'B'])), 10_000);
    expect(Date.now() - startedAt).toBeLessThan(1_400);
    await emptied(parts);
    expect(ordersOf(upstream.received).filter((sn) => sn === 'LATER')).toHaveLength(2);
    expect(Date.now() - startedAt).toBeGreaterThanOrEqual(1_500);
  });

  test('failures that count are reported to the worker, which gives up when there were enough', async () => {
    const upstream = await worker(({ metadata }) => {
      if (Number(metadata['retry_count']) >= 2)
        return { status: 422, body: { outcome: 'dead-letter', reason: 'x', error: 'y' } };
      return { status: 503, body: { outcome: 'retry', reason: 'x', retryAfterMs: 10, countsAsFailure: true } };
    });
    const parts = await forwarder(environment(undefined, { FORWARD_WEBHOOK_URL: upstream.url }));
    await inject(parts.forwarder, orderPush('A'));
    await emptied(parts);
    expect(upstream.received.map(({ metadata }) => metadata['retry_count'])).toEqual([0, 1, 2]);
  });

  test('events of one order go one after the other, in order', async () => {
    const upstream = await worker(({ payload }, times) =>
      payload.data.ordersn === 'A' && times === 1
        ? { status: 503, body: { outcome: 'retry', reason: 'x', retryAfterMs: 200 } }
        : handled,
    );
    const parts = await forwarder(environment(undefined, { FORWARD_WEBHOOK_URL: upstream.url }));
    const statuses = ['UNPAID', 'READY_TO_SHIP', 'PROCESSED', 'SHIPPED'];
    for (const status of statuses) await inject(parts.forwarder, orderPush('A', status));
    await emptied(parts);
    const seen = upstream.received.map(({ payload }) => (payload.data as { status?: string }).status);
    expect(seen.filter((_, index) => index % 2 === 1)).toEqual(statuses);
  });

  test('dead letter: it leaves the line, is kept, and moves to Redis once that is there', async () => {
    const port = await freePort();
    const upstream = await worker(() => ({
      status: 422,
      body: { outcome: 'dead-letter', reason: 'bad-data', error: 'no order' },
    }));
    const parts = await forwarder(environment(port, { FORWARD_WEBHOOK_URL: upstream.url }));
    await inject(parts.forwarder, orderPush('BAD'));
    await emptied(parts);
    const server = await redisServer({ dir: createTempDir(), port });
    const redis = redisOf(server.port);
    closing.push(async () => redis.disconnect());
    const inspector = new QueueInspector({ redis, keys: parts.keys.webhooks });
    await vi.waitFor(async () => expect((await inspector.listDeadLetters()).total).toBe(1), { timeout: 30_000 });
    const { deadLetters } = await inspector.listDeadLetters();
    expect(deadLetters[0]).toMatchObject({
      reason: 'bad-data',
      error: 'no order',
      attempts: 1,
      code: 3,
      payloadText: orderPush('BAD'),
    });
    const totals = { received: 1, deadLettered: 1, failed: 1 };
    await vi.waitFor(async () => {
      const stats = (await parts.forwarder.app.inject('/queue/stats')).json();
      expect(stats).toMatchObject({ totals, queue: { deadLetter: 1 }, spool: { deadLetter: 0 } });
    }, 10_000);
    expect(await inspector.replayDeadLetters({ filter: {} })).toMatchObject({ replayed: 1 });
  });

  test('a crash each time: what crashes the worker becomes a dead letter, and what was in flight with it does not', async () => {
    const state = { poisoned: true };
    const upstream = await worker(({ payload }) => {
      if (payload.data.ordersn === 'POISON') return 'crash';
      // Those that come together with it are in flight when the worker ends.
      return state.poisoned ? 'hang' : handled;
    });
    const parts = await forwarder(environment(undefined, { FORWARD_WEBHOOK_URL: upstream.url }));
    for (const sn of ['A', 'B', 'POISON', 'C']) await inject(parts.forwarder, orderPush(sn));
    const twice = () => upstream.received.filter(({ payload }) => payload.data.ordersn === 'POISON').length === 2;
    await vi.waitFor(() => expect(twice()).toBe(true), { timeout: 30_000 });
    state.poisoned = false;
    await emptied(parts, 60_000);
    expect(ordersOf(upstream.received).slice(-4)).toEqual(['A', 'B', 'POISON', 'C']);
    const stats = (await parts.forwarder.app.inject('/queue/stats')).json();
    expect(stats).toMatchObject({ spool: { deadLetter: 1 }, totals: { received: 4, processed: 3, deadLettered: 1 } });
    const given = parts.log.lines.filter(({ msg }) => msg === 'event dead-lettered');
    expect(given).toMatchObject([{ reason: 'crash-loop' }]);
  });

  test.each([
    ['401', { status: 401, body: {} }],
    ['500', { status: 500, body: {} }],
    ['200 of something that is no worker', { status: 200, body: { ok: true } }],
    ['404', { status: 404, body: {} }],
  ])('%s: the event stays', async (_, response) => {
    const upstream = await worker(() => response);
    const parts = await forwarder(environment(undefined, { FORWARD_WEBHOOK_URL: upstream.url }));
    await inject(parts.forwarder, orderPush('A'));
    await vi.waitFor(() => expect(upstream.received.length).toBeGreaterThanOrEqual(1), 10_000);
    expect(spoolDepth(parts)).toBe(1);
  });
});

describe('Redis goes and comes while the worker is there', { timeout: 90_000 }, () => {
  test('the worker takes over by HTTP; afterwards pushes go to Redis again', async () => {
    const upstream = await worker(() => handled);
    const dir = createTempDir();
    const first = await redisServer({ dir });
    const parts = await forwarder(environment(first.port, { FORWARD_WEBHOOK_URL: upstream.url }));
    await first.kill();
    for (const sn of ['A', 'B']) expect((await inject(parts.forwarder, orderPush(sn))).statusCode).toBe(200);
    await emptied(parts);
    expect(ordersOf(upstream.received).toSorted()).toEqual(['A', 'B']);
    await redisServer({ dir, port: first.port });
    const state = async () =>
      (await parts.forwarder.app.inject('/queue/stats')).json<{ circuitBreaker: { state: string } }>().circuitBreaker
        .state;
    await vi.waitFor(async () => expect(await state()).toBe('closed'), { timeout: 30_000 });
    await inject(parts.forwarder, orderPush('C'));
    expect(ordersOf(upstream.received)).not.toContain('C');
    await vi.waitFor(
      async () => {
        const stats = (await parts.forwarder.app.inject('/queue/stats')).json();
        expect(stats).toMatchObject({ queue: { depth: 1 }, totals: { received: 3, enqueued: 1, fallback: 2 } });
      },
      { timeout: 5_000 },
    );
  });

  test('a repeat of a push that Redis has is acknowledged during the outage and not handled again', async () => {
    const upstream = await worker(() => handled);
    const server = await redisServer({ dir: createTempDir() });
    const parts = await forwarder(environment(server.port, { FORWARD_WEBHOOK_URL: upstream.url }));
    await inject(parts.forwarder, orderPush('A'));
    await server.kill();
    expect((await inject(parts.forwarder, orderPush('A'))).statusCode).toBe(200);
    await inject(parts.forwarder, orderPush('B'));
    await emptied(parts);
    expect(ordersOf(upstream.received)).toEqual(['B']);
  });

  test('a repeat of a push that the worker handled is known to Redis after the outage, also after a restart', async () => {
    const upstream = await worker(() => handled);
    const server = await redisServer({ dir: createTempDir() });
    const env = environment(server.port, { FORWARD_WEBHOOK_URL: upstream.url });
    await server.kill();
    const before = await runForwarder(env);
    await inject(before.forwarder, orderPush('A'));
    await emptied(before);
    await before.forwarder.stop();
    await redisServer({ dir: createTempDir(), port: server.port });
    const parts = await forwarder(env);
    const redis = redisOf(server.port);
    closing.push(async () => redis.disconnect());
    await vi.waitFor(async () => expect(await redis.keys(parts.keys.webhooks.seen('*'))).toHaveLength(1), 20_000);
    expect((await inject(parts.forwarder, orderPush('A'))).statusCode).toBe(200);
    await inject(parts.forwarder, orderPush('B'));
    const totals = { received: 3, enqueued: 1, duplicates: 1, fallback: 1 };
    await vi.waitFor(async () => {
      const stats = (await parts.forwarder.app.inject('/queue/stats')).json<object>();
      expect(stats).toMatchObject({ queue: { depth: 1 }, totals });
    }, 20_000);
  });

  test('a repeat that was kept although Redis had it is closed in the history', async () => {
    const dir = createTempDir();
    const first = await redisServer({ dir });
    const env = environment(first.port);
    const before = await forwarder(env);
    await inject(before.forwarder, orderPush('A'));
    await before.forwarder.stop();
    await first.kill();
    // It does not remember what an earlier process took in.
    const parts = await forwarder({ ...env, DATA_DIR: createTempDir() });
    await inject(parts.forwarder, orderPush('A'));
    expect(spoolDepth(parts)).toBe(1);
    const server = await redisServer({ dir, port: first.port });
    await emptied(parts);
    const redis = redisOf(server.port);
    closing.push(async () => redis.disconnect());
    const activity = new ActivityLog({ redis, keys: parts.keys });
    const steps = await vi.waitFor(async () => {
      const found = (await activity.listLatest(10)).toReversed();
      expect(found).toHaveLength(4);
      return found;
    }, 10_000);
    const [queued, repeated, spooled, closed] = steps;
    expect(steps.map(({ step }) => step)).toEqual(['queued', 'duplicate', 'spooled', 'discarded']);
    expect(repeated?.id).toBe(queued?.id);
    expect(spooled?.id).not.toBe(queued?.id);
    expect(closed).toMatchObject({ id: spooled?.id, reason: 'duplicate' });
  });

  test('Telegram gets one alert when Redis goes and one when it is back, with the notifications in between', async () => {
    const telegram = await createTelegram();
    closing.push(() => telegram.close());
    const upstream = await worker(handledWith);
    const dir = createTempDir();
    const first = await redisServer({ dir });
    const parts = await forwarder(
      environment(first.port, {
        FORWARD_WEBHOOK_URL: upstream.url,
        TELEGRAM_BOT_TOKEN: telegram.token,
        TELEGRAM_CHAT_ID: String(sandboxChatId),
        TELEGRAM_API_URL: telegram.url,
      }),
    );
    await first.kill();
    await inject(parts.forwarder, orderPush('A'));
    const alerts = () =>
      telegram
        .messages()
        .map((message) => JSON.stringify(message))
        .filter((text) => text.includes('Redis unavailable'));
    await vi.waitFor(() => expect(alerts()).toHaveLength(1), {
      timeout: 40_000,
    });
    await redisServer({ dir, port: first.port });
    await vi.waitFor(() => expect(alerts()).toHaveLength(2), {
      timeout: 40_000,
    });
    expect(alerts()[1]).toContain('Resolved');
    expect(existsSync(join(parts.config.dataDir, 'spool.db'))).toBe(true);
  });
});
