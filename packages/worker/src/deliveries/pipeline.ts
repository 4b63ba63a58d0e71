import type { Delivery } from '@shopee-webhook/store';
import { PermanentError } from '../errors.ts';
import { notificationOf } from './notification-of.ts';
import type { OrderHandler } from '../orders/order-handler.ts';
import { applyShopEvent, type ShopEventsOptions } from '../shops/shop-events.ts';
import { addStep, taskOf, type Task } from './task.ts';
import type { Handling, Work } from './work.ts';

export interface PipelineOptions {
  /** Events with these codes bring their order into the sheet; all others become a notification only. */
  orderEventCodes: readonly number[];
  orders: Pick<OrderHandler, 'handle'>;
  shops: ShopEventsOptions;
}

/** Shopee's detail and escrow calls take 50 orders. */
const ordersPerCall = 50;

/** What is done with each event. */
export class Pipeline {
  readonly #options: PipelineOptions;

  constructor(options: PipelineOptions) {
    this.#options = options;
  }

  /** Cuts a batch into works that do not wait for each other: the orders of each shop, and all the rest. */
  split(batch: readonly Delivery[]): Work[] {
    const read = batch.map(readTask);
    const isOrder = (one: ReadTask): one is Task => !('error' in one) && this.#isOrderEvent(one);
    const rest = read.filter((one) => !isOrder(one));
    const works = rest.length === 0 ? [] : [this.#restWork(rest)];
    for (const [shopId, tasks] of Map.groupBy(read.filter(isOrder), ({ push }) => push.shopId)) {
      for (const chunk of chunksOf(tasks, ordersPerCall)) works.push(this.#orderWork(shopId, chunk));
    }
    return works;
  }

  /** Handles one delivery by itself, for the HTTP fallback. */
  async handleOne(delivery: Delivery): Promise<Handling> {
    const [work] = this.split([delivery]);
    const [handling] = (await work?.handle()) ?? [];
    return handling ?? { kind: 'failed', error: new Error('not handled') };
  }

  #isOrderEvent({ push, orderSn }: Task): boolean {
    return orderSn !== undefined && this.#options.orderEventCodes.includes(push.code);
  }

  #orderWork(shopId: string | undefined, tasks: Task[]): Work {
    const deliveries = tasks.map(({ delivery }) => delivery);
    if (shopId === undefined) {
      const error = new PermanentError('no-shop', 'the push names an order and no shop');
      return { deliveries, handle: async () => tasks.map(({ steps }) => ({ kind: 'failed', error, steps })) };
    }
    return { deliveries, handle: () => this.#options.orders.handle(shopId, tasks) };
  }

  /** Quick ones, one after the other: two about the same shop must not overtake each other. */
  #restWork(rest: readonly ReadTask[]): Work {
    const handle = async () => {
      const handlings: Handling[] = [];
      for (const one of rest) handlings.push(await this.#handleEvent(one));
      return handlings;
    };
    return { deliveries: rest.map(({ delivery }) => delivery), handle };
  }

  async #handleEvent(task: ReadTask): Promise<Handling> {
    if ('error' in task) return { kind: 'failed', error: task.error };
    const startedAt = Date.now();
    try {
      await applyShopEvent(this.#options.shops, task.push);
    } catch (error) {
      return { kind: 'failed', error, steps: task.steps };
    }
    addStep(task, { step: 'handled', at: Date.now(), ms: Date.now() - startedAt });
    return { kind: 'done', notification: notificationOf(task), steps: task.steps };
  }
}

/** A delivery whose push was read, or what is wrong with it. */
type ReadTask = Task | { delivery: Delivery; error: unknown };

function readTask(delivery: Delivery): ReadTask {
  try {
    return taskOf(delivery);
  } catch (error) {
    return { delivery, error };
  }
}

/** Cuts so that no chunk names more than `size` different orders; pushes of one order stay together. */
function chunksOf(tasks: readonly Task[], size: number): Task[][] {
  const chunks: { orders: Set<string>; tasks: Task[] }[] = [];
  for (const [orderSn, group] of Map.groupBy(tasks, (task) => task.orderSn ?? '')) {
    let last = chunks.at(-1);
    if (last === undefined || last.orders.size >= size) chunks.push((last = { orders: new Set(), tasks: [] }));
    last.orders.add(orderSn);
    last.tasks.push(...group);
  }
  return chunks.map((chunk) => chunk.tasks);
}
