import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { eventTypes } from '@shopee-webhook/shopee';
import { checkSheet } from '../src/checks/sheet-check.ts';
import { OrderLoad } from '../src/load/order-load.ts';
import { countNotifiedEvents } from '../src/checks/notified-events.ts';
import { Random } from '../src/load/random.ts';
import { ClusterGroup } from '../src/redis/cluster.ts';
import { SentinelGroup } from '../src/redis/sentinels.ts';
import { Stack, type StackOptions } from '../src/stack/stack.ts';

const timeoutMs = 240_000;
const noViolations = { missing: [], duplicates: [], stale: [], wrong: [] };

let dir: string;
const cleanups: (() => Promise<void>)[] = [];
beforeEach(() => void (dir = mkdtempSync(join(tmpdir(), 'distribution-'))));
afterEach(async () => {
  for (const end of cleanups.splice(0).toReversed()) await end();
  rmSync(dir, { recursive: true, force: true });
});

async function startStack(name: string, options: Partial<StackOptions>): Promise<Stack> {
  const stack = await Stack.create({ dir: join(dir, name), telegram: false, google: { latencyMs: 50 }, ...options });
  cleanups.push(() => stack.stop());
  await stack.start();
  return stack;
}

/** Orders of which a push was answered 200 and whose rows violate a guarantee. */
function findViolations(stack: Stack, load: OrderLoad) {
  const accepted = load.pushes.filter(({ code, statuses }) => code === 3 && statuses.includes(200));
  const { missing, duplicates, stale, wrong } = checkSheet(stack, new Set(accepted.map(({ sn }) => sn)));
  return { missing, duplicates, stale, wrong };
}

async function breakerState(stack: Stack): Promise<string> {
  const response = await fetch(`${stack.forwarder.url}/queue/stats`);
  const stats = (await response.json()) as { circuitBreaker: { state: string } };
  return stats.circuitBreaker.state;
}

/** How many events a forwarder delivered to the worker over HTTP. */
async function fallbackCount({ url }: { url: string }): Promise<number> {
  const stats = (await (await fetch(`${url}/queue/stats`)).json()) as { totals: { fallback: number } };
  return stats.totals.fallback;
}

test(
  'a master that is killed under load loses nothing that was answered 200, and its replica serves within seconds',
  async () => {
    const group = await SentinelGroup.start({ dir, replicas: 2, sentinels: 3, downAfterMs: 2_000 });
    cleanups.push(() => group.stop());
    const stack = await startStack('stack', { redisEnv: { ...group.env, REDIS_WAIT_REPLICAS: '1' } });
    const load = new OrderLoad(stack, new Random(1), 400);
    const loading = load.run({ perSecond: 25, orders: 100, stop: AbortSignal.timeout(timeoutMs) });
    await vi.waitFor(() => expect(load.size).toBeGreaterThan(100), { timeout: 60_000 });

    const dead = await group.killMaster();
    await vi.waitFor(async () => expect(await breakerState(stack)).toBe('open'), { timeout: 20_000, interval: 50 });
    await vi.waitFor(async () => expect(await breakerState(stack)).toBe('closed'), { timeout: 60_000, interval: 50 });
    expect(await group.masterPort()).not.toBe(dead);

    await loading;
    expect(load.pushes.flatMap(({ statuses }) => statuses).filter((status) => status !== 200)).toEqual([]);
    await vi.waitFor(() => expect(findViolations(stack, load)).toEqual(noViolations), {
      timeout: 90_000,
      interval: 1_000,
    });
  },
  timeoutMs,
);

test(
  'two forwarders and three workers share the work: each order once, each event notified once',
  async () => {
    const stack = await startStack('stack', { forwarders: 2, workers: 3, telegram: true });
    const load = new OrderLoad(stack, new Random(4), 120);
    await load.run({ perSecond: 20, orders: 40, stop: AbortSignal.timeout(timeoutMs) });
    await vi.waitFor(() => expect(findViolations(stack, load)).toEqual(noViolations), {
      timeout: 90_000,
      interval: 1_000,
    });

    const codeOf = (topic: string) => eventTypes.find(({ title }) => title === topic)?.code;
    const expected = Map.groupBy(load.pushes, ({ code, sn }) => `${code} ${sn}`);
    // Where a busy machine makes Redis slow, a forwarder delivers an event over HTTP, and it may be notified twice.
    const handedOver = (await Promise.all(stack.forwarders.map(fallbackCount))).reduce((sum, count) => sum + count);
    const check = () => {
      const notified = countNotifiedEvents(stack.telegram, codeOf);
      const surplus = [...notified].map(([key, times]) => times - (expected.get(key)?.length ?? 0));
      expect([...expected].filter(([key, { length }]) => (notified.get(key) ?? 0) < length)).toEqual([]);
      expect(surplus.reduce((sum, times) => sum + times)).toBeLessThanOrEqual(handedOver);
    };
    await vi.waitFor(check, { timeout: 120_000, interval: 1_000 });
    // Each process takes part.
    for (const { url } of stack.forwarders) {
      const metrics = await (await fetch(`${url}/metrics`)).text();
      expect(metrics).toMatch(/shopee_pushes_total\{[^}]*outcome="queued"[^}]*\} [1-9]/);
    }
    const workers = await fetch(`${stack.workers[0]?.url}/workers/stats`);
    // Three consumers each, and the one that is kept for suspects.
    expect(((await workers.json()) as { workers: unknown[] }).workers).toHaveLength(12);
  },
  timeoutMs,
);

test(
  'in a Cluster of three masters two groups of shops, each under its prefix in braces, live on two nodes',
  async () => {
    const group = await ClusterGroup.start({ dir, masters: 3 });
    cleanups.push(() => group.stop());
    // Slots 3429 and 11508: on the first and on the third node.
    const stacks = await Promise.all(
      ['{shopee}', '{shopee-2}'].map((prefix) => startStack(prefix, { redisEnv: group.env(prefix) })),
    );
    const loads = stacks.map((stack, index) => new OrderLoad(stack, new Random(index + 2), 60));
    const stop = AbortSignal.timeout(timeoutMs);
    await Promise.all(loads.map((load) => load.run({ perSecond: 15, orders: 20, stop })));
    for (const [index, stack] of stacks.entries()) {
      const load = loads[index];
      if (load === undefined) throw new Error('no load');
      await vi.waitFor(() => expect(findViolations(stack, load)).toEqual(noViolations), {
        timeout: 90_000,
        interval: 1_000,
      });
      expect(await breakerState(stack)).toBe('closed');
    }
    expect((await group.keyCounts()).filter((keys) => keys > 0)).toHaveLength(2);
  },
  timeoutMs,
);
