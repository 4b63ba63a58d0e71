import { setImmediate as nextTurn } from 'node:timers/promises';
import type { EnqueueResult, EnqueueRequest } from '@shopee-webhook/store';
import { expect, test } from 'vitest';
import { EnqueueBatcher } from './enqueue-batcher.ts';

/** A queue that answers each group when it is told to. */
function setUp() {
  const sent: { texts: string[]; resolve: () => void; reject: (error: Error) => void }[] = [];
  const batcher = new EnqueueBatcher((requests: readonly EnqueueRequest[]) => {
    const { promise, resolve, reject } = Promise.withResolvers<EnqueueResult[]>();
    const texts = requests.map(({ payloadText }) => payloadText);
    const response = () => resolve(texts.map((text) => ({ kind: 'enqueued', id: `id of ${text}` })));
    sent.push({ texts, resolve: response, reject: reject });
    return promise;
  });
  const enqueue = (payloadText: string) => batcher.enqueue({ payloadText });
  return { sent, enqueue };
}

test('what arrives while a group is in flight goes with the next one', async () => {
  const { sent, enqueue } = setUp();
  const first = ['a', 'b'].map(enqueue);
  await nextTurn();
  const second = ['c', 'd', 'e'].map(enqueue);
  await nextTurn();
  expect(sent.map(({ texts }) => texts)).toEqual([['a', 'b']]);
  sent[0]?.resolve();
  expect((await Promise.all(first)).map(({ id }) => id)).toEqual(['id of a', 'id of b']);
  await nextTurn();
  expect(sent[1]?.texts).toEqual(['c', 'd', 'e']);
  sent[1]?.resolve();
  expect((await Promise.all(second)).map(({ id }) => id)).toEqual(['id of c', 'id of d', 'id of e']);
});

test('a group that is rejected is rejected for all in it, and the next goes on', async () => {
  const { sent, enqueue } = setUp();
  const rejected = Promise.allSettled(['a', 'b'].map(enqueue));
  await nextTurn();
  const next = enqueue('c');
  sent[0]?.reject(new Error('OOM'));
  const reasons = (await rejected).map((result) => (result.status === 'rejected' ? String(result.reason) : 'done'));
  expect(reasons).toEqual(['Error: OOM', 'Error: OOM']);
  await nextTurn();
  sent[1]?.resolve();
  expect(await next).toEqual({ kind: 'enqueued', id: 'id of c' });
});

test('large pushes do not make a group that holds Redis up', async () => {
  const { sent, enqueue } = setUp();
  const large = Array.from({ length: 6 }, (_, index) => String(index).repeat(1024 * 1024));
  const all = large.map(enqueue);
  for (let turn = 0; sent.length < 2; turn += 1) {
    await nextTurn();
    sent[0]?.resolve();
  }
  sent[1]?.resolve();
  await Promise.all(all);
  expect(sent.map(({ texts }) => texts.length)).toEqual([4, 2]);
});
