import { expect, test, vi } from 'vitest';
import { startWorkerProcess } from './worker-process.ts';
import { createWorld, type World, soon } from './world.ts';

async function heldBy(world: World, workerId: string): Promise<number> {
  const held = await Promise.all([1, 2, 3].map((at) => world.inspector.listInFlight(`${workerId}:${String(at)}`)));
  return held.flat().length;
}

test('a stopped worker finishes what is in flight and leaves nothing behind', async () => {
  const world = await createWorld({ google: { latencyMs: 300 } });
  const worker = await world.startWorker();
  await world.enqueue(Array.from({ length: 200 }, () => world.place()));
  await vi.waitFor(async () => expect((await world.inspector.queueStats()).queue.processing).toBeGreaterThan(0), soon);
  const startedAt = Date.now();
  await worker.stop();
  expect(Date.now() - startedAt).toBeLessThan(10_000);
  const { queue } = await world.inspector.queueStats();
  expect(queue.processing).toBe(0);
  expect(world.rows('Orders')).toHaveLength(200 - queue.depth);
});

test('while Google hangs a stop takes at most ten seconds, and another worker takes over at once', async () => {
  const world = await createWorld();
  world.google.faults.add({ kind: 'hang', times: Infinity });
  const worker = await world.startWorker();
  await world.enqueue([world.place(), world.place()]);
  await vi.waitFor(async () => expect((await world.inspector.queueStats()).queue.processing).toBe(2), soon);
  const startedAt = Date.now();
  await Promise.all([worker.stop(), worker.stop()]);
  expect(Date.now() - startedAt).toBeLessThan(10_000);
  world.google.faults.clear();
  await world.startWorker((config) => ({ ...config, workerId: 'second' }));
  // Its rows follow when the hung writer's lock has run out: what hangs at Google may still be carried out.
  await vi.waitFor(async () => expect(await heldBy(world, 'second')).toBe(2), soon);
});

test('a worker that is stopped by force settles nothing more', async () => {
  const world = await createWorld({ google: { latencyMs: 1500 } });
  const worker = await world.startWorker();
  await world.enqueue([world.place()]);
  await vi.waitFor(() => expect(world.shopee.calls.some(({ path }) => path.includes('/order/'))).toBe(true), soon);
  worker.forceStop();
  const { queue, totals } = await world.inspector.queueStats();
  expect(queue.processing).toBe(1);
  expect(totals.processed).toBe(0);
  await world.startWorker((config) => ({ ...config, workerId: 'second' }));
  await vi.waitFor(async () => expect(await world.left()).toBe(0), soon);
  expect(world.rows('Orders')).toHaveLength(1);
});

test('SIGTERM while a call to Google hangs ends the process with exit code 0 within ten seconds', async () => {
  const world = await createWorld();
  world.google.faults.add({ kind: 'hang', times: Infinity });
  const worker = await startWorkerProcess(world);
  await world.enqueue([world.place()]);
  await vi.waitFor(async () => expect((await world.inspector.queueStats()).queue.processing).toBe(1), soon);
  const startedAt = performance.now();
  worker.child.kill('SIGTERM');
  expect(await worker.end).toBe(0);
  expect(performance.now() - startedAt).toBeLessThan(10_000);
});
