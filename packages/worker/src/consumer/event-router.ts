import { systemClock } from '@shopee-webhook/runtime';
import type { Delivery } from '@shopee-webhook/store';
import type { OrderProcessor } from '../orders/process-order-batch.ts';
import { applyShopEvent, type ShopEventsDeps } from '../shops/shop-events.ts';
import { buildNotification } from '../orders/build-notification.ts';
import { PermanentError } from '../upstreams/errors.ts';
import { parseEvent, recordActivity, type HandlerResult, type ParsedEvent } from '../orders/parsed-event.ts';

/** Deliveries that are processed together and wait for no others. */
export interface WorkUnit {
  deliveries: Delivery[];
  /** One result per delivery, in the same order. Never rejects. Idempotent: effects are upserts by key. */
  process(): Promise<HandlerResult[]>;
}

export interface EventRouterDeps {
  /** Codes of the events that write their order; all others only send a notification. May change while running. */
  orderEventCodes: () => readonly number[];
  orders: Pick<OrderProcessor, 'process'>;
  shops: ShopEventsDeps;
}

/** Shopee's detail and escrow calls take 50 orders. */
const ordersPerCall = 50;

/** Decides what is done with each event. */
export class EventRouter {
  readonly #deps: EventRouterDeps;

  constructor(deps: EventRouterDeps) {
    this.#deps = deps;
  }

  /** Splits a batch into units that do not wait for each other: the orders of each shop, and all the rest. */
  partition(batch: readonly Delivery[]): WorkUnit[] {
    const parsed = batch.map(tryParse);
    const isOrder = (one: ParseResult): one is ParsedEvent => !('error' in one) && this.#isOrderEvent(one);
    const others = parsed.filter((one) => !isOrder(one));
    const units = others.length === 0 ? [] : [this.#otherEvents(others)];
    for (const [shopId, events] of Map.groupBy(parsed.filter(isOrder), ({ push }) => push.shopId)) {
      for (const chunk of chunkByOrder(events, ordersPerCall)) units.push(this.#orderUnit(shopId, chunk));
    }
    return units;
  }

  /** Processes one delivery by itself, for the HTTP fallback. */
  async processOne(delivery: Delivery): Promise<HandlerResult> {
    const [unit] = this.partition([delivery]);
    const [result] = (await unit?.process()) ?? [];
    return result ?? { kind: 'failed', error: new Error('not processed') };
  }

  #isOrderEvent({ push, orderSn }: ParsedEvent): boolean {
    return orderSn !== undefined && this.#deps.orderEventCodes().includes(push.code);
  }

  #orderUnit(shopId: string | undefined, events: ParsedEvent[]): WorkUnit {
    const deliveries = events.map(({ delivery }) => delivery);
    if (shopId !== undefined) return { deliveries, process: () => this.#deps.orders.process(shopId, events) };
    const error = new PermanentError('no-shop', 'the push contains an order but no shop id');
    return { deliveries, process: async () => events.map(({ activity }) => ({ kind: 'failed', error, activity })) };
  }

  /** One after the other: two events of the same shop must not overtake each other. */
  #otherEvents(events: readonly ParseResult[]): WorkUnit {
    const process = async () => {
      const results: HandlerResult[] = [];
      for (const event of events) results.push(await this.#processEvent(event));
      return results;
    };
    return { deliveries: events.map(({ delivery }) => delivery), process };
  }

  async #processEvent(event: ParseResult): Promise<HandlerResult> {
    if ('error' in event) return { kind: 'failed', error: event.error };
    const { activity } = event;
    const startedAt = systemClock.monotonicMs();
    try {
      await applyShopEvent(this.#deps.shops, event.push);
    } catch (error) {
      return { kind: 'failed', error, activity };
    }
    recordActivity(event, {
      step: 'handled',
      at: systemClock.wallMs(),
      ms: Math.round(systemClock.monotonicMs() - startedAt),
    });
    return { kind: 'done', notification: buildNotification(event), activity };
  }
}

/** A delivery with its push parsed, or the error of that. */
type ParseResult = ParsedEvent | { delivery: Delivery; error: unknown };

function tryParse(delivery: Delivery): ParseResult {
  try {
    return parseEvent(delivery);
  } catch (error) {
    return { delivery, error };
  }
}

/** Chunks with at most `size` different orders; the events of one order stay together. */
function chunkByOrder(events: readonly ParsedEvent[], size: number): ParsedEvent[][] {
  const byOrder = [...Map.groupBy(events, ({ orderSn = '' }) => orderSn).values()];
  const chunks: ParsedEvent[][] = [];
  for (let at = 0; at < byOrder.length; at += size) chunks.push(byOrder.slice(at, at + size).flat());
  return chunks;
}
