import type { Delivery } from '@shopee-webhook/store';
import { PermanentError } from './errors.ts';
import { notificationOf } from './notification-of.ts';
import type { OrderHandler } from './order-handler.ts';
import { applyShopEvent, type ShopEventsOptions } from './shop-events.ts';
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

  /** Cuts a batch into works that do not wait for each other: the orders of each shop, and the rest. */
  split(batch: readonly Delivery[]): Work[] {
    const works: Work[] = [];
    const orders: Task[] = [];
    for (const delivery of batch) {
      const task = readTask(delivery);
      if ('error' in task) works.push(refused(delivery, task.error));
      else if (this.#isOrderEvent(task)) orders.push(task);
      else works.push({ deliveries: [delivery], handle: async () => [await this.#handleEvent(task)] });
    }
    for (const [shopId, tasks] of Map.groupBy(orders, ({ push }) => push.shopId)) {
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

  async #handleEvent(task: Task): Promise<Handling> {
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

function readTask(delivery: Delivery): Task | { error: unknown } {
  try {
    return taskOf(delivery);
  } catch (error) {
    return { error };
  }
}

function refused(delivery: Delivery, error: unknown): Work {
  return { deliveries: [delivery], handle: async () => [{ kind: 'failed', error }] };
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
