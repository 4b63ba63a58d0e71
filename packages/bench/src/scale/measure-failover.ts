import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { accountOfSheet } from '../chaos/sheet-account.ts';
import { Load } from '../chaos/load.ts';
import { Random } from '../random.ts';
import { SentinelGroup } from '../redis/sentinels.ts';
import { Stack } from '../stack.ts';
import { numberText, tableOf } from '../table.ts';

export interface FailoverFigures {
  /** From kill −9 of the master until the sentinels name another, s. */
  secondsToPromotion: number;
  /** From kill −9 of the master to the first push that Redis, now the former replica, took again, s. */
  secondsAway: number;
  pushes: number;
  /** Answers that were no 200; all of the load, also while there was no master. */
  refused: number;
  /** Lost, doubled, stale or wrong orders; must be 0. */
  faults: number;
}

const Stats = z.object({ circuitBreaker: z.object({ state: z.string() }) });
const downAfterMs = 2_000;

/** Kills the master of three under load, with sentinels that give it up after 2 s and WAIT before each 200. */
export async function measureFailover(options: {
  dir: string;
  perSecond: number;
  pushes: number;
  say?: (text: string) => void;
}): Promise<FailoverFigures> {
  const { dir, perSecond, pushes, say = () => undefined } = options;
  const group = await SentinelGroup.start({ dir, replicas: 2, sentinels: 3, downAfterMs });
  const redisEnv = { ...group.env, REDIS_WAIT_REPLICAS: '1' };
  const stack = await Stack.create({ dir: join(dir, 'stack'), telegram: false, google: { latencyMs: 100 }, redisEnv });
  try {
    await stack.start();
    const load = new Load(stack, new Random(1), pushes);
    const loading = load.run({ perSecond, orders: pushes / 4, stop: AbortSignal.timeout(300_000) });
    while (load.size < pushes / 4) await sleep(20);
    const begun = performance.now();
    const dead = await group.killMaster();
    const since = () => (performance.now() - begun) / 1000;
    await breakerIs(stack, 'open');
    const promoted = newMaster(group, dead).then(since);
    await breakerIs(stack, 'closed');
    const secondsAway = since();
    const secondsToPromotion = await promoted;
    await loading;
    const figures = {
      secondsToPromotion,
      secondsAway,
      pushes,
      refused: refusedBy(load),
      faults: await faultsOf(stack, load),
    };
    say(
      tableOf(`Failover by Sentinel at ${perSecond} pushes/s, given up after ${downAfterMs / 1000} s`, [
        ['until another is the master', `${numberText(secondsToPromotion, 1)} s`],
        ['until pushes go to Redis again', `${numberText(secondsAway, 1)} s`],
        ['answers that were no 200', String(figures.refused)],
        ['lost, doubled, stale or wrong orders', String(figures.faults)],
      ]),
    );
    return figures;
  } finally {
    await stack.stop();
    await group.stop();
  }
}

async function newMaster(group: SentinelGroup, dead: number): Promise<void> {
  while ((await group.masterPort()) === dead) await sleep(50);
}

async function breakerIs(stack: Stack, state: string): Promise<void> {
  for (;;) {
    const answer = await fetch(`${stack.forwarder.url}/queue/stats`);
    if (Stats.parse(await answer.json()).circuitBreaker.state === state) return;
    await sleep(50);
  }
}

function refusedBy(load: Load): number {
  return load.pushes.flatMap(({ answers }) => answers).filter((status) => status !== 200).length;
}

/** What is still wrong in the sheet when it has stopped changing, or 0 as soon as nothing is. */
async function faultsOf(stack: Stack, load: Load): Promise<number> {
  const orders = new Set(load.pushes.filter(({ code }) => code === 3).map(({ sn }) => sn));
  const deadline = Date.now() + 90_000;
  for (;;) {
    const { lost, duplicates, stale, wrong } = accountOfSheet(stack, orders);
    const faults = lost.length + duplicates.length + stale.length + wrong.length;
    if (faults === 0 || Date.now() > deadline) return faults;
    await sleep(1_000);
  }
}
