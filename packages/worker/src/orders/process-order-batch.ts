import { systemClock } from '@shopee-webhook/runtime';
import type { RowSink } from '@shopee-webhook/sheets';
import { type Income, incomeOf } from '@shopee-webhook/shopee';
import type { ActivityEntry } from '@shopee-webhook/store';
import { buildNotification } from './build-notification.ts';
import { StaleVersionError, UpstreamUnavailableError } from '../upstreams/errors.ts';
import { recordActivity, type HandlerResult, type OrderGroup, type ParsedEvent } from './parsed-event.ts';
import { callThroughBreaker } from '../upstreams/call-through-breaker.ts';
import { sheetUpstream, shopUpstream, type CircuitBreakers } from '../upstreams/circuit-breakers.ts';
import { classifySheetError, classifyShopError } from '../upstreams/classify-outage.ts';
import { loadOrders } from './order-loader.ts';
import type { FetchedOrder, OrderSource } from './order-source.ts';
import { writeOrders, type WrittenOrder } from './order-writer.ts';

export interface OrderProcessorDeps {
  source: OrderSource;
  sink: RowSink;
  breakers: CircuitBreakers;
  /** Undefined when SPREADSHEET_ID is a list without this shop. */
  findSpreadsheet: (shopId: string) => string | undefined;
  /** Called with the shop of orders that are in the sheet. */
  onWritten?: (shopId: string) => void;
  /** Called with the income of each order that was written. */
  onIncome?: (shopId: string, orderSn: string, income: Income) => void;
}

/**
 * Writes the orders of one shop to the sheet: fetch → build rows → upsert → notify; the consumer settles. At least once: a
 * message may be processed twice, and then the same rows are upserted under the same keys (`shop:order`,
 * `shop:order:line`), never an older version over a newer one.
 */
export class OrderProcessor {
  readonly #deps: OrderProcessorDeps;

  constructor(deps: OrderProcessorDeps) {
    this.#deps = deps;
  }

  /** One result per event, in the same order. Never rejects. */
  async process(shopId: string, events: readonly ParsedEvent[]): Promise<HandlerResult[]> {
    const startedAt = systemClock.monotonicMs();
    const groups = groupByOrder(events);
    const results = await this.#fetchAndWrite(shopId, groups);
    // Once more and at once: the newer version is in the sheet, so Shopee returns at least that one now.
    const stale = groups.filter(({ orderSn }) => isStale(results.get(orderSn)));
    if (stale.length > 0) {
      for (const [orderSn, result] of await this.#fetchAndWrite(shopId, stale)) results.set(orderSn, result);
    }
    const written = [...results.values()].flatMap((result) => ('error' in result ? [] : [result.written]));
    if (written.length > 0) this.#deps.onWritten?.(shopId);
    for (const { orderSn, fetched } of written) {
      const income = incomeFrom(fetched);
      if (income !== undefined) this.#deps.onIncome?.(shopId, orderSn, income);
    }
    const ms = Math.round(systemClock.monotonicMs() - startedAt);
    return events.map((event) => {
      const result = results.get(event.orderSn ?? '') ?? { error: new Error('not processed') };
      return toHandlerResult(event, result, ms);
    });
  }

  /** Never rejects: an outage is every order's result. */
  async #fetchAndWrite(shopId: string, groups: readonly OrderGroup[]): Promise<Map<string, WrittenOrder>> {
    return this.#tryFetchAndWrite(shopId, groups).catch(
      (error: unknown) => new Map(groups.map(({ orderSn }): [string, WrittenOrder] => [orderSn, { error }])),
    );
  }

  /** Both permits are acquired before the first call: nothing is fetched that could not be written. */
  async #tryFetchAndWrite(shopId: string, groups: readonly OrderGroup[]): Promise<Map<string, WrittenOrder>> {
    const { source, sink, breakers, findSpreadsheet } = this.#deps;
    const spreadsheetId = findSpreadsheet(shopId);
    if (spreadsheetId === undefined) return this.#deferUnassignedShop(shopId);
    const shop = breakers.get(shopUpstream(shopId));
    const sheet = breakers.get(sheetUpstream(spreadsheetId));
    const messages = groups.reduce((sum, { events }) => sum + events.length, 0);
    const [shopPermit, sheetPermit] = breakers.acquireBoth([shop, sheet], messages);
    try {
      const loaded = await callThroughBreaker({ breaker: shop, permit: shopPermit, classify: classifyShopError }, () =>
        loadOrders(source, { shopId, spreadsheetId }, groups),
      );
      const failed = loaded
        .filter((order) => 'error' in order)
        .map(({ orderSn, error }) => [orderSn, { error }] as const);
      const writable = loaded.filter((order) => 'rows' in order);
      // With nothing to write the sheet is not called, and its breaker learns nothing.
      if (writable.length === 0) return new Map(failed);
      const written = await callThroughBreaker(
        { breaker: sheet, permit: sheetPermit, classify: classifySheetError },
        () => writeOrders(sink, writable),
      );
      return new Map([...failed, ...written]);
    } finally {
      shopPermit.release();
      sheetPermit.release();
    }
  }

  /** A shop without a spreadsheet is deferred like an unavailable one, and an alert is raised. */
  #deferUnassignedShop(shopId: string): never {
    const breaker = this.#deps.breakers.get(shopUpstream(shopId));
    breaker.tryAcquire()?.failed(new UpstreamUnavailableError(breaker.upstream, 'no-spreadsheet'));
    throw new UpstreamUnavailableError(breaker.upstream, 'no-spreadsheet', { retryAfterMs: breaker.deferMs() });
  }
}

function groupByOrder(events: readonly ParsedEvent[]): OrderGroup[] {
  return [...Map.groupBy(events, ({ orderSn = '' }) => orderSn)].map(([orderSn, group]) => ({
    orderSn,
    events: group,
  }));
}

function isStale(result: WrittenOrder | undefined): boolean {
  return result !== undefined && 'error' in result && result.error instanceof StaleVersionError;
}

function toHandlerResult(event: ParsedEvent, result: WrittenOrder, ms: number): HandlerResult {
  const { activity } = event;
  if ('error' in result) return { kind: 'failed', error: result.error, activity };
  const { fetched } = result.written;
  recordActivity(event, { step: 'handled', at: systemClock.wallMs(), ms, ...orderActivityFields(fetched) });
  return { kind: 'done', notification: buildNotification(event, fetched, result.location), activity };
}

function incomeFrom({ order, escrow }: FetchedOrder): Income | undefined {
  return escrow && incomeOf(escrow, order.order_status);
}

/** What the dashboard's sales figures are made of; no personal data. */
function orderActivityFields(
  fetched: FetchedOrder,
): Pick<ActivityEntry, 'status' | 'region' | 'currency' | 'total' | 'net' | 'placed' | 'shipBy'> {
  const { order } = fetched;
  const { create_time: placed, ship_by_date: shipBy } = order;
  return {
    status: order.order_status,
    region: order.region,
    currency: order.currency,
    total: order.total_amount,
    net: incomeFrom(fetched)?.amounts.escrow_amount_after_adjustment,
    placed: placed === undefined ? undefined : placed * 1000,
    shipBy: shipBy === undefined ? undefined : shipBy * 1000,
  };
}
