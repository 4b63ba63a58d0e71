import { randomUUID } from 'node:crypto';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { createLogger } from '@shopee-webhook/runtime';
import {
  ActivityLog,
  connectRedis,
  buildKeys,
  Queue,
  SettingsStore,
  TokenStore,
  type RedisConnection,
} from '@shopee-webhook/store';
import { afterEach, beforeEach, expect, inject, onTestFinished, test, vi } from 'vitest';
import { createForwarder, loadConfig } from '../../forwarder/src/index.ts';
import { freshDir, run, runJson } from './helpers.ts';

let redis: RedisConnection;
let prefix: string;
let env: Record<string, string>;

beforeEach(() => {
  prefix = `t${randomUUID()}`;
  redis = connectRedis({ host: '127.0.0.1', port: inject('redisPort') });
  env = {
    REDIS_HOST: '127.0.0.1',
    REDIS_PORT: String(inject('redisPort')),
    REDIS_KEY_PREFIX: prefix,
    DATA_DIR: freshDir(),
    FORWARDER_PORT: '1',
  };
});

afterEach(() => redis.disconnect());

function queueOf(): Queue {
  const keys = buildKeys(prefix);
  return new Queue({ redis, keys: keys.webhooks, activityKey: keys.activity });
}

async function killOne(sn: string): Promise<string> {
  const queue = queueOf();
  const { id } = await queue.enqueue(`{"code":3,"shop_id":700000001,"data":{"ordersn":"${sn}"}}`);
  const [delivery] = await queue.take('c1', { max: 1, blockMs: 100 });
  if (delivery === undefined) throw new Error('nothing was taken');
  await queue.settle('c1', [
    { delivery, outcome: { kind: 'dead-letter', reason: 'bad-request', error: 'unknown order' } },
  ]);
  return id;
}

async function connectShop(shopId: string): Promise<void> {
  const tokens = new TokenStore({ redis, keys: buildKeys(prefix), dataDir: env['DATA_DIR'] ?? '' });
  const until = Date.now() + 3_600_000;
  const pair = { accessToken: 'access-secret', refreshToken: 'refresh-secret' };
  await tokens.save({ shopId, ...pair, accessExpiresAt: until, refreshExpiresAt: until, state: 'active' });
}

test('status exits 1 without a live consumer', async () => {
  await queueOf().enqueue('{"code":3}');
  const { code, values } = await runJson(['status'], env);
  expect(code).toBe(1);
  expect(values).toMatchObject([{ queue: { depth: 1 }, problems: ['no live consumer: is the worker running?'] }]);
});

test('status includes the forwarder’s totals', async () => {
  await queueOf().enqueue('{"code":3}');
  const config = loadConfig({
    ...env,
    PARTNER_ID: '1',
    PARTNER_KEY: 'key',
    WEBHOOK_PARTNER_KEY: 'key',
    FORWARD_WEBHOOK_URL: 'http://127.0.0.1:1/webhook/process',
    HOST: '127.0.0.1',
    FORWARDER_PORT: '0',
    LOG_DIR: freshDir(),
  });
  const forwarder = await createForwarder(config, { logger: createLogger({ name: 'test', level: 'silent' }) });
  onTestFinished(() => forwarder.stop());
  await forwarder.start();
  const spool = new DatabaseSync(join(config.dataDir, 'spool.db'));
  spool.exec("INSERT INTO counters VALUES ('fallback', 3)");
  spool.close();
  const withForwarder = { ...env, FORWARDER_URL: forwarder.url };
  const totals = { received: 4, processed: 3, fallback: 3, enqueued: 1 };
  // The stats may be cached.
  await vi.waitFor(async () =>
    expect((await runJson(['status'], withForwarder)).values).toMatchObject([{ totals, spool: { depth: 0 } }]),
  );
  expect((await run(['status'], withForwarder)).out).toMatch(/^spool +\d+ on disk/m);
  expect((await run(['status'], env)).out).toContain('from Redis alone');
});

test('status reports paused consumers and how to resume them', async () => {
  await new SettingsStore({ redis, keys: buildKeys(prefix) }).set(
    'CONSUMERS_PAUSED',
    Date.UTC(2026, 0, 2),
    'dashboard',
  );
  const { code, out } = await run(['status'], env);
  expect(code).toBe(1);
  expect(out).toContain('paused by an operator since 2026-01-02T00:00:00Z: dashboard → Workers → Resume all');
});

test('a dead letter is listed, shown, exported, requeued, and discarded only with --yes', async () => {
  const id = await killOne('2611230ABCDEFG');
  expect((await run(['dlq', 'list'], env)).out).toMatch(new RegExp(`^${id} .* 2611230ABCDEFG +1 +bad-request$`, 'm'));
  expect((await run(['dlq', 'show', id], env)).out).toContain('2611230ABCDEFG');
  const file = join(env['DATA_DIR'] ?? '', 'dead.jsonl');
  await run(['dlq', 'export', '-o', file], env);
  expect(readFileSync(file, 'utf8')).toContain('2611230ABCDEFG');
  expect(statSync(file).mode & 0o777).toBe(0o600);

  expect(await runJson(['dlq', 'replay', id], env)).toEqual({
    code: 0,
    values: [{ replayed: 1, rejected: 0, missing: 0 }],
  });
  expect(await queueOf().depth()).toBe(1);

  await killOne('2611230HIJKLMN');
  expect((await run(['dlq', 'discard', '--all'], env)).code).toBe(2);
  expect((await run(['dlq', 'discard'], env)).code).toBe(2);
  const { values } = await runJson(['dlq', 'discard', '--all', '--reason', 'bad-request', '--yes'], env);
  expect(values).toMatchObject([{ discarded: 1 }]);
});

test('a malformed dead letter is listed as is', async () => {
  await redis.lpush(buildKeys(prefix).webhooks.main, 'not json');
  await queueOf().take('c1', { max: 1, blockMs: 100 });
  const { code, values } = await runJson(['dlq', 'list'], env);
  expect({ code, values }).toMatchObject({ code: 0, values: [{ total: 1, letters: [{ reason: 'malformed' }] }] });
  expect(JSON.stringify(values)).not.toContain('"sn"');
});

test('an order of the only connected shop is requeued, and its activity is shown', async () => {
  await connectShop('9007199254740993');
  const { code, values } = await runJson(['orders', 'refresh', '2611230ABCDEFG'], env);
  expect(code).toBe(0);
  expect(values).toMatchObject([{ shop: '9007199254740993', sn: '2611230ABCDEFG' }]);
  const [message] = await queueOf().take('c1', { max: 1, blockMs: 100 });
  expect(message?.payloadText).toContain('"shop_id":9007199254740993');
  const events = await run(['events', '--sn', '2611230ABCDEFG'], env);
  expect(events.out).toContain('queued');
});

test('events finds an order’s newest entries, however many came after them', async () => {
  const log = new ActivityLog({ redis, keys: buildKeys(prefix) });
  const step = (sn: string, step: 'queued' | 'taken' | 'handled') => ({ id: sn, step, sn });
  await log.append([step('OLD', 'queued'), step('OLD', 'taken'), step('OLD', 'handled')]);
  await log.append(Array.from({ length: 2_500 }, (_, at) => step(`NEW${at}`, 'queued')));
  const { values } = await runJson(['events', '--sn', 'OLD', '-n', '2'], env);
  expect(values).toMatchObject([{ step: 'taken' }, { step: 'handled' }]);
  expect(await run(['events', '--sn', 'NONE'], env)).toEqual({ code: 0, out: '', err: 'no matching activity' });
});

test('shops are listed without their tokens', async () => {
  await connectShop('700000001');
  await new TokenStore({ redis, keys: buildKeys(prefix), dataDir: env['DATA_DIR'] ?? '' }).registerShop('700000002');
  const { code, out } = await run(['shops', 'list'], env);
  expect(code).toBe(0);
  expect(out).toContain('700000001');
  expect(out).toMatch(/700000002 .* unconnected/);
  expect((await run(['shops', 'list', '--json'], env)).out).not.toContain('secret');
});

test('the Redis of `npm start` is found at the port in its port file', async () => {
  writeFileSync(join(env['DATA_DIR'] ?? '', 'redis-port'), `${inject('redisPort')}\n`);
  await queueOf().enqueue('{"code":3}');
  for (const REDIS_HOST of ['', 'redis']) {
    const { values } = await runJson(['status'], { ...env, REDIS_HOST, REDIS_PORT: '' });
    expect(values).toMatchObject([{ queue: { depth: 1 } }]);
  }
});

test('an unreachable Redis exits 69', async () => {
  const { code, err } = await run(['status'], { ...env, REDIS_PORT: '1' });
  expect(code).toBe(69);
  expect(err).toContain('127.0.0.1:1 is unreachable');
});

test('REDIS_ENABLED=false exits 78', async () => {
  expect((await run(['status'], { REDIS_ENABLED: 'false' })).code).toBe(78);
});
