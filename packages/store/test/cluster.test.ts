import { describe, expect, it } from 'vitest';
import { connectRedis, createReaper, buildKeys, RedisLocks, waitUntilReady } from '../src/index.ts';
import { startDedicatedRedis } from './dedicated-redis.ts';
import { ack, deadLetter, push, setUpQueue, shortTake, silent } from './queues.ts';

describe('a Redis Cluster', () => {
  it('serves the queue, its scripts and its locks under a prefix in braces', { timeout: 60_000 }, async () => {
    const own = await startDedicatedRedis(['--cluster-enabled', 'yes', '--cluster-announce-ip', '127.0.0.1']);
    const node = own.connect();
    await node.cluster('ADDSLOTSRANGE', 0, 16_383);
    await expect.poll(() => node.cluster('INFO'), { timeout: 10_000 }).toContain('cluster_state:ok');
    const redis = connectRedis({ host: '', port: 0, clusterNodes: [{ host: '127.0.0.1', port: own.port }] });
    await waitUntilReady(redis, 10_000);
    const { queue, another, inspector, outbox, keys, kill } = setUpQueue(redis, { prefix: '{t}' });

    for (let n = 1; n <= 3; n++) await queue.enqueue(push(n), { digest: `${n}` });
    expect(await queue.enqueue(push(1), { digest: '1' })).toMatchObject({ kind: 'duplicate' });
    await another().take('dead', { max: 1, blockMs: 20 });
    await kill('dead');
    await createReaper(queue, silent).runOnce();
    const suspects = await queue.takeSuspects('c', shortTake);
    const deliveries = [...suspects, ...(await queue.take('c', shortTake))];
    expect(deliveries).toHaveLength(3);
    await queue.settle('c', [
      ...deliveries.slice(0, 2).map((delivery) => ({ ...ack(delivery), notification: '{"kind":"x"}' })),
      ...deliveries.slice(2).map(deadLetter('r')),
    ]);
    expect(await inspector.replayDeadLetters({ filter: {} })).toMatchObject({ replayed: 1 });
    expect(await outbox.take('n', shortTake)).toHaveLength(2);
    const lease = await new RedisLocks({ redis, keys }).acquire('x', 1_000);
    expect(lease?.fencingToken).toBe(1);
    redis.disconnect();
  });
});

describe('a prefix in braces', () => {
  it('puts every key into one slot', { timeout: 30_000 }, async () => {
    const redis = (await startDedicatedRedis(['--cluster-enabled', 'yes'])).connect();
    const keys = buildKeys('{shopee}');
    const names = [...namesIn(keys), ...namesIn(keys.webhooks), ...namesIn(keys.notifications)];
    expect(names.length).toBeGreaterThan(25);
    const slots = await Promise.all(names.map((name) => redis.cluster('KEYSLOT', name)));
    expect(new Set(slots).size).toBe(1);
  });
});

/** Every key that `keys` makes, with a sample for those that take a name. */
function namesIn(keys: object): string[] {
  return Object.entries(keys).flatMap(([name, key]: [string, unknown]) => {
    if (typeof key === 'function') return [String((key as (sample: string) => unknown)('sample:1'))];
    return typeof key === 'string' && name !== 'prefix' ? [key] : [];
  });
}
