import { once } from 'node:events';
import { connect, createServer, type AddressInfo } from 'node:net';
import { systemClock } from '@shopee-webhook/runtime';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { RedisBreaker, BreakerOpenError } from './circuit-breaker.ts';

let breaker: RedisBreaker;
const changes: string[] = [];

function make(options: { timeoutMs?: number; resetMs?: number } = {}): RedisBreaker {
  changes.length = 0;
  breaker = new RedisBreaker({ timeoutMs: 50, resetMs: 100, ...options, onChange: (state) => changes.push(state) });
  return breaker;
}
afterEach(() => breaker.close());

function stall(ms: number): void {
  const end = performance.now() + ms;
  while (performance.now() < end);
}

const works = () => Promise.resolve('done');
const fails = () => Promise.reject(new Error('OOM'));
const hangs = () => new Promise(() => undefined);

describe('RedisBreaker', () => {
  test('makes calls while closed and returns their results', async () => {
    expect(await make().run(works)).toBe('done');
    expect(breaker.report()).toEqual({
      state: 'closed',
      opens: 0,
      failures: 0,
      timeouts: 0,
      rejected: 0,
      lastChangeAt: null,
    });
  });

  test('opens when half of the calls fail; then no call is made', async () => {
    make();
    await expect(breaker.run(fails)).rejects.toThrow('OOM');
    const call = vi.fn<() => Promise<unknown>>(works);
    await expect(breaker.run(call)).rejects.toBeInstanceOf(BreakerOpenError);
    expect(call).not.toHaveBeenCalled();
    expect(breaker.report()).toMatchObject({ state: 'open', opens: 1, failures: 1, rejected: 1 });
  });

  test('a few failures among many successes do not open it', async () => {
    make();
    for (let call = 0; call < 20; call += 1) await breaker.run(works);
    await expect(breaker.run(fails)).rejects.toThrow('OOM');
    expect(breaker.state).toBe('closed');
  });

  test('after a busy spell the first call that hangs opens it', async () => {
    make();
    for (let call = 0; call < 1_000; call += 1) await breaker.run(works);
    await new Promise((resolve) => setTimeout(resolve, 10));
    await expect(breaker.run(hangs)).rejects.toThrow('no reply within');
    expect(breaker.report()).toMatchObject({ state: 'open', timeouts: 1 });
  });

  test('the first call that hangs opens it when the clock was set back meanwhile as well', async () => {
    make();
    try {
      await breaker.run(works);
      vi.useFakeTimers({ toFake: ['Date'], now: Date.now() - 86_400_000 });
      for (let call = 0; call < 10; call += 1) await breaker.run(works);
      vi.setSystemTime(Date.now() - 86_400_000);
      await expect(breaker.run(hangs)).rejects.toThrow('no reply within');
      expect(breaker.report()).toMatchObject({ state: 'open', timeouts: 1 });
    } finally {
      vi.useRealTimers();
    }
  });

  test('a stall of this process is not a failure of Redis: what came meanwhile is read first', async () => {
    make();
    const server = createServer((socket) => socket.on('data', (data) => socket.write(data)));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
    await once(socket, 'connect');
    // Echoed by another process it would be the same: the reply lies in the socket while this one stands still.
    const ping = async () => {
      socket.write('ping');
      setImmediate(() => setImmediate(() => stall(200)));
      return once(socket, 'data');
    };
    await breaker.run(ping);
    expect(breaker.report()).toMatchObject({ state: 'closed', failures: 0, timeouts: 0 });
    socket.destroy();
    server.close();
  });

  test('half-open lets only the probe through, which closes it or opens it for another while', async () => {
    make();
    breaker.trip('connection lost');
    await vi.waitFor(() => expect(breaker.state).toBe('half-open'));
    await expect(breaker.run(works)).rejects.toBeInstanceOf(BreakerOpenError);
    await breaker.probe(fails);
    expect(breaker.state).toBe('open');
    await vi.waitFor(() => expect(breaker.state).toBe('half-open'));
    await breaker.probe(works);
    expect(breaker.state).toBe('closed');
  });

  test('one that opens again soon after it closed stays open longer, until it was steady for 30 s', async () => {
    let skipMs = 0;
    changes.length = 0;
    const started: number[] = [];
    breaker = new RedisBreaker({
      timeoutMs: 50,
      resetMs: 20,
      onChange: () => started.push(performance.now()),
      clock: { ...systemClock, monotonicMs: () => systemClock.monotonicMs() + skipMs },
    });
    const pauseOf = async () => {
      breaker.trip('flaky');
      await vi.waitFor(() => expect(breaker.state).toBe('half-open'), { interval: 1 });
      await breaker.probe(works);
      return Number(started.at(-1)) - Number(started.at(-2));
    };
    const pauses = [await pauseOf(), await pauseOf(), await pauseOf(), await pauseOf()];
    expect(pauses[0]).toBeGreaterThanOrEqual(19);
    expect(pauses[3]).toBeGreaterThanOrEqual(155);
    skipMs = 31_000;
    await breaker.run(works);
    expect(await pauseOf()).toBeLessThan(Number(pauses[3]));
  });

  test('a change is reported once, however often it stays half-open or fails again', async () => {
    make();
    breaker.trip('connection lost');
    breaker.trip('connection lost');
    for (let round = 0; round < 3; round += 1) {
      await vi.waitFor(() => expect(breaker.state).toBe('half-open'));
      await breaker.probe(fails);
    }
    await vi.waitFor(() => expect(breaker.state).toBe('half-open'));
    await breaker.probe(works);
    expect(changes).toEqual(['open', 'closed']);
    expect(breaker.report()).toMatchObject({ opens: 1, lastChangeAt: expect.any(String) as unknown });
  });
});
