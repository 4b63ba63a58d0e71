import { expect, it, onTestFinished, vi } from 'vitest';
import { createPeriodicTask } from './periodic-task.ts';

it('does its work at once and again and again, until it is stopped', async () => {
  const round = vi.fn<() => Promise<void>>(() => Promise.resolve());
  const task = createPeriodicTask(round, { intervalMs: 2 });
  task.start();
  task.start();
  await vi.waitFor(() => expect(round.mock.calls.length).toBeGreaterThan(3));
  await task.stop();
  const { length } = round.mock.calls;
  await new Promise((resolve) => setTimeout(resolve, 30));
  expect(round.mock.calls).toHaveLength(length);
});

it('stop() waits for the tick in progress, and no timer is armed after it', async () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const { promise, resolve } = Promise.withResolvers<void>();
  const round = vi.fn<() => Promise<void>>(() => promise);
  const task = createPeriodicTask(round, { intervalMs: 1 });
  task.start();
  const stopped = task.stop();
  resolve();
  await stopped;
  expect(round).toHaveBeenCalledTimes(1);
  expect(vi.getTimerCount()).toBe(0);
});

it('continues after a failure, and reports the first failure and the recovery', async () => {
  const reports: (string | undefined)[] = [];
  const outcomes = [new Error('one'), new Error('two'), undefined];
  const round = vi.fn<() => Promise<void>>(async () => {
    const outcome = outcomes.shift();
    if (outcome !== undefined) throw outcome;
  });
  const task = createPeriodicTask(round, { intervalMs: 1, onError: (error) => reports.push(error?.message) });
  task.start();
  await vi.waitFor(() => expect(round.mock.calls.length).toBeGreaterThan(4));
  await task.stop();
  expect(reports).toEqual(['one', undefined]);
});

it('rejects when runOnce() is called and fails', async () => {
  const task = createPeriodicTask(() => Promise.reject(new Error('no')), { intervalMs: 1_000 });
  await expect(task.runOnce()).rejects.toThrow('no');
});
