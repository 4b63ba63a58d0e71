import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { systemClock } from '@shopee-webhook/runtime';
import { z } from 'zod';
import { checkSheet } from '../checks/sheet-check.ts';
import { OrderLoad } from '../load/order-load.ts';
import { Random } from '../load/random.ts';
import { SentinelGroup } from '../redis/sentinels.ts';
import { Stack } from '../stack/stack.ts';
import { formatNumber, formatTable } from '../report/table.ts';

export interface FailoverResult {
  /** From kill −9 of the master until the sentinels report another, s. */
  secondsToPromotion: number;
  /** From kill −9 of the master to the first push that Redis, now the former replica, accepted again, s. */
  secondsUnavailable: number;
  pushes: number;
  /** Responses other than 200; of the whole load, also while there was no master. */
  rejected: number;
  /** Missing, duplicate, stale or wrong orders; must be 0. */
  violations: number;
}

const Stats = z.object({ circuitBreaker: z.object({ state: z.string() }) });
const downAfterMs = 2_000;

/** Kills the master of three under load, with sentinels that declare it down after 2 s and WAIT before each 200. */
export async function measureFailover(options: {
  dir: string;
  perSecond: number;
  pushes: number;
  log?: (text: string) => void;
}): Promise<FailoverResult> {
  const { dir, perSecond, pushes, log = () => undefined } = options;
  const group = await SentinelGroup.start({ dir, replicas: 2, sentinels: 3, downAfterMs });
  const redisEnv = { ...group.env, REDIS_WAIT_REPLICAS: '1' };
  const stack = await Stack.create({ dir: join(dir, 'stack'), telegram: false, google: { latencyMs: 100 }, redisEnv });
  try {
    await stack.start();
    const load = new OrderLoad(stack, new Random(1), pushes);
    const loading = load.run({ perSecond, orders: pushes / 4, stop: AbortSignal.timeout(300_000) });
    while (load.size < pushes / 4) await sleep(20);
    const startedAt = systemClock.monotonicMs();
    const deadPort = await group.killMaster();
    const since = () => (systemClock.monotonicMs() - startedAt) / 1000;
    await waitForBreaker(stack, 'open');
    const promoted = waitForNewMaster(group, deadPort).then(since);
    await waitForBreaker(stack, 'closed');
    const secondsUnavailable = since();
    const secondsToPromotion = await promoted;
    await loading;
    const result = {
      secondsToPromotion,
      secondsUnavailable: secondsUnavailable,
      pushes,
      rejected: countRejected(load),
      violations: await countViolations(stack, load),
    };
    log(
      formatTable(`Failover by Sentinel at ${perSecond} pushes/s, down after ${downAfterMs / 1000} s`, [
        ['until another is master', `${formatNumber(secondsToPromotion, 1)} s`],
        ['until pushes go to Redis again', `${formatNumber(secondsUnavailable, 1)} s`],
        ['responses other than 200', String(result.rejected)],
        ['missing, duplicate, stale or wrong orders', String(result.violations)],
      ]),
    );
    return result;
  } finally {
    await stack.stop();
    await group.stop();
  }
}

async function waitForNewMaster(group: SentinelGroup, deadPort: number): Promise<void> {
  while ((await group.masterPort()) === deadPort) await sleep(50);
}

async function waitForBreaker(stack: Stack, state: string): Promise<void> {
  for (;;) {
    const response = await fetch(`${stack.forwarder.url}/queue/stats`);
    if (Stats.parse(await response.json()).circuitBreaker.state === state) return;
    await sleep(50);
  }
}

function countRejected(load: OrderLoad): number {
  return load.pushes.flatMap(({ statuses }) => statuses).filter((status) => status !== 200).length;
}

/** Violations in the sheet when it has stopped changing, or 0 as soon as there are none. */
async function countViolations(stack: Stack, load: OrderLoad): Promise<number> {
  const orders = new Set(load.pushes.filter(({ code }) => code === 3).map(({ sn }) => sn));
  const deadline = systemClock.monotonicMs() + 90_000;
  for (;;) {
    const { missing, duplicates, stale, wrong } = checkSheet(stack, orders);
    const violations = missing.length + duplicates.length + stale.length + wrong.length;
    if (violations === 0 || systemClock.monotonicMs() > deadline) return violations;
    await sleep(1_000);
  }
}
