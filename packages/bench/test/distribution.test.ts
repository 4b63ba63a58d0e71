import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { eventCodes } from '@shopee-webhook/shopee';
import { accountOfSheet } from '../src/chaos/sheet-account.ts';
import { Load } from '../src/chaos/load.ts';
import { toldEvents } from '../src/chaos/told.ts';
import { Random } from '../src/random.ts';
import { ClusterGroup } from '../src/redis/cluster.ts';
import { SentinelGroup } from '../src/redis/sentinels.ts';
import { Stack, type StackOptions } from '../src/stack.ts';

const patience = 240_000;
const nothingWrong = { lost: [], duplicates: [], stale: [], wrong: [] };

let dir: string;
const endings: (() => Promise<void>)[] = [];
beforeEach(() => void (dir = mkdtempSync(join(tmpdir(), 'distribution-'))));
afterEach(async () => {
  for (const end of endings.splice(0).toReversed()) await end();
  rmSync(dir, { recursive: true, force: true });
});

async function startStack(name: string, options: Partial<StackOptions>): Promise<Stack> {
  const stack = await Stack.create({ dir: join(dir, name), telegram: false, google: { latencyMs: 50 }, ...options });
  endings.push(() => stack.stop());
  await stack.start();
  return stack;
}

/** Orders of which a push was answered 200, that are not as they should be in the sheet. */
function faultsOf(stack: Stack, load: Load) {
  const accepted = load.pushes.filter(({ code, answers }) => code === 3 && answers.includes(200));
  const { lost, duplicates, stale, wrong } = accountOfSheet(stack, new Set(accepted.map(({ sn }) => sn)));
  return { lost, duplicates, stale, wrong };
}

async function breakerOf(stack: Stack): Promise<string> {
  const answer = await fetch(`${stack.forwarder.url}/queue/stats`);
  const stats = (await answer.json()) as { circuitBreaker: { state: string } };
  return stats.circuitBreaker.state;
}

/** How many events a forwarder handed to the worker over HTTP. */
async function fallbacksOf({ url }: { url: string }): Promise<number> {
  const stats = (await (await fetch(`${url}/queue/stats`)).json()) as { totals: { fallback: number } };
  return stats.totals.fallback;
}

test(
  'a master that dies under load loses nothing that was answered 200, and its replica serves within seconds',
  async () => {
    const group = await SentinelGroup.start({ dir, replicas: 2, sentinels: 3, downAfterMs: 2_000 });
    endings.push(() => group.stop());
    const stack = await startStack('stack', { redisEnv: { ...group.env, REDIS_WAIT_REPLICAS: '1' } });
    const load = new Load(stack, new Random(1), 400);
    const loading = load.run({ perSecond: 25, orders: 100, stop: AbortSignal.timeout(patience) });
    await vi.waitFor(() => expect(load.size).toBeGreaterThan(100), { timeout: 60_000 });

    const dead = await group.killMaster();
    await vi.waitFor(async () => expect(await breakerOf(stack)).toBe('open'), { timeout: 20_000, interval: 50 });
    await vi.waitFor(async () => expect(await breakerOf(stack)).toBe('closed'), { timeout: 60_000, interval: 50 });
    expect(await group.masterPort()).not.toBe(dead);

    await loading;
    expect(load.pushes.flatMap(({ answers }) => answers).filter((status) => status !== 200)).toEqual([]);
    await vi.waitFor(() => expect(faultsOf(stack, load)).toEqual(nothingWrong), { timeout: 90_000, interval: 1_000 });
  },
  patience,
);

test(
  'two forwarders and three workers share the work: each order once, each event told once',
  async () => {
    const stack = await startStack('stack', { forwarders: 2, workers: 3, telegram: true });
    const load = new Load(stack, new Random(4), 120);
    await load.run({ perSecond: 20, orders: 40, stop: AbortSignal.timeout(patience) });
    await vi.waitFor(() => expect(faultsOf(stack, load)).toEqual(nothingWrong), { timeout: 90_000, interval: 1_000 });

    const codeOf = (topic: string) => eventCodes.find(({ title }) => title === topic)?.code;
    const expected = Map.groupBy(load.pushes, ({ code, sn }) => `${code} ${sn}`);
    // Where a busy machine makes Redis slow, one forwarder hands an event to a worker, and the other may tell it too.
    const handedOver = (await Promise.all(stack.forwarders.map(fallbacksOf))).reduce((sum, count) => sum + count);
    const check = () => {
      const told = toldEvents(stack.telegram, codeOf);
      const surplus = [...told].map(([key, times]) => times - (expected.get(key)?.length ?? 0));
      expect([...expected].filter(([key, { length }]) => (told.get(key) ?? 0) < length)).toEqual([]);
      expect(surplus.reduce((sum, times) => sum + times)).toBeLessThanOrEqual(handedOver);
    };
    await vi.waitFor(check, { timeout: 120_000, interval: 1_000 });
    // Each process takes part.
    for (const { url } of stack.forwarders) {
      const metrics = await (await fetch(`${url}/metrics`)).text();
      expect(metrics).toMatch(/shopee_pushes_total\{[^}]*outcome="queued"[^}]*\} [1-9]/);
    }
    const workers = await fetch(`${stack.workers[0]?.url}/workers/stats`);
    expect(((await workers.json()) as { workers: unknown[] }).workers).toHaveLength(9);
  },
  patience,
);

test(
  'in a Cluster of three masters two groups of shops, each under its prefix in braces, live on two nodes',
  async () => {
    const group = await ClusterGroup.start({ dir, masters: 3 });
    endings.push(() => group.stop());
    // Slots 3429 and 11508: on the first and on the third node.
    const stacks = await Promise.all(
      ['{shopee}', '{shopee-2}'].map((prefix) => startStack(prefix, { redisEnv: group.env(prefix) })),
    );
    const loads = stacks.map((stack, index) => new Load(stack, new Random(index + 2), 60));
    const stop = AbortSignal.timeout(patience);
    await Promise.all(loads.map((load) => load.run({ perSecond: 15, orders: 20, stop })));
    for (const [index, stack] of stacks.entries()) {
      const load = loads[index];
      if (load === undefined) throw new Error('no load');
      await vi.waitFor(() => expect(faultsOf(stack, load)).toEqual(nothingWrong), { timeout: 90_000, interval: 1_000 });
      expect(await breakerOf(stack)).toBe('closed');
    }
    expect((await group.keyCounts()).filter((keys) => keys > 0)).toHaveLength(2);
  },
  patience,
);
