import { expect, it, onTestFinished, vi } from 'vitest';
import { createPeriodicTask } from './periodic-task.ts';

it('does its work at once and again and again, until it is stopped', async () => {
  const round = vi.fn<() => Promise<void>>(() => Promise.resolve());
  const chore = createPeriodicTask(round, { intervalMs: 2 });
  chore.start();
  chore.start();
  await vi.waitFor(() => expect(round.mock.calls.length).toBeGreaterThan(3));
  await chore.stop();
  const { length } = round.mock.calls;
  await new Promise((resolve) => setTimeout(resolve, 30));
  expect(round.mock.calls).toHaveLength(length);
});

it('waits at its stop for the round that is under way, and arms no timer after it', async () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const { promise, resolve } = Promise.withResolvers<void>();
  const round = vi.fn<() => Promise<void>>(() => promise);
  const chore = createPeriodicTask(round, { intervalMs: 1 });
  chore.start();
  const stopped = chore.stop();
  resolve();
  await stopped;
  expect(round).toHaveBeenCalledTimes(1);
  expect(vi.getTimerCount()).toBe(0);
});

it('goes on after a failure, and tells when trouble begins and ends', async () => {
  const told: (string | undefined)[] = [];
  const outcomes = [new Error('one'), new Error('two'), undefined];
  const round = vi.fn<() => Promise<void>>(async () => {
    const outcome = outcomes.shift();
    if (outcome !== undefined) throw outcome;
  });
  const chore = createPeriodicTask(round, { intervalMs: 1, onError: (error) => told.push(error?.message) });
  chore.start();
  await vi.waitFor(() => expect(round.mock.calls.length).toBeGreaterThan(4));
  await chore.stop();
  expect(told).toEqual(['one', undefined]);
});

it('reports a failure to whoever runs it by hand', async () => {
  const chore = createPeriodicTask(() => Promise.reject(new Error('no')), { intervalMs: 1_000 });
  await expect(chore.runOnce()).rejects.toThrow('no');
});
