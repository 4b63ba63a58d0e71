import type { SheetRow } from '../report/columns.ts';
import { StaleVersionError, UpstreamUnavailableError } from '../consumer/errors.ts';
import { sheetUpstream, shopUpstream, type CircuitBreakers } from '../upstreams/circuit-breakers.ts';
import { callThroughBreaker } from '../upstreams/call-through-breaker.ts';
import { buildNotification } from '../consumer/build-notification.ts';
import { orderActivityFields } from './order-activity.ts';
import { loadOrders, type OrderLoaderDeps } from './order-loader.ts';
import { writeOrders, type OrderResult } from './order-writer.ts';
import { classifySheetError, classifyShopError } from '../upstreams/classify-outage.ts';
import type { WriteResult } from '../sheets/writer/sheet-row.ts';
import { recordActivity, type OrderGroup, type ParsedEvent } from '../consumer/parsed-event.ts';
import type { HandlerResult } from '../consumer/work-unit.ts';

export interface OrderHandlerDeps extends OrderLoaderDeps {
  sheets: { upsert(rows: SheetRow[]): Promise<WriteResult[]> };
  breakers: CircuitBreakers;
  /** Undefined when the operator gave a list of spreadsheets and this shop is not in it. */
  findSpreadsheet: (shopId: string) => string | undefined;
}

/**
 * Brings the orders of one shop into the sheet. At least once: a message may be handled twice, and then the same rows
 * are written twice under the same keys (`shop:order`, `shop:order:line`), never an older version over a newer one.
 */
export class OrderHandler {
  readonly #options: OrderHandlerDeps;

  constructor(options: OrderHandlerDeps) {
    this.#options = options;
  }

  /** One handling per task, in the same order. Never rejects. */
  async process(shopId: string, events: ParsedEvent[]): Promise<HandlerResult[]> {
    const startedAt = Date.now();
    const groups = groupByOrder(events);
    const results = await this.#fetchAndWrite(shopId, groups);
    // Once, and at once: what overtook them is in the sheet, so Shopee says no less now.
    const stale = groups.filter(({ orderSn }) => isStaleVersion(results.get(orderSn)));
    if (stale.length > 0)
      for (const [orderSn, result] of await this.#fetchAndWrite(shopId, stale)) results.set(orderSn, result);
    return events.map((task) => {
      const result = results.get(task.orderSn ?? '') ?? { error: new Error('not handled') };
      return toHandlerResult(task, result, startedAt);
    });
  }

  /** Fetches and writes these orders. Never rejects. */
  async #fetchAndWrite(shopId: string, groups: OrderGroup[]): Promise<Map<string, OrderResult>> {
    return this.#tryFetchAndWrite(shopId, groups).catch(
      (error: unknown) => new Map(groups.map(({ orderSn }): [string, OrderResult] => [orderSn, { error }])),
    );
  }

  /** Both sides' gates are passed before the first call: nothing is fetched that could not be written. */
  async #tryFetchAndWrite(shopId: string, groups: OrderGroup[]): Promise<Map<string, OrderResult>> {
    const { breakers } = this.#options;
    const spreadsheetId = this.#options.findSpreadsheet(shopId);
    if (spreadsheetId === undefined) return this.#deferUnassignedShop(shopId);
    const [shopBreaker, sheetBreaker] = [
      breakers.get(shopUpstream(shopId)),
      breakers.get(sheetUpstream(spreadsheetId)),
    ];
    const messages = groups.reduce((sum, { events }) => sum + events.length, 0);
    const [shopPermit, sheetPermit] = breakers.acquireBoth([shopBreaker, sheetBreaker], messages);
    try {
      const loaded = await callThroughBreaker(
        { breaker: shopBreaker, permit: shopPermit, classify: classifyShopError },
        () => loadOrders(this.#options, { shopId, spreadsheetId }, groups),
      );
      // With nothing to write the sheet is not called, and its breaker learns nothing.
      if (loaded.every((order) => 'error' in order)) return new Map(loaded.map((order) => [order.orderSn, order]));
      return await callThroughBreaker(
        { breaker: sheetBreaker, permit: sheetPermit, classify: classifySheetError },
        () => writeOrders(this.#options.sheets, loaded),
      );
    } finally {
      shopPermit.release();
      sheetPermit.release();
    }
  }

  /** A shop that SPREADSHEET_ID does not name waits as one that cannot be reached, and the operator is told. */
  #deferUnassignedShop(shopId: string): never {
    const breaker = this.#options.breakers.get(shopUpstream(shopId));
    const error = new UpstreamUnavailableError(breaker.upstream, 'no-spreadsheet');
    breaker.tryAcquire()?.failed(error);
    throw new UpstreamUnavailableError(breaker.upstream, 'no-spreadsheet', { retryAfterMs: breaker.deferMs() });
  }
}

function groupByOrder(tasks: readonly ParsedEvent[]): OrderGroup[] {
  const byOrder = Map.groupBy(tasks, (task) => task.orderSn ?? '');
  return [...byOrder].map(([orderSn, tasks]) => ({ orderSn, events: tasks }));
}

function isStaleVersion(result: OrderResult | undefined): boolean {
  return result !== undefined && 'error' in result && result.error instanceof StaleVersionError;
}

function toHandlerResult(task: ParsedEvent, result: OrderResult, startedAt: number): HandlerResult {
  if ('error' in result) return { kind: 'failed', error: result.error, activity: task.activity };
  const { fetched } = result.loaded;
  recordActivity(task, {
    step: 'handled',
    at: Date.now(),
    ms: Date.now() - startedAt,
    ...orderActivityFields(fetched),
  });
  return {
    kind: 'done',
    notification: buildNotification(task, fetched, result.location),
    activity: task.activity,
  };
}
