import { setTimeout as sleep } from 'node:timers/promises';
import { signPush } from '@shopee-webhook/shopee';
import { toJson, type Change } from '@shopee-webhook/sandbox';
import type { Random } from '../random.ts';
import type { Stack } from '../stack.ts';

/** A push as this run knows it. */
export interface SentPush {
  code: number;
  sn: string;
  text: string;
  /** How often it was sent until it was answered well. */
  tries: number;
  /** The statuses it was answered with, 0 for none in time. */
  answers: number[];
}

const answerMs = 3_000;

/** Buyers and sellers in a hurry: orders go through their life at a steady rate; each push is sent until it is answered 200. */
export class Load {
  readonly pushes: SentPush[] = [];
  readonly #stack: Stack;
  readonly #random: Random;
  /** How many pushes this will be in the end. */
  readonly planned: number;
  /** Not more than these for now. */
  limit = Infinity;
  readonly #open: string[] = [];
  readonly #ended = new Set<string>();
  readonly #inFlight = new Set<Promise<void>>();
  /** Of 100 pushes, how many Shopee sends twice although the first was answered well. */
  readonly #repeats = 5;

  constructor(stack: Stack, random: Random, planned: number) {
    this.#stack = stack;
    this.#random = random;
    this.planned = planned;
  }

  get size(): number {
    return this.pushes.length;
  }

  /** Whether more pushes will come for this order. */
  goesOn(sn: string): boolean {
    return this.#stack.shopee.book.find(sn) !== undefined && !this.#ended.has(sn) && this.#open.includes(sn);
  }

  /** Sends pushes at `perSecond` until there were as many as planned or `stop`; resolves when all are answered 200. */
  async run(options: { perSecond: number; orders: number; stop: AbortSignal }): Promise<void> {
    let last = performance.now();
    let due = 0;
    while (this.size < this.planned && !options.stop.aborted) {
      const now = performance.now();
      due = Math.min(due + ((now - last) / 1_000) * options.perSecond, this.planned, this.limit);
      last = now;
      while (this.size < due) this.#announce(this.#change(options.orders));
      await sleep(10);
    }
    this.#open.length = 0;
    while (this.#inFlight.size > 0) await Promise.all(this.#inFlight);
  }

  #change(orders: number): Change {
    const { book } = this.#stack.shopee;
    const [shop = 0] = book.shops.keys();
    const place = book.size < orders && (this.#open.length < 20 || this.#random.next() < 0.25);
    if (place || this.#open.length === 0) {
      const change = book.place(shop);
      this.#open.push(change.record.sn);
      return change;
    }
    const sn = this.#random.pick(this.#open);
    const status = book.find(sn)?.status;
    const change = this.#random.next() < 0.05 && status === 'READY_TO_SHIP' ? book.cancel(sn) : book.advance(sn);
    if (change.record.status === 'COMPLETED' || change.record.status === 'CANCELLED') {
      this.#ended.add(sn);
      this.#open.splice(this.#open.indexOf(sn), 1);
    }
    return change;
  }

  #announce({ record, pushes }: Change): void {
    for (const body of pushes) {
      const push: SentPush = { code: body.code, sn: record.sn, text: toJson(body), tries: 0, answers: [] };
      this.pushes.push(push);
      const sent = this.#deliver(push).finally(() => this.#inFlight.delete(sent));
      this.#inFlight.add(sent);
    }
  }

  async #deliver(push: SentPush): Promise<void> {
    await sleep(this.#random.between(0, 200));
    for (;;) {
      push.tries += 1;
      push.answers.push(await this.#post(push.text));
      if (push.answers.at(-1) === 200) break;
      // Shopee waits 300 s and longer; the run has less time.
      await sleep(this.#random.between(300, 900));
    }
    if (this.#random.next() * 100 < this.#repeats) await this.#post(push.text);
  }

  /** The status of the answer; 0 when there was none in Shopee's 3 s, -1 when a 200 had a body, which Shopee counts as failed. */
  async #post(text: string): Promise<number> {
    const { shopee, callbackUrl } = this.#stack;
    try {
      const answer = await fetch(this.#stack.nextTarget(), {
        method: 'POST',
        body: text,
        headers: { authorization: signPush(shopee.app.pushKey, callbackUrl, text), 'content-type': 'application/json' },
        signal: AbortSignal.timeout(answerMs),
      });
      const body = await answer.text();
      return answer.status === 200 && body !== '' ? -1 : answer.status;
    } catch {
      // Refused, reset or too late: for Shopee these are all the same.
      return 0;
    }
  }
}
