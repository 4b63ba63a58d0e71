import { describe, expect, test, vi } from 'vitest';
import { PeriodicTask } from './periodic-task.ts';
import { createLogger } from '../logging/logger.ts';

const lines: string[] = [];
const logger = createLogger({ name: 'test', level: 'info', destination: { write: (line) => void lines.push(line) } });

describe('PeriodicTask', () => {
  test('runs at once and again until it is stopped', async () => {
    let rounds = 0;
    const task = new PeriodicTask({ name: 'count', intervalMs: 1, logger, run: () => void (rounds += 1) });
    task.start();
    await vi.waitFor(() => expect(rounds).toBeGreaterThan(2));
    await task.stop();
    await task.stop();
    const after = rounds;
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(rounds).toBe(after);
  });

  test('stop waits for the round that is going on', async () => {
    let finish: () => void = () => undefined;
    let done = false;
    const run = async () => {
      await new Promise<void>((resolve) => (finish = resolve));
      done = true;
    };
    const task = new PeriodicTask({ name: 'slow', intervalMs: 1000, logger, run });
    task.start();
    const stopped = task.stop();
    finish();
    await stopped;
    expect(done).toBe(true);
  });

  test('an outage is logged when it begins and when it ends', async () => {
    let rounds = 0;
    const run = () => {
      rounds += 1;
      if (rounds < 4) throw new Error('away');
    };
    const task = new PeriodicTask({ name: 'flaky', intervalMs: 1, logger, run });
    task.start();
    await vi.waitFor(() => expect(rounds).toBeGreaterThan(6));
    await task.stop();
    expect(
      lines.filter((line) => line.includes('"flaky"')).map((line) => (JSON.parse(line) as { msg: string }).msg),
    ).toEqual(['periodic task failed', 'periodic task recovered']);
  });
});
