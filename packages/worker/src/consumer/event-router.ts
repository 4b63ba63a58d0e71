import type { Delivery } from '@shopee-webhook/store';
import { PermanentError } from './errors.ts';
import { buildNotification } from './build-notification.ts';
import type { OrderHandler } from '../orders/order-handler.ts';
import { applyShopEvent, type ShopEventsDeps } from '../shops/shop-events.ts';
import { recordActivity, parseEvent, type ParsedEvent } from './parsed-event.ts';
import type { HandlerResult, WorkUnit } from './work-unit.ts';

export interface EventRouterDeps {
  /** Events with these codes bring their order into the sheet; all others become a notification only. */
  orderEventCodes: readonly number[];
  orders: Pick<OrderHandler, 'process'>;
  shops: ShopEventsDeps;
}

/** Shopee's detail and escrow calls take 50 orders. */
const ordersPerCall = 50;

/** What is done with each event. */
export class EventRouter {
  readonly #options: EventRouterDeps;

  constructor(options: EventRouterDeps) {
    this.#options = options;
  }

  /** Cuts a batch into works that do not wait for each other: the orders of each shop, and all the rest. */
  partition(batch: readonly Delivery[]): WorkUnit[] {
    const read = batch.map(tryParse);
    const isOrder = (one: ParseResult): one is ParsedEvent => !('error' in one) && this.#isOrderEvent(one);
    const rest = read.filter((one) => !isOrder(one));
    const works = rest.length === 0 ? [] : [this.#otherEvents(rest)];
    for (const [shopId, tasks] of Map.groupBy(read.filter(isOrder), ({ push }) => push.shopId)) {
      for (const chunk of chunkByOrder(tasks, ordersPerCall)) works.push(this.#orderUnit(shopId, chunk));
    }
    return works;
  }

  /** Handles one delivery by itself, for the HTTP fallback. */
  async processOne(delivery: Delivery): Promise<HandlerResult> {
    const [work] = this.partition([delivery]);
    const [handling] = (await work?.process()) ?? [];
    return handling ?? { kind: 'failed', error: new Error('not handled') };
  }

  #isOrderEvent({ push, orderSn }: ParsedEvent): boolean {
    return orderSn !== undefined && this.#options.orderEventCodes.includes(push.code);
  }

  #orderUnit(shopId: string | undefined, tasks: ParsedEvent[]): WorkUnit {
    const deliveries = tasks.map(({ delivery }) => delivery);
    if (shopId === undefined) {
      const error = new PermanentError('no-shop', 'the push names an order and no shop');
      return {
        deliveries,
        process: async () => tasks.map(({ activity }) => ({ kind: 'failed', error, steps: activity })),
      };
    }
    return { deliveries, process: () => this.#options.orders.process(shopId, tasks) };
  }

  /** Quick ones, one after the other: two about the same shop must not overtake each other. */
  #otherEvents(rest: readonly ParseResult[]): WorkUnit {
    const process = async () => {
      const handlings: HandlerResult[] = [];
      for (const one of rest) handlings.push(await this.#processEvent(one));
      return handlings;
    };
    return { deliveries: rest.map(({ delivery }) => delivery), process };
  }

  async #processEvent(task: ParseResult): Promise<HandlerResult> {
    if ('error' in task) return { kind: 'failed', error: task.error };
    const startedAt = Date.now();
    try {
      await applyShopEvent(this.#options.shops, task.push);
    } catch (error) {
      return { kind: 'failed', error, activity: task.activity };
    }
    recordActivity(task, { step: 'handled', at: Date.now(), ms: Date.now() - startedAt });
    return { kind: 'done', notification: buildNotification(task), activity: task.activity };
  }
}

/** A delivery whose push was read, or what is wrong with it. */
type ParseResult = ParsedEvent | { delivery: Delivery; error: unknown };

function tryParse(delivery: Delivery): ParseResult {
  try {
    return parseEvent(delivery);
  } catch (error) {
    return { delivery, error };
  }
}

/** Cuts so that no chunk names more than `size` different orders; pushes of one order stay together. */
function chunkByOrder(tasks: readonly ParsedEvent[], size: number): ParsedEvent[][] {
  const chunks: { orders: Set<string>; tasks: ParsedEvent[] }[] = [];
  for (const [orderSn, group] of Map.groupBy(tasks, (task) => task.orderSn ?? '')) {
    let last = chunks.at(-1);
    if (last === undefined || last.orders.size >= size) chunks.push((last = { orders: new Set(), tasks: [] }));
    last.orders.add(orderSn);
    last.tasks.push(...group);
  }
  return chunks.map((chunk) => chunk.tasks);
}
