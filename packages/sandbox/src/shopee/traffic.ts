import type { OrderStore } from './orders/order-store.ts';
import type { Change, OrderRecord } from './orders/order-record.ts';
import { makePush } from './push/make-push.ts';
import type { PushSender } from './push/push-sender.ts';
import { randomOf, type Random } from './data/random.ts';

export interface TrafficOptions {
  /** Steps a minute: a step places an order, moves one on, or reports something else. */
  stepsPerMinute?: number;
  /** Orders in progress at one time; above it only old ones are moved on. */
  maxOpen?: number;
  /** No new orders above this many in the order store. */
  maxOrders?: number;
  /** Part of the steps that are pushes of other kinds (5, 7, 9, 10, 16, 22, 28). */
  otherShare?: number;
}

interface TrafficDeps {
  orders: OrderStore;
  pushes: PushSender;
  /** The shops that have authorized the app: only their orders are pushed to it. */
  shopIds: () => readonly number[];
  partnerId: number;
  now: () => number;
  seed: number;
}

/** Buyers and sellers at work: places orders, moves them through their life, and sends the pushes. */
export class Traffic {
  readonly #deps: TrafficDeps;
  readonly #options: Required<TrafficOptions>;
  readonly #random: Random;
  #open: string[] | undefined;
  /** Completed meanwhile, their money not yet released. */
  readonly #completed: string[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(deps: TrafficDeps, options: TrafficOptions = {}) {
    this.#deps = deps;
    this.#options = { stepsPerMinute: 20, maxOpen: 40, maxOrders: 5000, otherShare: 0.08, ...options };
    this.#random = randomOf(deps.seed, 'traffic', deps.now());
  }

  get running(): boolean {
    return this.#timer !== undefined;
  }

  /** Begins, or goes on at another pace. */
  start(stepsPerMinute = this.#options.stepsPerMinute): void {
    this.stop();
    const every = 60_000 / stepsPerMinute;
    this.#timer = setInterval(() => {
      this.runOnce().catch((error: unknown) => process.emitWarning(String(error)));
    }, every);
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  /** One step; resolves when its pushes had their first try. */
  async runOnce(): Promise<void> {
    const { pushes, shopIds } = this.#deps;
    if (shopIds().length === 0) return;
    if (this.#random.chance(this.#options.otherShare)) {
      await pushes.send(this.#otherPush());
      return;
    }
    this.#moveMoney();
    const change = this.#change();
    await Promise.all(change.pushes.map((push) => pushes.send(push)));
  }

  /** Days later in the real world: money is released, now and then corrected. No push tells of it. */
  #moveMoney(): void {
    const [sn] = this.#completed;
    if (sn === undefined || !this.#random.chance(0.1)) return;
    this.#completed.shift();
    const { orders } = this.#deps;
    orders.release(sn);
    if (this.#random.chance(0.1)) orders.correct(sn, -100);
  }

  #change(): Change {
    const { orders } = this.#deps;
    this.#open ??= [...orders.records()].filter(isOpen).map((record) => record.sn);
    const room = this.#open.length < this.#options.maxOpen && orders.size < this.#options.maxOrders;
    if (this.#open.length === 0 || (room && this.#random.chance(0.3))) {
      const change = orders.place(this.#random.pick(this.#deps.shopIds()));
      this.#open.push(change.record.sn);
      return change;
    }
    const sn = this.#random.pick(this.#open);
    const change = this.#move(sn);
    if (!isOpen(change.record)) this.#open = this.#open.filter((other) => other !== sn);
    if (change.record.status === 'COMPLETED') this.#completed.push(sn);
    return change;
  }

  /** Mostly the next step, now and then one of the things that go wrong. */
  #move(sn: string): Change {
    const { orders } = this.#deps;
    const status = orders.find(sn)?.status;
    const luck = this.#random.next();
    if (luck < 0.05 && (status === 'UNPAID' || status === 'READY_TO_SHIP')) return orders.cancel(sn);
    if (luck < 0.08 && status === 'PROCESSED') return orders.failPickup(sn);
    if (luck < 0.08 && status === 'TO_CONFIRM_RECEIVE') return orders.requestReturn(sn);
    const record = orders.find(sn);
    if (luck < 0.04 && record?.status === 'SHIPPED' && record.payTime === 0) return orders.failDelivery(sn);
    if (luck > 0.99 && status === 'SHIPPED') return orders.loseParcel(sn);
    if (luck < 0.05 && status === 'IN_CANCEL') return orders.rejectCancel(sn);
    if (luck > 0.97 && status === 'READY_TO_SHIP') return orders.extendShipping(sn);
    return orders.advance(sn);
  }

  #otherPush() {
    const { partnerId, now, orders } = this.#deps;
    const shopId = this.#random.pick(this.#deps.shopIds());
    const code = this.#random.pick([5, 7, 9, 10, 10, 16, 22, 28]);
    const sn = this.#random.pick(this.#open?.length ? this.#open : ['']);
    const record = orders.find(sn);
    const order = record?.shopId === shopId ? { order: { record, content: orders.contentOf(record) } } : {};
    return makePush(code, { shopId, partnerId, now: Math.floor(now() / 1000), ...order });
  }
}

function isOpen(record: OrderRecord): boolean {
  return record.status !== 'COMPLETED' && record.status !== 'CANCELLED';
}
