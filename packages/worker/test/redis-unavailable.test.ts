import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { freePort, startRedis, type RedisServer } from '../../sandbox/src/index.ts';
import { createWorld, snOf, type World, soon } from './world.ts';

/** A Redis that belongs to this test alone. */
async function ownRedis(): Promise<{ port: number; dir: string; start: () => Promise<RedisServer> }> {
  const dir = mkdtempSync(join(tmpdir(), 'shopee-webhook-redis-'));
  onTestFinished(() => rmSync(dir, { recursive: true }));
  const port = await freePort();
  const start = async () => {
    const server = await startRedis({ dir, port });
    onTestFinished(() => {
      server.process.kill('SIGCONT');
      return server.close();
    });
    return server;
  };
  return { port, dir, start };
}

/** The rows that stand in Orders when nothing is left to handle. */
async function rowsAtTheEnd(world: World): Promise<number> {
  await vi.waitFor(async () => expect(await world.left()).toBe(0), soon);
  return world.rows('Orders').length;
}

test('consumers recover after Redis was killed and restarted', async () => {
  const { port, start } = await ownRedis();
  const first = await start();
  const world = await createWorld({ redisPort: port, google: { latencyMs: 200 } });
  const worker = await world.startWorker();
  await world.enqueue(Array.from({ length: 60 }, () => world.place()));
  await vi.waitFor(() => expect(world.shopee.calls.length).toBeGreaterThan(0), soon);
  await first.kill();
  await vi.waitFor(() => expect(worker.deps.redis?.monitor.unavailableMs()).toBeGreaterThan(0), soon);
  await start();
  expect(await rowsAtTheEnd(world)).toBe(60);
  expect((await world.inspector.listDeadLetters()).total).toBe(0);
});

test('while Redis is unavailable /health shows it and the worker keeps responding', async () => {
  const { port, start } = await ownRedis();
  const redis = await start();
  const world = await createWorld({ redisPort: port });
  const worker = await world.startWorker();
  await redis.kill();
  await vi.waitFor(async () => {
    const response = await fetch(`${worker.url}/health`);
    expect(response.status).toBe(503);
    expect(await response.json()).toMatchObject({ checks: { redis: { status: 'failing' } } });
  }, soon);
  expect((await fetch(`${worker.url}/workers/stats`)).status).toBe(200);
});

test('a worker starts without Redis and works once it is available', async () => {
  const { port, start } = await ownRedis();
  const redis = await start();
  const world = await createWorld({ redisPort: port });
  await redis.close();
  await world.startWorker();
  await start();
  await world.enqueue([world.place()]);
  expect(await rowsAtTheEnd(world)).toBe(1);
});

test('a Redis without an append-only file prevents the start', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'shopee-webhook-redis-'));
  const redis = await startRedis({ dir, args: ['--appendonly', 'no'] });
  onTestFinished(async () => {
    await redis.close();
    rmSync(dir, { recursive: true });
  });
  const world = await createWorld({ redisPort: redis.port });
  const strict = world.startWorker((config) => ({
    ...config,
    ...(config.redis === undefined ? {} : { redis: { ...config.redis, allowUnsafe: false } }),
  }));
  await expect(strict).rejects.toThrow('appendonly');
});

test('a data loss in Redis raises an alert and requests the recovery jobs', async () => {
  const { port, start } = await ownRedis();
  const redis = await start();
  const world = await createWorld({ redisPort: port });
  const worker = await world.startWorker();
  const onLost = vi.fn<() => Promise<void>>().mockResolvedValue(undefined);
  const link = worker.deps.redis?.monitor;
  if (link === undefined) throw new Error('the worker uses Redis');
  link.onDataLoss = onLost;
  await world.redis.del(world.keys.instanceId);
  await redis.close();
  await vi.waitFor(() => expect(link.unavailableMs()).toBeGreaterThan(0), soon);
  await start();
  await vi.waitFor(() => expect(onLost).toHaveBeenCalledTimes(1), soon);
  await vi.waitFor(async () => expect(await world.outbox()).toMatchObject([{ key: 'redis-data-loss' }]), soon);
});

test('events lost with Redis are fetched from Shopee at once by reconcile and lost-pushes', async () => {
  const { port, dir, start } = await ownRedis();
  const redis = await start();
  const world = await createWorld({ redisPort: port });
  const worker = await world.startWorker((config) => ({ ...config, scheduledJobs: true }));
  const begun = async () => {
    const jobs = await worker.jobs.runner.list();
    return new Map(jobs.map(({ name, startedAt }) => [name, startedAt ?? 0]));
  };
  await vi.waitFor(async () => expect((await begun()).get('reconcile')).toBeGreaterThan(0), soon);
  await worker.jobs.runner.settled();
  const lostAt = Date.now();
  // Its push was accepted, and gone with the volume before it was handled.
  const push = world.place();
  await redis.close();
  rmSync(dir, { recursive: true });
  mkdirSync(dir);
  await start();
  await vi.waitFor(() => expect(world.rows('Orders').map((row) => row['Order SN'])).toEqual([snOf(push)]), soon);
  const after = await begun();
  for (const name of ['reconcile', 'lost-pushes']) expect(after.get(name)).toBeGreaterThan(lostAt);
  // Beside it there is the order account's line of the day.
  expect(await world.outbox()).toContainEqual(expect.objectContaining({ key: 'redis-data-loss' }));
});

test('a stop takes at most ten seconds while Redis hangs', async () => {
  const { port, start } = await ownRedis();
  const redis = await start();
  const world = await createWorld({ redisPort: port });
  const worker = await world.startWorker();
  await world.enqueue([world.place()]);
  expect(await rowsAtTheEnd(world)).toBe(1);
  redis.process.kill('SIGSTOP');
  const startedAt = Date.now();
  await worker.stop();
  expect(Date.now() - startedAt).toBeLessThan(10_500);
});
