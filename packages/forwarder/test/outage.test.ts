import { connectRedis, parseMessage } from '@shopee-webhook/store';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { freePort, startRedis, type RedisServer } from '../../sandbox/src/processes/redis-server.ts';
import { environment, createTempDir, orderPush, post, redisOf, runForwarder, type TestForwarder } from './helpers.ts';

let server: RedisServer | undefined;
let parts: TestForwarder | undefined;

afterEach(async () => {
  server?.process.kill('SIGCONT');
  await parts?.forwarder.stop();
  await server?.close();
  parts = undefined;
  server = undefined;
});

/** Sends pushes 20 at a time; `during` is called once each so many answers. */
async function load(url: string, count: number, during: Record<number, () => Promise<void> | void> = {}) {
  const responses: { status: number; ms: number }[] = [];
  let next = 0;
  const send = async () => {
    while (next < count) {
      const number = next;
      next += 1;
      await during[number]?.();
      responses.push(await post(url, orderPush(`ORDER${String(number)}`)));
    }
  };
  await Promise.all(Array.from({ length: 20 }, send));
  return responses;
}

/** Order numbers in the line, each as often as it is there. */
async function queuedOrders(port: number, running: TestForwarder): Promise<string[]> {
  const redis = redisOf(port);
  try {
    const raws = await redis.lrange(running.keys.webhooks.main, 0, -1);
    return raws.map((raw) => (JSON.parse(parseMessage(raw).payloadText) as { data: { ordersn: string } }).data.ordersn);
  } finally {
    redis.disconnect();
  }
}

async function expectAllOnce(port: number, running: TestForwarder, count: number): Promise<void> {
  await vi.waitFor(
    async () => {
      const orders = await queuedOrders(port, running);
      expect(new Set(orders).size).toBe(count);
      expect(orders).toHaveLength(count);
      const stats = (await running.forwarder.app.inject('/queue/stats')).json<{
        spool: { depth: number };
        circuitBreaker: { state: string };
      }>();
      expect(stats).toMatchObject({ spool: { depth: 0 }, circuitBreaker: { state: 'closed' } });
    },
    { timeout: 60_000, interval: 100 },
  );
}

const alertsOf = (running: TestForwarder) =>
  running.log.lines
    .filter(({ msg }) => String(msg).startsWith('alert'))
    .map(({ msg, alert }) => `${String(msg)}: ${String(alert)}`);

async function breakerOf(running: TestForwarder) {
  const stats = await running.forwarder.app.inject('/queue/stats');
  return stats.json<{ circuitBreaker: { state: string; opens: number; timeouts: number } }>().circuitBreaker;
}

/** Each alert that fires resolves. An outage that is over before the rules run is none. */
async function expectAlerts(running: TestForwarder): Promise<void> {
  expect((await breakerOf(running)).opens).toBeGreaterThan(0);
  const count = (message: string) =>
    alertsOf(running).filter((line) => line === `${message}: redis-unavailable`).length;
  await vi.waitFor(() => expect(count('alert resolved')).toBe(count('alert firing')), { timeout: 15_000 });
}

describe('Redis dies under load', { timeout: 90_000 }, () => {
  test('kill −9 and restart: every push gets a 200 and is queued exactly once', async () => {
    const dir = createTempDir();
    server = await startRedis({ dir });
    const { port } = server;
    parts = await runForwarder(environment(port));
    const responses = await load(parts.forwarder.url, 600, {
      200: () => server?.kill(),
      450: async () => {
        server = await startRedis({ dir, port });
      },
    });
    expect(responses.filter(({ status }) => status !== 200)).toEqual([]);
    await expectAllOnce(port, parts, 600);
    await expectAlerts(parts);
  });

  test('frozen and thawed: nobody waits for it, and what it had in its socket is not queued twice', async () => {
    server = await startRedis({ dir: createTempDir() });
    parts = await runForwarder(environment(server.port));
    const responses = await load(parts.forwarder.url, 600, { 200: () => void server?.process.kill('SIGSTOP') });
    expect(responses.filter(({ status }) => status !== 200)).toEqual([]);
    // Only those that were in flight when it froze have waited at all: 20, and as many as came in the same half second.
    expect((await breakerOf(parts)).timeouts).toBeLessThanOrEqual(40);
    server.process.kill('SIGCONT');
    await expectAllOnce(server.port, parts, 600);
    await expectAlerts(parts);
  });
});

describe('Redis rejects writes', { timeout: 90_000 }, () => {
  test('out of memory: pushes are spooled, and drained once there is room', async () => {
    server = await startRedis({ dir: createTempDir() });
    const redis = redisOf(server.port);
    parts = await runForwarder(environment(server.port));
    await redis.config('SET', 'maxmemory', '1');
    const responses = await load(parts.forwarder.url, 100);
    expect(responses.filter(({ status }) => status !== 200)).toEqual([]);
    expect(await queuedOrders(server.port, parts)).toEqual([]);
    expect((await parts.forwarder.app.inject('/health')).json()).toMatchObject({
      checks: { redis: { status: 'failing' } },
    });
    await redis.config('SET', 'maxmemory', '100mb');
    await expectAllOnce(server.port, parts, 100);
    redis.disconnect();
  });

  test('read-only, as after a failover: pushes are spooled, and drained once it is a master again', async () => {
    server = await startRedis({ dir: createTempDir() });
    const redis = redisOf(server.port);
    parts = await runForwarder(environment(server.port));
    await redis.replicaof('127.0.0.1', await freePort());
    const responses = await load(parts.forwarder.url, 100);
    expect(responses.filter(({ status }) => status !== 200)).toEqual([]);
    await redis.replicaof('NO', 'ONE');
    await expectAllOnce(server.port, parts, 100);
    redis.disconnect();
  });
});

describe('Redis wants a password that we do not have', { timeout: 90_000 }, () => {
  test('pushes are spooled, and drained once it lets us in', async () => {
    server = await startRedis({ dir: createTempDir(), args: ['--requirepass', 'other'] });
    const { port } = server;
    parts = await runForwarder(environment(port));
    const responses = await load(parts.forwarder.url, 50);
    expect(responses.filter(({ status }) => status !== 200)).toEqual([]);
    const admin = connectRedis({ host: '127.0.0.1', port, password: 'other' });
    expect(await admin.dbsize()).toBe(0);
    expect((await parts.forwarder.app.inject('/health')).json()).toMatchObject({
      checks: { redis: { status: 'failing' } },
    });
    await admin.config('SET', 'requirepass', '');
    admin.disconnect();
    await expectAllOnce(port, parts, 50);
  });
});

describe('Redis at the start', { timeout: 90_000 }, () => {
  test('is not there: pushes are spooled, and drained when it comes', async () => {
    const port = await freePort();
    parts = await runForwarder(environment(port));
    const responses = await load(parts.forwarder.url, 50);
    expect(responses.filter(({ status }) => status !== 200)).toEqual([]);
    expect(await breakerOf(parts)).toMatchObject({
      state: expect.not.stringMatching('closed') as unknown,
      timeouts: 0,
    });
    server = await startRedis({ dir: createTempDir(), port });
    await expectAllOnce(port, parts, 50);
  });

  test('is unsafe: the forwarder does not start, and names the setting', async () => {
    server = await startRedis({ dir: createTempDir(), args: ['--maxmemory-policy', 'allkeys-lru'] });
    await expect(runForwarder(environment(server.port))).rejects.toThrow('maxmemory-policy noeviction');
  });

  test('is unsafe, and REDIS_ALLOW_UNSAFE is set: it starts with an active alert', async () => {
    server = await startRedis({ dir: createTempDir(), args: ['--maxmemory-policy', 'allkeys-lru'] });
    parts = await runForwarder(environment(server.port, { REDIS_ALLOW_UNSAFE: 'true' }));
    await load(parts.forwarder.url, 10);
    await expectAllOnce(server.port, parts, 10);
    const running = parts;
    await vi.waitFor(() => expect(alertsOf(running)).toContain('alert firing: redis-unsafe'), { timeout: 10_000 });
  });

  test('becomes unsafe by a restart: it is not used until it is safe again', async () => {
    const dir = createTempDir();
    server = await startRedis({ dir });
    const { port } = server;
    parts = await runForwarder(environment(port));
    await server.close();
    server = await startRedis({ dir, port, args: ['--appendonly', 'no'] });
    const running = parts;
    await vi.waitFor(() => expect(alertsOf(running)).toContain('alert firing: redis-unsafe'), { timeout: 30_000 });
    await load(parts.forwarder.url, 10);
    expect(await queuedOrders(port, parts)).toEqual([]);
    expect((await parts.forwarder.app.inject('/health')).statusCode).toBe(503);
    await server.close();
    server = await startRedis({ dir, port });
    await expectAllOnce(port, parts, 10);
    await vi.waitFor(() => expect(alertsOf(running)).toContain('alert resolved: redis-unsafe'), { timeout: 10_000 });
  });

  test('lost its data: an alert is sent once', async () => {
    server = await startRedis({ dir: createTempDir() });
    const { port } = server;
    parts = await runForwarder(environment(port));
    await server.close();
    server = await startRedis({ dir: createTempDir(), port });
    await load(parts.forwarder.url, 10);
    await expectAllOnce(port, parts, 10);
    const running = parts;
    const losses = () => alertsOf(running).filter((line) => line === 'alert: redis-data-loss');
    await vi.waitFor(() => expect(losses()).toHaveLength(1), { timeout: 10_000 });
  });
});
