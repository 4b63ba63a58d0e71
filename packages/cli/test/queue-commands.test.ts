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
  const [delivery] = await queue.dequeue('c1', { max: 1, blockMs: 100 });
  if (delivery === undefined) throw new Error('nothing was taken');
  await queue.settle('c1', [
    { delivery, outcome: { kind: 'dead-letter', reason: 'bad-request', error: 'no such order' } },
  ]);
  return id;
}

async function connectShop(shopId: string): Promise<void> {
  const tokens = new TokenStore({ redis, keys: buildKeys(prefix), dataDir: env['DATA_DIR'] ?? '' });
  const until = Date.now() + 3_600_000;
  const pair = { accessToken: 'access-secret', refreshToken: 'refresh-secret' };
  await tokens.save({ shopId, ...pair, accessExpiresAt: until, refreshExpiresAt: until, state: 'active' });
}

test('status counts, and exits 1 while no consumer is alive', async () => {
  await queueOf().enqueue('{"code":3}');
  const { code, values } = await runJson(['status'], env);
  expect(code).toBe(1);
  expect(values).toMatchObject([{ queue: { depth: 1 }, trouble: ['no consumer is alive: is the worker running?'] }]);
});

test('status has the totals of GET /queue/stats, with what never passed through Redis', async () => {
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
  const asked = { ...env, FORWARDER_URL: forwarder.url };
  const totals = { received: 4, processed: 3, fallback: 3, enqueued: 1 };
  // The report may be the one from just before.
  await vi.waitFor(async () =>
    expect((await runJson(['status'], asked)).values).toMatchObject([{ totals, spool: { depth: 0 } }]),
  );
  expect((await run(['status'], asked)).out).toMatch(/^spool +\d+ waiting/m);
  expect((await run(['status'], env)).out).toContain('by way of Redis alone');
});

test('status says that a person paused the consumers, and where they are resumed', async () => {
  await new SettingsStore({ redis, keys: buildKeys(prefix) }).set(
    'CONSUMERS_PAUSED',
    Date.UTC(2026, 0, 2),
    'dashboard',
  );
  const { code, out } = await run(['status'], env);
  expect(code).toBe(1);
  expect(out).toContain('paused by a person, since 2026-01-02T00:00:00Z: dashboard → Workers → Resume all');
});

test('a dead letter is listed, shown, exported, put back, and thrown away only with --yes', async () => {
  const id = await killOne('2611230ABCDEFG');
  expect((await run(['dlq', 'list'], env)).out).toMatch(new RegExp(`^${id} .* 2611230ABCDEFG +1 +bad-request$`, 'm'));
  expect((await run(['dlq', 'show', id], env)).out).toContain('2611230ABCDEFG');
  const file = join(env['DATA_DIR'] ?? '', 'dead.jsonl');
  await run(['dlq', 'export', '-o', file], env);
  expect(readFileSync(file, 'utf8')).toContain('2611230ABCDEFG');
  expect(statSync(file).mode & 0o777).toBe(0o600);

  expect(await runJson(['dlq', 'replay', id], env)).toEqual({
    code: 0,
    values: [{ replayed: 1, refused: 0, missing: 0 }],
  });
  expect(await queueOf().depth()).toBe(1);

  await killOne('2611230HIJKLMN');
  expect((await run(['dlq', 'discard', '--all'], env)).code).toBe(2);
  expect((await run(['dlq', 'discard'], env)).code).toBe(2);
  const { values } = await runJson(['dlq', 'discard', '--all', '--reason', 'bad-request', '--yes'], env);
  expect(values).toMatchObject([{ discarded: 1 }]);
});

test('a dead letter that is no push is listed as it is', async () => {
  await redis.lpush(buildKeys(prefix).webhooks.main, 'not json');
  await queueOf().dequeue('c1', { max: 1, blockMs: 100 });
  const { code, values } = await runJson(['dlq', 'list'], env);
  expect({ code, values }).toMatchObject({ code: 0, values: [{ total: 1, letters: [{ reason: 'malformed' }] }] });
  expect(JSON.stringify(values)).not.toContain('"sn"');
});

test('an order of the only connected shop is queued again, and its steps are shown', async () => {
  await connectShop('9007199254740993');
  const { code, values } = await runJson(['orders', 'refresh', '2611230ABCDEFG'], env);
  expect(code).toBe(0);
  expect(values).toMatchObject([{ shop: '9007199254740993', sn: '2611230ABCDEFG' }]);
  const [message] = await queueOf().dequeue('c1', { max: 1, blockMs: 100 });
  expect(message?.payloadText).toContain('"shop_id":9007199254740993');
  const events = await run(['events', '--sn', '2611230ABCDEFG'], env);
  expect(events.out).toContain('queued');
});

test('the steps of an order are found however many came after them, the newest so many', async () => {
  const log = new ActivityLog({ redis, keys: buildKeys(prefix) });
  const step = (sn: string, step: 'queued' | 'taken' | 'handled') => ({ id: sn, step, sn });
  await log.append([step('OLD', 'queued'), step('OLD', 'taken'), step('OLD', 'handled')]);
  await log.append(Array.from({ length: 2_500 }, (_, at) => step(`NEW${at}`, 'queued')));
  const { values } = await runJson(['events', '--sn', 'OLD', '-n', '2'], env);
  expect(values).toMatchObject([{ step: 'taken' }, { step: 'handled' }]);
  expect(await run(['events', '--sn', 'NONE'], env)).toEqual({ code: 0, out: '', err: 'no such step is known' });
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

test('the Redis of `npm start` is found at the port that it says', async () => {
  writeFileSync(join(env['DATA_DIR'] ?? '', 'redis-port'), `${inject('redisPort')}\n`);
  await queueOf().enqueue('{"code":3}');
  for (const REDIS_HOST of ['', 'redis']) {
    const { values } = await runJson(['status'], { ...env, REDIS_HOST, REDIS_PORT: '' });
    expect(values).toMatchObject([{ queue: { depth: 1 } }]);
  }
});

test('a Redis that is not there is told, with exit code 69', async () => {
  const { code, err } = await run(['status'], { ...env, REDIS_PORT: '1' });
  expect(code).toBe(69);
  expect(err).toContain('127.0.0.1:1 is not reachable');
});

test('REDIS_ENABLED=false is a matter of configuration', async () => {
  expect((await run(['status'], { REDIS_ENABLED: 'false' })).code).toBe(78);
});
