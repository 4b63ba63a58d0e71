import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, inject, it, onTestFinished } from 'vitest';
import type { PeriodicTask } from '@shopee-webhook/runtime';
import { connectRedis, createHeartbeat, createReaper, type Delivery, type Queue } from '../src/index.ts';
import { ack, push, setUpQueue, silent } from './queues.ts';

const port = inject('redisPort');
const redis = connectRedis({ host: '127.0.0.1', port });
afterAll(() => redis.disconnect());

const script = fileURLToPath(new URL('fixtures/consumer-process.ts', import.meta.url));

interface Child {
  process: ChildProcess;
  /** Resolves when it has printed this. */
  says(text: string): Promise<void>;
}

function startConsumer(prefix: string, leaseMs: number): Child {
  const child = spawn(process.execPath, [script, String(port), prefix, String(leaseMs)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  onTestFinished(async () => {
    child.kill('SIGKILL');
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  });
  return {
    process: child,
    says: (text) => expect.poll(() => output, { timeout: 15_000 }).toContain(text),
  };
}

function run(...tasks: PeriodicTask[]): void {
  for (const task of tasks) {
    task.start();
    onTestFinished(() => task.stop());
  }
}

/** The suspects, as soon as there are any. */
async function suspects(queue: Queue, timeout: number): Promise<Delivery[]> {
  let taken: Delivery[] = [];
  const take = async () => (taken = await queue.takeSuspects('other', { max: 10, blockMs: 100 }));
  await expect.poll(take, { timeout }).not.toEqual([]);
  return taken;
}

it('what a killed process had in flight is in flight in another within 20 s', { timeout: 60_000 }, async () => {
  const leaseMs = 15_000;
  const { queue, keys } = setUpQueue(redis, { leaseMs });
  await queue.enqueue(push(1));
  const child = startConsumer(keys.prefix, leaseMs);
  await child.says('taken 1');
  run(createReaper(queue, silent), createHeartbeat(queue, ['other'], silent));
  child.process.kill('SIGKILL');
  const begun = performance.now();
  const taken = await suspects(queue, 25_000);
  expect(taken).toMatchObject([{ payloadText: push(1), metadata: { delivery_count: 1 } }]);
  expect(performance.now() - begun).toBeLessThan(20_000);
});

it(
  'what a frozen process had in flight goes to another, and it settles nothing when it wakes up',
  { timeout: 60_000 },
  async () => {
    const leaseMs = 1_500;
    const { queue, keys, inspector } = setUpQueue(redis, { leaseMs });
    await queue.enqueue(push(1));
    const child = startConsumer(keys.prefix, leaseMs);
    await child.says('taken 1');
    child.process.kill('SIGSTOP');
    run(createReaper(queue, { ...silent, intervalMs: 200 }), createHeartbeat(queue, ['other'], silent));
    const taken = await suspects(queue, 20_000);
    expect(taken).toMatchObject([{ payloadText: push(1) }]);
    child.process.kill('SIGCONT');
    child.process.stdin?.write('settle\n');
    await child.says('settled [false]');
    expect(await queue.settle('other', taken.map(ack))).toEqual([true]);
    expect((await inspector.queueStats()).totals.processed).toBe(1);
  },
);
