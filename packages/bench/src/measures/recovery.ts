import { setTimeout as sleep } from 'node:timers/promises';
import { systemClock } from '@shopee-webhook/runtime';
import { signPush } from '@shopee-webhook/shopee';
import { toJson, type PushBody } from '@shopee-webhook/sandbox';
import { checkQueue } from '../checks/queue-check.ts';
import type { BenchContext, Measurement, Metric } from '../report/measurement.ts';
import { countUnsettled, placeOrders } from '../sheet/pending-orders.ts';
import { SheetMonitor } from '../sheet/sheet-monitor.ts';
import { Stack } from '../stack/stack.ts';

const orders = 1_000;
const kills = 17;
const everyMs = 2_000;
const timeoutMs = 300_000;

/** Everything is killed in turn while a burst of orders is worked off. */
export const recovery: Measurement = {
  name: 'recovery',
  method:
    '1,000 orders at once; worker, forwarder and Redis are killed with −9 in turn, every 2 s for 34 s, and restarted immediately. Then nothing is ' +
    'killed any more: seconds from when all run again until all orders are in the sheet, and how many a second these are.',
  async run({ dir, log }: BenchContext): Promise<Metric[]> {
    const stack = await Stack.create({ dir, telegram: false, env: { SCHEDULED_JOBS: 'false' } });
    try {
      await stack.start();
      const sent = Promise.all(placeOrders(stack, orders).map((push) => deliver(stack, push)));
      await killInTurn(stack);
      await sent;
      const monitor = new SheetMonitor(stack);
      const left = orders - monitor.poll();
      const startedAt = systemClock.monotonicMs();
      log(`${String(left)} orders left after ${String(kills)} kills`);
      const seconds = () => (systemClock.monotonicMs() - startedAt) / 1000;
      const progress = setInterval(() => {
        void countUnsettled(stack).then(({ remaining }) =>
          log(
            `${seconds().toFixed(0)} s: ${String(orders - monitor.poll())} orders, ${String(remaining)} messages left`,
          ),
        );
      }, 5_000);
      await monitor.waitFor(orders, timeoutMs).finally(() => clearInterval(progress));
      const ordersIn = seconds();
      while ((await countUnsettled(stack)).remaining > 0 && seconds() < timeoutMs / 1000) await sleep(100);
      const { deadLetters } = await checkQueue(stack);
      const perSecond = left / ordersIn;
      return [
        {
          name: `${String(kills)} kills of worker, forwarder and Redis: orders a second until all ${orders.toLocaleString('en')} are in`,
          ours: `${perSecond.toFixed(0)} (${String(left)} left, ${ordersIn.toFixed(1)} s; all settled after ${seconds().toFixed(1)} s; ${String(deadLetters.length)} dead letters)`,
          target: '≥ 100, none lost',
          isMet: perSecond >= 100 && deadLetters.length === 0,
        },
      ];
    } finally {
      await stack.stop();
    }
  },
};

/** Kills and restarts each in its turn; resolves when all run again. */
async function killInTurn(stack: Stack): Promise<void> {
  const startedAt = systemClock.monotonicMs();
  const [worker] = stack.workers;
  const restarts: Promise<unknown>[] = [];
  for (let kill = 0; kill < kills; kill += 1) {
    await sleep(Math.max(0, startedAt + (kill + 1) * everyMs - systemClock.monotonicMs()));
    const service = [worker, stack.forwarder, undefined][kill % 3];
    restarts.push(
      service === undefined
        ? stack.killRedis().then(() => stack.startRedis())
        : service.kill().then(() => service.start()),
    );
  }
  await Promise.all(restarts);
}

/** Sends a push until it is answered 200. */
async function deliver(stack: Stack, push: PushBody): Promise<void> {
  const body = toJson(push);
  const authorization = signPush(stack.shopee.app.pushKey, stack.callbackUrl, body);
  const headers = { authorization, 'content-type': 'application/json' };
  for (;;) {
    const signal = AbortSignal.timeout(3_000);
    const response = await fetch(stack.nextTarget(), { method: 'POST', body, headers, signal }).catch(() => undefined);
    await response?.arrayBuffer().catch(() => undefined);
    if (response?.status === 200) return;
    await sleep(300);
  }
}
