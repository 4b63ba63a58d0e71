import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { parseMessage } from '@shopee-webhook/store';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { freePort, startRedis, type RedisServer } from '../../sandbox/src/processes/redis-server.ts';
import { environment, createTempDir, orderPush, post, redisOf, startWorker } from './helpers.ts';

const main = fileURLToPath(new URL('../src/main.ts', import.meta.url));

let server: RedisServer | undefined;
const children: ChildProcess[] = [];

afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  server?.process.kill('SIGCONT');
  await server?.close();
  server = undefined;
});

/** The forwarder as a process of its own. */
async function spawnForwarder(env: Record<string, string>) {
  const port = await freePort();
  const startedAt = performance.now();
  const child = spawn(process.execPath, [main], {
    env: { PATH: process.env['PATH'], ...env, FORWARDER_PORT: String(port) },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  children.push(child);
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const exited = once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>;
  return {
    child,
    url: `http://127.0.0.1:${String(port)}`,
    exited,
    output: () => output,
    ready: async () => {
      await vi.waitFor(() => expect(output).toContain('forwarder started'), { timeout: 30_000, interval: 10 });
      return performance.now() - startedAt;
    },
  };
}

async function ended(running: { exited: Promise<[number | null, NodeJS.Signals | null]> }) {
  const startedAt = performance.now();
  const [code] = await running.exited;
  return { code, ms: performance.now() - startedAt };
}

async function ordersIn(port: number, prefix: string): Promise<string[]> {
  const redis = redisOf(port);
  const raws = await redis.lrange(`${prefix}:webhooks:main`, 0, -1);
  redis.disconnect();
  return raws.map((raw) => (JSON.parse(parseMessage(raw).payloadText) as { data: { ordersn: string } }).data.ordersn);
}

describe('SIGTERM', { timeout: 90_000 }, () => {
  test('under load: what was answered 200 is kept, the process ends with 0', async () => {
    server = await startRedis({ dir: createTempDir() });
    const env = environment(server.port);
    const running = await spawnForwarder(env);
    await running.ready();
    const accepted: string[] = [];
    const stopping = new AbortController();
    const send = async (lane: number) => {
      for (let number = 0; !stopping.signal.aborted; number += 1) {
        const sn = `ORDER${String(lane)}-${String(number)}`;
        // Refused connections are how a client sees a process that ends.
        const response = await post(running.url, orderPush(sn)).catch(() => undefined);
        if (response?.status === 200) accepted.push(sn);
      }
    };
    const lanes = Promise.all(Array.from({ length: 10 }, (_, lane) => send(lane)));
    await vi.waitFor(() => expect(accepted.length).toBeGreaterThan(200), { timeout: 30_000 });
    running.child.kill('SIGTERM');
    const { code, ms } = await ended(running);
    stopping.abort();
    await lanes;
    expect([code, ms < 5_000]).toEqual([0, true]);
    // Where a busy machine made Redis slow, some are in the spool.
    await (await spawnForwarder(env)).ready();
    const { port } = server;
    const queued = await vi.waitFor(
      async () => {
        const orders = await ordersIn(port, env['REDIS_KEY_PREFIX'] ?? '');
        expect(accepted.filter((sn) => !orders.includes(sn))).toEqual([]);
        return orders;
      },
      { timeout: 30_000 },
    );
    expect(queued).toHaveLength(new Set(queued).size);
  });

  test('while Redis hangs and pushes come in: it ends within 10 s with 0, and the next start has all of them', async () => {
    server = await startRedis({ dir: createTempDir() });
    const env = environment(server.port);
    const running = await spawnForwarder(env);
    await running.ready();
    await post(running.url, orderPush('BEFORE'));
    server.process.kill('SIGSTOP');
    const responses = await Promise.all(['A', 'B', 'C'].map((sn) => post(running.url, orderPush(sn))));
    expect(responses.map(({ status }) => status)).toEqual([200, 200, 200]);
    running.child.kill('SIGTERM');
    const { code, ms } = await ended(running);
    expect([code, ms < 10_000]).toEqual([0, true]);
    server.process.kill('SIGCONT');
    await (await spawnForwarder(env)).ready();
    const { port } = server;
    await vi.waitFor(
      async () =>
        expect((await ordersIn(port, env['REDIS_KEY_PREFIX'] ?? '')).toSorted()).toEqual(['A', 'B', 'BEFORE', 'C']),
      { timeout: 30_000 },
    );
  });

  test('while the worker hangs on an event from the spool: it ends within 10 s with 0, and the event stays', async () => {
    const upstream = await startWorker(() => 'hang');
    const env = environment(undefined, { FORWARD_WEBHOOK_URL: upstream.url });
    const running = await spawnForwarder(env);
    await running.ready();
    await post(running.url, orderPush('A'));
    await vi.waitFor(() => expect(upstream.received).toHaveLength(1), 10_000);
    running.child.kill('SIGTERM');
    const { code, ms } = await ended(running);
    expect([code, ms < 10_000]).toEqual([0, true]);
    const next = await spawnForwarder(env);
    await next.ready();
    await vi.waitFor(() => expect(upstream.received).toHaveLength(2), { timeout: 30_000 });
    await upstream.close();
  });

  test('a second one ends it at once', async () => {
    server = await startRedis({ dir: createTempDir() });
    const running = await spawnForwarder(environment(server.port));
    await running.ready();
    await post(running.url, orderPush('A'));
    server.process.kill('SIGSTOP');
    running.child.kill('SIGTERM');
    await vi.waitFor(() => expect(running.output()).toContain('stopping'), 10_000);
    running.child.kill('SIGTERM');
    const { code, ms } = await ended(running);
    expect([code, ms < 1_500]).toEqual([0, true]);
  });
});

describe('kill −9', { timeout: 90_000 }, () => {
  test('loses nothing that was answered 200, in Redis or in the spool', async () => {
    const env = environment(await freePort());
    const running = await spawnForwarder(env);
    await running.ready();
    const responses = await Promise.all(['A', 'B', 'C'].map((sn) => post(running.url, orderPush(sn))));
    expect(responses.map(({ status }) => status)).toEqual([200, 200, 200]);
    running.child.kill('SIGKILL');
    await running.exited;
    server = await startRedis({ dir: createTempDir(), port: Number(env['REDIS_PORT']) });
    await (await spawnForwarder(env)).ready();
    const { port } = server;
    await vi.waitFor(
      async () => expect((await ordersIn(port, env['REDIS_KEY_PREFIX'] ?? '')).toSorted()).toEqual(['A', 'B', 'C']),
      {
        timeout: 30_000,
      },
    );
  });
});

describe('the start', { timeout: 90_000 }, () => {
  test('a bad environment is rejected with one message that names every fault and no value', async () => {
    const env = environment(1, {
      REDIS_PORT: 'secret-port',
      FORWARD_WEBHOOK_URL: '',
      WEBHOOK_PARTNER_KEY: '',
      SHOP_ID: '700000001',
    });
    const running = await spawnForwarder(env);
    const { code } = await ended(running);
    expect(code).toBe(78);
    for (const name of ['REDIS_PORT', 'FORWARD_WEBHOOK_URL', 'WEBHOOK_PARTNER_KEY'])
      expect(running.output()).toContain(name);
    expect(running.output()).not.toContain('secret-port');
  });

  test('an unsafe Redis is rejected with the setting to change', async () => {
    server = await startRedis({ dir: createTempDir(), args: ['--appendonly', 'no'] });
    const running = await spawnForwarder(environment(server.port));
    const { code } = await ended(running);
    expect(code).toBe(1);
    expect(running.output()).toContain('appendonly yes');
  });

  test('no line of the log holds a key', async () => {
    server = await startRedis({ dir: createTempDir() });
    const env = environment(server.port, {
      PARTNER_KEY: 'very-secret-partner-key',
      WEBHOOK_PARTNER_KEY: 'very-secret-push-key',
      LOG_LEVEL: 'trace',
    });
    const running = await spawnForwarder(env);
    await running.ready();
    await post(running.url, orderPush('A'));
    running.child.kill('SIGTERM');
    await running.exited;
    expect(running.output()).toContain('unauthorized');
    expect(running.output()).not.toContain('very-secret');
  });
});
