import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, inject, it, onTestFinished } from 'vitest';
import { checkDurability, connectRedis, checkInstanceId, buildKeys, UnsafeRedisError } from '../src/index.ts';
import { startDedicatedRedis } from './dedicated-redis.ts';

const redis = connectRedis({ host: '127.0.0.1', port: inject('redisPort') });
afterAll(() => redis.disconnect());

describe('checkDurability', () => {
  it('accepts the project’s redis.conf', async () => {
    const { info, problems } = await checkDurability(redis, { allowUnsafe: false });
    expect(problems).toEqual([]);
    expect(info).toMatchObject({ aofEnabled: true, evictionPolicy: 'noeviction', memoryMaxBytes: 256 * 2 ** 20 });
  });

  it.each([
    ['appendonly', ['--appendonly', 'no']],
    ['maxmemory-policy', ['--maxmemory-policy', 'allkeys-lru']],
  ])(
    'rejects a Redis whose %s would lose pushes, and names the setting',
    { timeout: 30_000 },
    async (setting, args) => {
      const unsafe = (await startDedicatedRedis(args)).connect();
      const failure = await checkDurability(unsafe, { allowUnsafe: false }).catch((error: unknown) => error);
      expect(failure).toBeInstanceOf(UnsafeRedisError);
      expect(failure).toMatchObject({ setting, message: expect.stringContaining(setting) });
      expect((await checkDurability(unsafe, { allowUnsafe: true })).problems).toEqual([
        expect.stringContaining(setting),
      ]);
    },
  );

  it('asks nothing that a managed service forbids', async () => {
    const own = await startDedicatedRedis(['--rename-command', 'CONFIG', '']);
    await expect(checkDurability(own.connect(), { allowUnsafe: false })).resolves.toBeDefined();
  });
});

describe('the instance id', () => {
  it('notices for each service, once, that Redis came back empty', async () => {
    const keys = buildKeys(`t${randomUUID()}`);
    const dataDir = await mkdtemp(join(tmpdir(), 'store-instance-'));
    onTestFinished(() => rm(dataDir, { recursive: true }));
    const check = (service: string) => checkInstanceId(redis, { keys, dataDir, service });
    expect(await Promise.all([check('forwarder'), check('worker')])).toEqual(['new', 'new']);
    expect(await Promise.all([check('forwarder'), check('worker')])).toEqual(['same', 'same']);
    await redis.del(keys.instanceId);
    expect(await check('forwarder')).toBe('data-loss');
    expect(await check('forwarder')).toBe('same');
    expect(await check('worker')).toBe('data-loss');
    expect(await check('worker')).toBe('same');
  });

  it('notices that Redis was restored from an older backup', async () => {
    const keys = buildKeys(`t${randomUUID()}`);
    const dataDir = await mkdtemp(join(tmpdir(), 'store-instance-'));
    onTestFinished(() => rm(dataDir, { recursive: true }));
    const check = (service: string) => checkInstanceId(redis, { keys, dataDir, service });
    await redis.xadd(keys.activity, '1000-1', 'id', 'a');
    await Promise.all([check('forwarder'), check('worker')]);
    const backup = await redis.dumpBuffer(keys.activity);
    await redis.xadd(keys.activity, '2000-0', 'id', 'b');
    // Old entries go, the newest id stays.
    await redis.xtrim(keys.activity, 'MAXLEN', 0);
    expect(await Promise.all([check('forwarder'), check('worker')])).toEqual(['same', 'same']);
    await redis.restore(keys.activity, 0, backup ?? '', 'REPLACE');
    expect([await check('forwarder'), await check('worker')]).toEqual(['data-loss', 'data-loss']);
    expect([await check('forwarder'), await check('worker')]).toEqual(['same', 'same']);
  });

  it('notices the loss again when it could not be acted on', async () => {
    const keys = buildKeys(`t${randomUUID()}`);
    const dataDir = await mkdtemp(join(tmpdir(), 'store-instance-'));
    onTestFinished(() => rm(dataDir, { recursive: true }));
    const notified: string[] = [];
    const check = (onDataLoss: () => Promise<void>) =>
      checkInstanceId(redis, { keys, dataDir, service: 'worker', onDataLoss });
    const notify = async () => void notified.push('data-loss');
    await check(notify);
    await redis.del(keys.instanceId);
    await expect(check(() => Promise.reject(new Error('Redis went again')))).rejects.toThrow('Redis went again');
    expect([await check(notify), await check(notify)]).toEqual(['data-loss', 'same']);
    expect(notified).toEqual(['data-loss']);
  });
});
