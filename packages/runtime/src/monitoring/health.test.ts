import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { HealthChecks, type HealthState } from './health.ts';

describe('HealthChecks', () => {
  test('reports ok when every check is ok or only warns', () => {
    const health = new HealthChecks();
    health.register('redis', () => ({ status: 'ok' }));
    health.register('log', () => ({ status: 'warning', detail: 'disk is slow' }));
    expect(health.report()).toMatchObject({
      status: 'ok',
      checks: { log: { status: 'warning', detail: 'disk is slow' } },
    });
  });

  test('a failing check keeps the moment when it began, until it ends', () => {
    let now = Date.parse('2026-09-01T00:00:00Z');
    let state: HealthState = { status: 'ok' };
    const health = new HealthChecks({ now: () => now });
    health.register('redis', () => state);
    health.report();
    state = { status: 'failing', detail: 'away', action: 'start it' };
    now += 1000;
    const first = health.report();
    now += 60_000;
    expect(health.report()).toEqual(first);
    expect(first).toEqual({
      status: 'failing',
      checks: { redis: { status: 'failing', since: '2026-09-01T00:00:01.000Z', detail: 'away', action: 'start it' } },
    });
  });

  test('a failing check has the time of its first failure although nothing polled then', () => {
    vi.useFakeTimers({ now: Date.parse('2026-09-01T00:00:00Z') });
    onTestFinished(() => void vi.useRealTimers());
    let state: HealthState = { status: 'ok' };
    const health = new HealthChecks();
    health.register('redis', () => state);
    const stop = health.startPolling();
    vi.advanceTimersByTime(60_000);
    state = { status: 'failing', detail: 'away' };
    vi.advanceTimersByTime(7_200_000);
    expect(health.report().checks['redis']?.since).toBe('2026-09-01T00:01:05.000Z');
    stop();
    expect(vi.getTimerCount()).toBe(0);
  });

  test('a check that throws is a failing one', () => {
    const health = new HealthChecks();
    health.register('sheet', () => {
      throw new Error('no state yet');
    });
    expect(health.report().checks['sheet']?.detail).toContain('no state yet');
  });
});
