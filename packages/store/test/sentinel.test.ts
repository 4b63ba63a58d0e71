import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { redisProgram } from '../../sandbox/src/processes/redis-program.ts';
import { freePort } from '../../sandbox/src/processes/redis-server.ts';
import { connectRedis, waitUntilReady } from '../src/index.ts';
import { startDedicatedRedis } from './dedicated-redis.ts';
import { push, setUpQueue, shortTake } from './queues.ts';

/** One Sentinel that watches the master on `port` and notices its death after half a second. */
async function startSentinel(masterPort: number): Promise<number> {
  const dir = await mkdtemp(join(tmpdir(), 'store-sentinel-'));
  const port = await freePort();
  const conf = join(dir, 'sentinel.conf');
  await writeFile(
    conf,
    [
      `port ${port}`,
      'bind 127.0.0.1',
      `dir ${dir}`,
      `sentinel monitor orders 127.0.0.1 ${masterPort} 1`,
      'sentinel down-after-milliseconds orders 500',
      'sentinel failover-timeout orders 3000',
    ].join('\n'),
  );
  const child = spawn(redisProgram(), [conf, '--sentinel'], { stdio: 'ignore' });
  onTestFinished(async () => {
    child.kill('SIGKILL');
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    await rm(dir, { recursive: true });
  });
  return port;
}

it('follows Sentinel to the replica when the master dies', { timeout: 60_000 }, async () => {
  const master = await startDedicatedRedis();
  const replica = await startDedicatedRedis(['--replicaof', '127.0.0.1', String(master.port)]);
  await expect
    .poll(() => replica.connect().info('replication'), { timeout: 10_000 })
    .toContain('master_link_status:up');
  const sentinels = [{ host: '127.0.0.1', port: await startSentinel(master.port) }];
  const redis = connectRedis({ host: '', port: 0, sentinels, sentinelMaster: 'orders' });
  onTestFinished(() => redis.disconnect());
  await waitUntilReady(redis, 20_000);
  const { queue } = setUpQueue(redis);
  await queue.enqueue(push(1));
  await redis.wait(1, 5_000);
  // The Sentinel has to know the replica before it can choose it.
  const sentinel = connectRedis(sentinels[0] ?? { host: '', port: 0 });
  onTestFinished(() => sentinel.disconnect());
  await expect
    .poll(async () => JSON.stringify(await sentinel.call('SENTINEL', 'replicas', 'orders')), { timeout: 20_000 })
    .toContain(String(replica.port));
  await master.server.kill();
  await expect
    .poll(() => queue.enqueue(push(2)).then(({ kind }) => kind), { timeout: 30_000, interval: 200 })
    .toBe('enqueued');
  const taken = await queue.take('c', shortTake);
  expect(taken.map(({ payloadText }) => payloadText)).toEqual([push(1), push(2)]);
});
