import { packageInfoPush, returnPush, statusPush, stockPush } from './order-pushes.ts';
import { randomOf } from '../data/random.ts';
import { cancelReasons } from './catalog.ts';
import { historyOf, type PastOrders } from './history.ts';
import { generateOrder } from './generate-order.ts';
import type { OrderContent } from './order-content.ts';
import { returnedMoneyOf } from './money.ts';
import {
  cancellable,
  cancelled,
  lost,
  nextReturnStatus,
  nextSteps,
  pickupFailed,
  returnable,
  shipByOf,
  undelivered,
  type Step,
} from './order-lifecycle.ts';
import { dateOf, orderSnOf, returnedOf } from './order-record.ts';
import type { Change, OrderRecord, PushBody, ReturnRecord, SandboxShop } from './order-record.ts';
import { releaseDelayOf } from './order-extras.ts';
import { marketOf } from './shop-market.ts';
import { SortedOrders, type TimeField } from './sorted-orders.ts';

export interface OrderStoreOptions {
  seed: number;
  shops: readonly SandboxShop[];
  /** The clock, in ms. */
  now: () => number;
  /** Two changes within one second share its update_time, as Shopee's clock allows; else each is one second later. */
  sharedSeconds?: boolean;
}

/** Everything that a later process needs to carry on with the same orders. */
export interface OrderStoreState {
  seed: number;
  next: number;
  orders: OrderRecord[];
}

/** The truth about all orders of all shops. What never changes of an order is generated again each time it is requested. */
export class OrderStore {
  readonly seed: number;
  readonly shops: ReadonlyMap<number, SandboxShop>;
  readonly #now: () => number;
  readonly #sharedSeconds: boolean;
  readonly #orders = new Map<string, OrderRecord>();
  readonly #byIndex: OrderRecord[] = [];
  readonly #returns = new Map<string, ReturnRecord>();
  readonly #sorted = new SortedOrders();
  #next = 0;

  constructor(options: OrderStoreOptions) {
    this.seed = options.seed;
    this.shops = new Map(options.shops.map((shop) => [shop.shopId, shop]));
    this.#now = options.now;
    this.#sharedSeconds = options.sharedSeconds ?? false;
  }

  /** Unix seconds. */
  get time(): number {
    return Math.floor(this.#now() / 1000);
  }

  get size(): number {
    return this.#orders.size;
  }

  records(): IterableIterator<OrderRecord> {
    return this.#orders.values();
  }

  returns(): IterableIterator<ReturnRecord> {
    return this.#returns.values();
  }

  find(sn: string): OrderRecord | undefined {
    return this.#orders.get(sn);
  }

  /** The order with that number in the order store. */
  at(index: number): OrderRecord | undefined {
    return this.#byIndex[index];
  }

  findReturn(returnSn: string): ReturnRecord | undefined {
    return this.#returns.get(returnSn);
  }

  shopOf(record: { shopId: number }): SandboxShop {
    const shop = this.shops.get(record.shopId);
    if (shop === undefined) throw new Error(`the fake has no shop ${record.shopId}`);
    return shop;
  }

  contentOf(record: OrderRecord): OrderContent {
    return generateOrder(this.seed, record.index, marketOf(this.shopOf(record)));
  }

  /** A shop's orders with that time between `from` and `to` (both included, seconds), oldest first. */
  list(shopId: number, field: TimeField, from: number, to: number): readonly OrderRecord[] {
    return this.#sorted.between({ shopId, field, from, to });
  }

  /** A buyer orders in the shop; cash-on-delivery orders skip UNPAID. */
  place(shopId: number): Change {
    const time = this.time;
    const record = this.#create(shopId, time);
    const content = this.contentOf(record);
    if (content.cod) record.status = 'READY_TO_SHIP';
    return { record, pushes: [statusPush(record), ...stockPush(record, content, 'place_order')] };
  }

  /** The next step of the order's life, or nothing (no pushes) when it has come to its end. */
  advance(sn: string): Change {
    const record = this.#known(sn);
    if (record.status === 'TO_RETURN') return this.#advanceOpenReturn(record);
    const step = nextSteps[record.status];
    return step === undefined ? { record, pushes: [] } : this.#step(record, step);
  }

  /** The payment is under review: UNPAID → PENDING, of which Shopee sends no push. */
  hold(sn: string): Change {
    const record = this.#known(sn);
    if (record.status !== 'UNPAID') throw new Error(`${sn} is ${record.status}, not UNPAID`);
    this.#touch(record);
    record.status = 'PENDING';
    record.payTime = record.updateTime;
    return { record, pushes: [] };
  }

  /** Unpaid orders are cancelled at once, paid ones wait in IN_CANCEL; shipped ones cannot be cancelled. */
  cancel(sn: string, by: 'buyer' | 'seller' | 'system' = 'buyer', reason?: string): Change {
    const record = this.#known(sn);
    if (!cancellable.has(record.status)) throw new Error(`${sn} is ${record.status} and cannot be cancelled`);
    const isImmediate = record.status === 'UNPAID' || by !== 'buyer';
    record.cancelBy = by;
    record.cancelReason = reason ?? randomOf(this.seed, 'cancel', record.index).pick(cancelReasons);
    return this.#step(record, isImmediate ? cancelled : { status: 'IN_CANCEL' });
  }

  /** The seller does not agree to the cancellation: back to where it was. */
  rejectCancel(sn: string): Change {
    const record = this.#known(sn);
    if (record.status !== 'IN_CANCEL') throw new Error(`${sn} is ${record.status}, not IN_CANCEL`);
    record.cancelBy = '';
    record.cancelReason = '';
    return this.#step(record, { status: record.arrangedTime > 0 ? 'PROCESSED' : 'READY_TO_SHIP' });
  }

  /** The carrier could not pick the parcel up. */
  failPickup(sn: string): Change {
    const record = this.#known(sn);
    if (record.status !== 'PROCESSED') throw new Error(`${sn} is ${record.status}, not PROCESSED`);
    return this.#step(record, pickupFailed);
  }

  /** A parcel that is to be paid at the door comes back: the order is cancelled, and the seller bears the shipping. */
  failDelivery(sn: string): Change {
    const record = this.#known(sn);
    if (record.status !== 'SHIPPED') throw new Error(`${sn} is ${record.status}, not SHIPPED`);
    record.undelivered = true;
    record.cancelBy = 'system';
    record.cancelReason = 'Failed delivery';
    const change = this.#step(record, undelivered);
    this.#complete(record);
    return change;
  }

  /** The carrier loses the parcel: the order is cancelled, and the seller is compensated. */
  loseParcel(sn: string): Change {
    const record = this.#known(sn);
    if (record.status !== 'SHIPPED') throw new Error(`${sn} is ${record.status}, not SHIPPED`);
    record.lost = true;
    record.cancelBy = 'system';
    record.cancelReason = 'Lost parcel';
    const change = this.#step(record, lost);
    this.#complete(record);
    return change;
  }

  /** The money of a completed order is released now. Neither a push nor the order's update_time tells of it. */
  release(sn: string): OrderRecord {
    const record = this.#known(sn);
    if (record.completedTime === 0) throw new Error(`${sn} is ${record.status}, not completed`);
    if (record.releaseTime > this.time) record.releaseTime = this.time;
    return record;
  }

  /** Shopee corrects the money of a released order now, as silently; `amount` is signed, in minor units. */
  correct(sn: string, amount: number, reason = 'Shipping Fee Adjustment'): OrderRecord {
    const record = this.release(sn);
    record.corrections.push({ amount, at: this.time, reason });
    return record;
  }

  /** The seller gets days more to ship; push 47 reports it. */
  extendShipping(sn: string, days = 2): Change {
    const record = this.#known(sn);
    const content = this.contentOf(record);
    const old = shipByOf(record, content);
    this.#touch(record);
    record.extension += days * 86_400;
    return { record, pushes: [packageInfoPush(record, content, { old, new: shipByOf(record, content) })] };
  }

  /** The buyer asks to return the order; a completed one stays COMPLETED with the scenario RRAOC. */
  requestReturn(sn: string): Change {
    const record = this.#known(sn);
    if (!returnable.has(record.status)) throw new Error(`${sn} is ${record.status} and cannot be returned`);
    const before = record.status;
    const quantities = this.#returnable(record);
    this.#touch(record);
    const entry: ReturnRecord = {
      sn: `${dateOf(record.updateTime)}0${String(record.index * 10 + record.returns.length).padStart(8, '0')}`,
      orderSn: sn,
      shopId: record.shopId,
      status: 'REQUESTED',
      quantities,
      refund: returnedMoneyOf(this.contentOf(record), quantities).refund,
      createTime: record.updateTime,
      updateTime: record.updateTime,
      before,
      isLate: false,
    };
    record.returns.push(entry);
    this.#returns.set(entry.sn, entry);
    if (before === 'COMPLETED') record.scenario = 'RRAOC';
    else record.status = 'TO_RETURN';
    return { record, pushes: [statusPush(record), returnPush(entry, '')] };
  }

  /**
   * REQUESTED → ACCEPTED → PROCESSING → CLOSED (refunded). Each step moves only the return's own update_time; the order's
   * moves when the order ends COMPLETED.
   */
  advanceReturn(returnSn: string): Change {
    const entry = this.#returns.get(returnSn);
    if (entry === undefined) throw new Error(`no return ${returnSn}`);
    const record = this.#known(entry.orderSn);
    const next = nextReturnStatus[entry.status];
    if (next === undefined) return { record, pushes: [] };
    const before = entry.status;
    entry.status = next;
    entry.updateTime = Math.max(this.time, entry.updateTime + (this.#sharedSeconds ? 0 : 1));
    const pushes: PushBody[] = [returnPush(entry, before)];
    if (next !== 'CLOSED') return { record, pushes };
    entry.isLate = record.completedTime > 0 && record.releaseTime <= entry.updateTime;
    if (record.status === 'COMPLETED') return { record, pushes };
    record.scenario = 'NORMAL';
    return { record, pushes: [...pushes, ...this.#step(record, { status: 'COMPLETED' }).pushes] };
  }

  /** Many orders of the past at once, without pushes: what a backfill finds. */
  addPast(options: PastOrders): void {
    const shopIds = options.shopIds ?? [...this.shops.keys()];
    const now = this.time;
    for (let count = 0; count < options.count; count += 1) {
      const shopId = shopIds[count % shopIds.length];
      if (shopId === undefined) throw new Error('no shop to fill');
      const createTime = Math.floor(options.from + ((options.to - options.from) * count) / options.count);
      const record = this.#create(shopId, createTime);
      Object.assign(record, historyOf(this.seed, record, now));
      if (record.status === 'COMPLETED') this.#complete(record);
    }
  }

  state(): OrderStoreState {
    return { seed: this.seed, next: this.#next, orders: [...this.#orders.values()] };
  }

  /** Takes over what another book's `state()` said; the seed must be the same. */
  restore(state: OrderStoreState): void {
    if (state.seed !== this.seed) throw new Error(`the state is of seed ${state.seed}, the book of ${this.seed}`);
    this.#next = state.next;
    for (const stored of state.orders) {
      // What states of earlier versions do not have.
      const record = Object.assign({ completedTime: 0, lost: false, corrections: [] }, stored);
      this.#orders.set(record.sn, record);
      this.#byIndex[record.index] = record;
      this.#sorted.add(record);
      for (const entry of record.returns) this.#returns.set(entry.sn, entry);
    }
  }

  /** What a buyer sends back: one of several lines, or half of the only one. */
  #returnable(record: OrderRecord): number[] {
    const { lines } = this.contentOf(record);
    const sent = [returnedOf(record, 'CLOSED'), returnedOf(record, 'open')];
    const left = lines.map((line, index) => line.quantity - (sent[0]?.[index] ?? 0) - (sent[1]?.[index] ?? 0));
    // A second claim for the same goods brings nothing more.
    const first = left.findIndex((quantity) => quantity > 0);
    const quantity = lines.length > 1 ? (left[first] ?? 0) : Math.ceil((left[first] ?? 0) / 2);
    return lines.map((_, index) => (index === first ? quantity : 0));
  }

  #create(shopId: number, createTime: number): OrderRecord {
    this.shopOf({ shopId });
    const index = this.#next;
    this.#next += 1;
    const record: OrderRecord = {
      index,
      sn: orderSnOf(this.seed, index, createTime),
      shopId,
      status: 'UNPAID',
      createTime,
      updateTime: createTime,
      payTime: 0,
      arrangedTime: 0,
      pickupTime: 0,
      completedTime: 0,
      releaseTime: 0,
      extension: 0,
      cancelBy: '',
      cancelReason: '',
      scenario: '',
      undelivered: false,
      lost: false,
      corrections: [],
      returns: [],
    };
    this.#orders.set(record.sn, record);
    this.#byIndex[index] = record;
    this.#sorted.add(record);
    return record;
  }

  #step(record: OrderRecord, step: Step): Change {
    const content = this.contentOf(record);
    this.#touch(record);
    record.status = step.status;
    step.apply?.(record, content);
    if (step.status === 'COMPLETED') this.#complete(record);
    return { record, pushes: [statusPush(record), ...(step.pushes?.(record, content) ?? [])] };
  }

  /** The order has come to its end; its money is released days later. */
  #complete(record: OrderRecord): void {
    record.completedTime = record.updateTime;
    record.releaseTime = record.updateTime + releaseDelayOf(this.seed, record.index);
  }

  #advanceOpenReturn(record: OrderRecord): Change {
    const open = record.returns.find((entry) => nextReturnStatus[entry.status] !== undefined);
    return open === undefined ? this.#step(record, { status: 'COMPLETED' }) : this.advanceReturn(open.sn);
  }

  #touch(record: OrderRecord): void {
    record.updateTime = Math.max(this.time, record.updateTime + (this.#sharedSeconds ? 0 : 1));
    this.#sorted.touched(record);
  }

  #known(sn: string): OrderRecord {
    const record = this.#orders.get(sn);
    if (record === undefined) throw new Error(`no order ${sn}`);
    return record;
  }
}
