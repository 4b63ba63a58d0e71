import { afterAll, describe, expect, inject, it } from 'vitest';
import { connectRedis, eraseReferences } from '../src/index.ts';
import { ack, push, setUpQueue, shortTake } from './queues.ts';

const redis = connectRedis({ host: '127.0.0.1', port: inject('redisPort') });
afterAll(() => redis.disconnect());

/** A queue with so many dead letters, oldest first m0, m1, …, as another program may have put them there. */
async function setUpDeadLetters(count: number) {
  const setUp = setUpQueue(redis);
  const record = (n: number) => `{"id":"m${n}","payload":${push(1)},"metadata":{"reason":"x","dead_at":${n + 1}}}`;
  const { deadLetter } = setUp.keys.webhooks;
  await redis.lpush(deadLetter, ...Array.from({ length: count }, (_, n) => record(n)));
  const list = async () => (await redis.lrange(deadLetter, 0, -1)).map((raw) => /"id":"(.*?)"/.exec(raw)?.[1]);
  return { ...setUp, record, list };
}

const newestFirst = (count: number) => Array.from({ length: count }, (_, n) => `m${count - 1 - n}`);

describe('the list and its index', () => {
  it('agree on what another program added, whatever the number', async () => {
    const { inspector, list } = await setUpDeadLetters(450);
    const { total, deadLetters } = await inspector.listDeadLetters({ count: 450 });
    expect(total).toBe(450);
    expect(deadLetters.map(({ id }) => id)).toEqual(newestFirst(450));
    expect(await list()).toEqual(newestFirst(450));
  });

  it('count what was taken from the middle at once, and show it until the list is compacted', async () => {
    const { inspector, queue, list } = await setUpDeadLetters(450);
    const ids = newestFirst(450).slice(200, 250);
    expect(await inspector.replayDeadLetters({ ids })).toEqual({ replayed: 50, rejected: 0, missing: 0 });
    expect((await inspector.queueStats()).queue).toMatchObject({ deadLetter: 400, depth: 50 });
    expect(await inspector.discardDeadLetters({ ids })).toEqual({ discarded: 0, missing: 50 });
    expect(await list()).toHaveLength(450);
    await inspector.compactDeadLetters();
    const left = newestFirst(450).filter((id) => !ids.includes(id));
    expect(await list()).toEqual(left);
    expect((await inspector.listDeadLetters({ count: 450 })).deadLetters.map(({ id }) => id)).toEqual(left);
    expect(await queue.depth()).toBe(50);
  });

  it('are short together where little lies between an element and an end', async () => {
    const { inspector, list } = await setUpDeadLetters(100);
    expect(await inspector.discardDeadLetters({ ids: ['m3', 'm50', 'm99'] })).toMatchObject({ discarded: 3 });
    expect(await list()).toHaveLength(97);
  });

  it('hold two dead letters of one id, each under an address of its own', async () => {
    const { inspector, record, keys } = await setUpDeadLetters(1);
    await redis.lpush(keys.webhooks.deadLetter, record(0).replace('"dead_at":1', '"dead_at":2'));
    const { deadLetters } = await inspector.listDeadLetters();
    expect(deadLetters.map(({ messageId }) => messageId)).toEqual(['m0', 'm0']);
    const other = deadLetters.find(({ id }) => id !== 'm0')?.id ?? '';
    expect(await inspector.discardDeadLetters({ ids: ['m0'] })).toEqual({ discarded: 1, missing: 0 });
    expect(await inspector.deadLetter(other)).toMatchObject({ id: other, messageId: 'm0' });
    expect(await inspector.listDeadLetters()).toMatchObject({ total: 1 });
  });
});

it('drops a waiting notification of an erased buyer when its turn comes, and a retry at once', async () => {
  const { outbox, keys } = setUpQueue(redis);
  for (const buyer of ['ann', 'bob', 'ann', 'cid']) await outbox.enqueue(JSON.stringify({ buyer }));
  const [first] = await outbox.take('c', { max: 1, blockMs: 20 });
  const retry = { kind: 'retry', delayMs: 60_000, reason: 'x', error: '', countsAsFailure: false } as const;
  if (first !== undefined) await outbox.settle('c', [{ delivery: first, outcome: retry }]);
  const erased = { deadLetters: 0, notifications: 2 };
  expect(await eraseReferences({ redis, keys }, ['ann'], { dryRun: true })).toEqual(erased);
  expect(await eraseReferences({ redis, keys }, ['ann'], { dryRun: false })).toEqual(erased);
  expect(await redis.zcard(keys.notifications.retry)).toBe(0);
  const deliveries = await outbox.take('c', shortTake);
  expect(deliveries.map(({ payloadText }) => payloadText)).toEqual(['{"buyer":"bob"}', '{"buyer":"cid"}']);
  expect(await outbox.settle('c', deliveries.map(ack))).toEqual([true, true]);
  expect(await redis.llen(keys.notifications.processing('c'))).toBe(0);
});
