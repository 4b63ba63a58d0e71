import * as fc from 'fast-check';
import { afterAll, expect, inject, it } from 'vitest';
import { connectRedis, type Delivery, type Queue, type Settlement } from '../src/index.ts';
import { ack, deadLetter, push, retryNow, setUpQueue } from './queues.ts';

const redis = connectRedis({ host: '127.0.0.1', port: inject('redisPort') });
afterAll(() => redis.disconnect());

type Real = ReturnType<typeof setUpQueue>;

/** What should be: every push that was accepted and not yet ended, and what each process believes it holds. */
class Model {
  accepted = 0;
  readonly open = new Set<string>();
  readonly ended = new Set<string>();
  /** Processes by their consumer's name; a crash makes a new one. */
  readonly processes = new Map<string, Queue>();
  readonly held = new Map<string, Delivery[]>();
  /** Deliveries of processes that were frozen: they may wake up and settle at any time. */
  readonly frozen: { queue: Queue; consumer: string; deliveries: Delivery[] }[] = [];

  process(real: Real, consumer: string): Queue {
    const queue = this.processes.get(consumer) ?? real.another();
    this.processes.set(consumer, queue);
    return queue;
  }
}

type Command = fc.AsyncCommand<Model, Real>;

const consumers = fc.constantFrom('a', 'b', 'c');

/** One step of the story; afterwards every push is in one place, or ended. */
function command(name: string, run: (model: Model, real: Real) => Promise<void>): Command {
  return {
    check: () => true,
    async run(model, real) {
      await run(model, real);
      await expectNothingLost(model, real);
    },
    toString: () => name,
  };
}

const accept = (model: Model) => {
  const text = push(++model.accepted);
  model.open.add(text);
  return text;
};

const enqueue = fc.constant(
  command('enqueue', async (model, { queue }) => {
    await queue.enqueue(accept(model), { digest: `${model.accepted}` });
    await queue.enqueue(push(model.accepted), { digest: `${model.accepted}` });
  }),
);

const pushManually = fc.constant(
  command('lpush', async (model, { queue }) => {
    await redis.lpush(queue.keys.main, accept(model));
  }),
);

const take = fc.record({ consumer: consumers, max: fc.integer({ min: 1, max: 5 }) }).map(({ consumer, max }) =>
  command(`take ${consumer} ${max}`, async (model, real) => {
    const deliveries = await model.process(real, consumer).take(consumer, { max, blockMs: 1 });
    model.held.set(consumer, [...(model.held.get(consumer) ?? []), ...deliveries]);
  }),
);

const outcomes = fc.constantFrom<(delivery: Delivery) => Settlement>(ack, retryNow, deadLetter('r'));

const takeSuspects = consumers.map((consumer) =>
  command(`take suspects ${consumer}`, async (model, real) => {
    const deliveries = await model.process(real, consumer).takeSuspects(consumer, { max: 5, blockMs: 1 });
    model.held.set(consumer, [...(model.held.get(consumer) ?? []), ...deliveries]);
  }),
);

const settle = fc
  .record({ consumer: consumers, outcome: outcomes, count: fc.integer({ min: 1, max: 5 }) })
  .map(({ consumer, outcome, count }) =>
    command(`settle ${consumer} ${count} ${outcome.name}`, async (model, real) => {
      const held = model.held.get(consumer) ?? [];
      const chosen = held.splice(0, count);
      const settled = await model.process(real, consumer).settle(consumer, chosen.map(outcome));
      if (outcome === ack) end(model, chosen, settled);
    }),
  );

const requeue = consumers.map((consumer) =>
  command(`give back ${consumer}`, async (model, real) => {
    const held = model.held.get(consumer) ?? [];
    await model.process(real, consumer).requeue(consumer, held.splice(0, 2));
  }),
);

const crash = fc.record({ consumer: consumers, freezes: fc.boolean() }).map(({ consumer, freezes }) =>
  command(`${freezes ? 'freeze' : 'crash'} ${consumer}`, async (model, real) => {
    const queue = model.process(real, consumer);
    if (freezes) model.frozen.push({ queue, consumer, deliveries: model.held.get(consumer) ?? [] });
    model.held.delete(consumer);
    model.processes.delete(consumer);
    await real.kill(consumer);
  }),
);

const thaw = outcomes.map((outcome) =>
  command(`thaw and ${outcome.name}`, async (model) => {
    const sleeper = model.frozen.pop();
    if (sleeper === undefined) return;
    const { queue, consumer, deliveries } = sleeper;
    const settled = await queue.settle(consumer, deliveries.map(outcome));
    if (outcome === ack) end(model, deliveries, settled);
  }),
);

/** Redis moves a message, and the reply is lost on the way. */
const lostReply = consumers.map((consumer) =>
  command(`lost reply ${consumer}`, async (_, { queue }) => {
    await redis.lmove(queue.keys.main, queue.keys.processing(consumer), 'RIGHT', 'LEFT');
    await queue.heartbeat(consumer);
  }),
);

const reap = fc.constant(
  command('two reap at once', async (_, { queue, another }) => {
    await Promise.all([queue.reap(), another().reap()]);
  }),
);

const promote = fc.constant(
  command('promote', async (_, { queue }) => {
    for (const text of await redis.zrange(queue.keys.retry, '0', '-1')) await redis.zadd(queue.keys.retry, 0, text);
    await Promise.all([queue.promoteDue(2), queue.promoteDue(2)]);
  }),
);

const replay = fc.constant(
  command('replay', async (_, { inspector }) => {
    await Promise.all([
      inspector.replayDeadLetters({ filter: { reason: 'r' } }),
      inspector.replayDeadLetters({ filter: {} }),
    ]);
  }),
);

const discard = fc.constant(
  command('discard one', async (model, { inspector }) => {
    const [letter] = (await inspector.listDeadLetters({ count: 1 })).deadLetters;
    if (letter?.payloadText === undefined) return;
    const { discarded } = await inspector.discardDeadLetters({ ids: [letter.id] });
    if (discarded === 1) close(model, letter.payloadText);
  }),
);

function end(model: Model, deliveries: Delivery[], settled: boolean[]): void {
  for (const [at, { payloadText }] of deliveries.entries()) if (settled[at] === true) close(model, payloadText);
}

/** Ends a push; it may end once. */
function close(model: Model, text: string): void {
  expect(model.open.delete(text)).toBe(true);
  expect(model.ended.has(text)).toBe(false);
  model.ended.add(text);
}

async function expectNothingLost(model: Model, { queue }: Real): Promise<void> {
  const { main, suspects, retry, deadLetter, processing } = queue.keys;
  const lists = [main, suspects, deadLetter, ...['a', 'b', 'c'].map((consumer) => processing(consumer))];
  const listed = await Promise.all(lists.map((list) => redis.lrange(list, 0, -1)));
  const raws = [...listed.flat(), ...(await redis.zrange(retry, '0', '-1'))];
  const found = raws.map(
    (raw) => /\{"code":3,"shop_id":\d+,"timestamp":\d+,"data":\{"ordersn":"SN\d+"\}\}/.exec(raw)?.[0],
  );
  expect(found).toHaveLength(model.open.size);
  expect(new Set(found)).toEqual(model.open);
}

/** When all goes well again everything is handled: nothing waits for ever. */
async function handleTheRest(model: Model, real: Real): Promise<void> {
  const { queue, inspector } = real;
  for (let round = 0; round < 100; round++) {
    for (const consumer of ['a', 'b', 'c']) {
      const process = model.process(real, consumer);
      const options = { max: 50, blockMs: 1 };
      const suspects = await process.takeSuspects(consumer, options);
      const others = await process.take(consumer, options);
      const held = [...(model.held.get(consumer) ?? []), ...suspects, ...others];
      model.held.delete(consumer);
      end(model, held, await process.settle(consumer, held.map(ack)));
    }
    await queue.reap();
    for (const text of await redis.zrange(queue.keys.retry, '0', '-1')) await redis.zadd(queue.keys.retry, 0, text);
    await queue.promoteDue();
    const { depth, processing, retrying } = (await inspector.queueStats()).queue;
    if (depth + processing + retrying === 0) return;
  }
  throw new Error('something waits for ever');
}

it('loses no message and has none twice, whatever happens in whatever order', { timeout: 120_000 }, async () => {
  expect.hasAssertions();
  const story = fc.commands(
    [
      enqueue,
      pushManually,
      take,
      take,
      takeSuspects,
      settle,
      settle,
      requeue,
      crash,
      thaw,
      lostReply,
      reap,
      promote,
      replay,
      discard,
    ],
    { maxCommands: 60, size: 'max' },
  );
  await fc.assert(
    fc.asyncProperty(story, async (commands) => {
      const [model, real] = [new Model(), setUpQueue(redis)];
      await fc.asyncModelRun(() => ({ model, real }), commands);
      await handleTheRest(model, real);
    }),
    { numRuns: 25 },
  );
});
