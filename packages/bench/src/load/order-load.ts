import { setTimeout as sleep } from 'node:timers/promises';
import { systemClock } from '@shopee-webhook/runtime';
import { signPush } from '@shopee-webhook/shopee';
import { toJson, type Change } from '@shopee-webhook/sandbox';
import type { Random } from './random.ts';
import type { Stack } from '../stack/stack.ts';

/** A push as this run knows it. */
export interface SentPush {
  code: number;
  sn: string;
  text: string;
  /** How often it was sent until it was answered 200. */
  attempts: number;
  /** The statuses it was answered with, 0 for none in time. */
  statuses: number[];
}

const responseTimeoutMs = 3_000;

/** Orders go through their life at a steady rate; each push is sent until it is answered 200. */
export class OrderLoad {
  readonly pushes: SentPush[] = [];
  readonly #stack: Stack;
  readonly #random: Random;
  /** How many pushes there will be in the end. */
  readonly planned: number;
  /** No more than these for now. */
  limit = Infinity;
  readonly #openOrders: string[] = [];
  readonly #finishedOrders = new Set<string>();
  readonly #inFlight = new Set<Promise<void>>();
  /** Of 100 pushes, how many Shopee sends twice although the first was answered 200. */
  readonly #duplicatePercent = 5;

  constructor(stack: Stack, random: Random, planned: number) {
    this.#stack = stack;
    this.#random = random;
    this.planned = planned;
  }

  get size(): number {
    return this.pushes.length;
  }

  /** Whether more pushes will come for this order. */
  hasMorePushes(sn: string): boolean {
    return (
      this.#stack.shopee.orders.find(sn) !== undefined && !this.#finishedOrders.has(sn) && this.#openOrders.includes(sn)
    );
  }

  /** Sends pushes at `perSecond` until there were as many as planned or `stop`; resolves when all are answered 200. */
  async run(options: { perSecond: number; orders: number; stop: AbortSignal }): Promise<void> {
    let last = systemClock.monotonicMs();
    let due = 0;
    while (this.size < this.planned && !options.stop.aborted) {
      const now = systemClock.monotonicMs();
      due = Math.min(due + ((now - last) / 1_000) * options.perSecond, this.planned, this.limit);
      last = now;
      while (this.size < due) this.#sendPushes(this.#nextChange(options.orders));
      await sleep(10);
    }
    this.#openOrders.length = 0;
    while (this.#inFlight.size > 0) await Promise.all(this.#inFlight);
  }

  #nextChange(orderCount: number): Change {
    const { orders } = this.#stack.shopee;
    const [shop = 0] = orders.shops.keys();
    const shouldPlace = orders.size < orderCount && (this.#openOrders.length < 20 || this.#random.next() < 0.25);
    if (shouldPlace || this.#openOrders.length === 0) {
      const change = orders.place(shop);
      this.#openOrders.push(change.record.sn);
      return change;
    }
    const sn = this.#random.pick(this.#openOrders);
    const status = orders.find(sn)?.status;
    const change = this.#random.next() < 0.05 && status === 'READY_TO_SHIP' ? orders.cancel(sn) : orders.advance(sn);
    if (change.record.status === 'COMPLETED' || change.record.status === 'CANCELLED') {
      this.#finishedOrders.add(sn);
      this.#openOrders.splice(this.#openOrders.indexOf(sn), 1);
    }
    return change;
  }

  #sendPushes({ record, pushes }: Change): void {
    for (const body of pushes) {
      const push: SentPush = { code: body.code, sn: record.sn, text: toJson(body), attempts: 0, statuses: [] };
      this.pushes.push(push);
      const sent = this.#deliver(push).finally(() => this.#inFlight.delete(sent));
      this.#inFlight.add(sent);
    }
  }

  async #deliver(push: SentPush): Promise<void> {
    await sleep(this.#random.between(0, 200));
    for (;;) {
      push.attempts += 1;
      push.statuses.push(await this.#post(push.text));
      if (push.statuses.at(-1) === 200) break;
      // Shopee waits 300 s and longer; the run has less time.
      await sleep(this.#random.between(300, 900));
    }
    if (this.#random.next() * 100 < this.#duplicatePercent) await this.#post(push.text);
  }

  /** The response status; 0 when there was none in Shopee's 3 s, -1 when a 200 had a body, which Shopee counts as failed. */
  async #post(text: string): Promise<number> {
    const { shopee, callbackUrl } = this.#stack;
    try {
      const response = await fetch(this.#stack.nextTarget(), {
        method: 'POST',
        body: text,
        headers: { authorization: signPush(shopee.app.pushKey, callbackUrl, text), 'content-type': 'application/json' },
        signal: AbortSignal.timeout(responseTimeoutMs),
      });
      const body = await response.text();
      return response.status === 200 && body !== '' ? -1 : response.status;
    } catch {
      // Rejected, reset or too late: for Shopee these are all the same.
      return 0;
    }
  }
}
