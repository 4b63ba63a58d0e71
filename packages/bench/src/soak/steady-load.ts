import { setTimeout as sleep } from 'node:timers/promises';
import { systemClock } from '@shopee-webhook/runtime';
import { signPush } from '@shopee-webhook/shopee';
import { toJson } from '@shopee-webhook/sandbox';
import type { Stack } from '../stack/stack.ts';

/** Shopee waits no longer, and retries only after five minutes: within a soak a missed push stays missed. */
const responseTimeoutMs = 3_000;

/** Orders go through their life at so many pushes per second; none is repeated, so that a stall does not add load. */
export class SteadyLoad {
  sent = 0;
  rejected = 0;
  readonly #stack: Stack;
  readonly #openOrders: string[] = [];

  constructor(stack: Stack) {
    this.#stack = stack;
  }

  async run(perSecond: number, stop: AbortSignal): Promise<void> {
    const inFlight = new Set<Promise<void>>();
    const startedAt = systemClock.monotonicMs();
    let due = 0;
    while (!stop.aborted) {
      // A change is one push or several, sent one after the other.
      const pushes = this.#nextPushes();
      const sent = this.#send(pushes).finally(() => inFlight.delete(sent));
      inFlight.add(sent);
      due += pushes.length;
      await sleep(Math.max(0, startedAt + (due / perSecond) * 1000 - systemClock.monotonicMs()));
    }
    await Promise.all(inFlight);
  }

  async #send(pushes: readonly unknown[]): Promise<void> {
    const { shopee, callbackUrl } = this.#stack;
    for (const body of pushes) {
      const text = toJson(body);
      this.sent += 1;
      const accepted = await fetch(callbackUrl, {
        method: 'POST',
        body: text,
        headers: { authorization: signPush(shopee.app.pushKey, callbackUrl, text), 'content-type': 'application/json' },
        signal: AbortSignal.timeout(responseTimeoutMs),
      }).then(
        ({ ok }) => ok,
        () => false,
      );
      if (!accepted) this.rejected += 1;
    }
  }

  /** The oldest order's next step, or a new order: a hundred are always open. */
  #nextPushes() {
    const { orders } = this.#stack.shopee;
    const [shop = 0] = orders.shops.keys();
    const oldest = this.#openOrders.length < 100 ? undefined : this.#openOrders.shift();
    const change = oldest === undefined ? orders.place(shop) : orders.advance(oldest);
    if (change.record.status !== 'COMPLETED') this.#openOrders.push(change.record.sn);
    return change.pushes;
  }
}
