import { expect, it } from 'vitest';
import { NotReplicatedError, Replication } from '../src/index.ts';
import { startDedicatedRedis } from './dedicated-redis.ts';
import { push, setUpQueue } from './queues.ts';

it('confirms a push only when a replica has it, a repeated one too', { timeout: 60_000 }, async () => {
  const master = await startDedicatedRedis();
  const replica = await startDedicatedRedis(['--replicaof', '127.0.0.1', String(master.port)]);
  const [redis, copy] = [master.connect(), replica.connect()];
  await expect.poll(() => copy.info('replication'), { timeout: 10_000 }).toContain('master_link_status:up');
  const { queue, keys } = setUpQueue(redis, { replication: new Replication(redis, 1) });

  // A busy machine may need more than the 300 ms of one try; a repeat asks again.
  const confirmed = (n: number) => expect.poll(() => queue.enqueue(push(n), { digest: `${n}` }), { timeout: 20_000 });
  await Promise.all([1, 2, 3].map((n) => confirmed(n).toMatchObject({ id: expect.any(String) as unknown })));
  expect(await copy.llen(keys.webhooks.main)).toBe(3);

  await replica.server.kill();
  await expect(queue.enqueue(push(4), { digest: '4' })).rejects.toThrow(NotReplicatedError);
  await expect(queue.enqueue(push(4), { digest: '4' })).rejects.toThrow('0 of 1 replicas have the write');
  expect(await redis.llen(keys.webhooks.main)).toBe(4);
});
