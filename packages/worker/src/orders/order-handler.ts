import type { SheetRow } from '../columns.ts';
import { OvertakenError, SideUnavailableError } from '../errors.ts';
import { sheetSide, shopSide, type Gates } from '../outages/gates.ts';
import { guarded } from '../outages/guarded.ts';
import { notificationOf } from '../deliveries/notification-of.ts';
import { orderFacts } from './order-facts.ts';
import { loadOrders, type OrderLoaderOptions } from './order-loader.ts';
import { writeOrders, type OrderResult } from './order-writer.ts';
import { sheetOutageOf, shopOutageOf } from '../outages/side-outages.ts';
import type { WriteResult } from '../sheets/sheet-row.ts';
import { addStep, type OrderGroup, type Task } from '../deliveries/task.ts';
import type { Handling } from '../deliveries/work.ts';

export interface OrderHandlerOptions extends OrderLoaderOptions {
  sheets: { upsert(rows: SheetRow[]): Promise<WriteResult[]> };
  gates: Gates;
  /** Undefined when the operator gave a list of spreadsheets and this shop is not in it. */
  spreadsheetOf: (shopId: string) => string | undefined;
}

/**
 * Brings the orders of one shop into the sheet. At least once: a message may be handled twice, and then the same rows
 * are written twice under the same keys (`shop:order`, `shop:order:line`), never an older version over a newer one.
 */
export class OrderHandler {
  readonly #options: OrderHandlerOptions;

  constructor(options: OrderHandlerOptions) {
    this.#options = options;
  }

  /** One handling per task, in the same order. Never rejects. */
  async handle(shopId: string, tasks: Task[]): Promise<Handling[]> {
    const startedAt = Date.now();
    const groups = groupsOf(tasks);
    const results = await this.#bring(shopId, groups);
    // Once, and at once: what overtook them is in the sheet, so Shopee says no less now.
    const overtaken = groups.filter(({ orderSn }) => isOvertaken(results.get(orderSn)));
    if (overtaken.length > 0)
      for (const [orderSn, result] of await this.#bring(shopId, overtaken)) results.set(orderSn, result);
    return tasks.map((task) => {
      const result = results.get(task.orderSn ?? '') ?? { error: new Error('not handled') };
      return handlingOf(task, result, startedAt);
    });
  }

  /** Fetches and writes these orders. Never rejects. */
  async #bring(shopId: string, groups: OrderGroup[]): Promise<Map<string, OrderResult>> {
    return this.#resultsOf(shopId, groups).catch(
      (error: unknown) => new Map(groups.map(({ orderSn }): [string, OrderResult] => [orderSn, { error }])),
    );
  }

  /** Both sides' gates are passed before the first call: nothing is fetched that could not be written. */
  async #resultsOf(shopId: string, groups: OrderGroup[]): Promise<Map<string, OrderResult>> {
    const { gates } = this.#options;
    const spreadsheetId = this.#options.spreadsheetOf(shopId);
    if (spreadsheetId === undefined) return this.#withoutSpreadsheet(shopId);
    const [shopGate, sheetGate] = [gates.of(shopSide(shopId)), gates.of(sheetSide(spreadsheetId))];
    const messages = groups.reduce((sum, { tasks }) => sum + tasks.length, 0);
    const [shopPass, sheetPass] = gates.enterAll([shopGate, sheetGate], messages);
    try {
      const loaded = await guarded({ gate: shopGate, pass: shopPass, outageOf: shopOutageOf }, () =>
        loadOrders(this.#options, { shopId, spreadsheetId }, groups),
      );
      // With nothing to write the sheet is not called, and its gate learns nothing.
      if (loaded.every((order) => 'error' in order)) return new Map(loaded.map((order) => [order.orderSn, order]));
      return await guarded({ gate: sheetGate, pass: sheetPass, outageOf: sheetOutageOf }, () =>
        writeOrders(this.#options.sheets, loaded),
      );
    } finally {
      shopPass.leave();
      sheetPass.leave();
    }
  }

  /** A shop that SPREADSHEET_ID does not name waits as one that cannot be reached, and the operator is told. */
  #withoutSpreadsheet(shopId: string): never {
    const gate = this.#options.gates.of(shopSide(shopId));
    const error = new SideUnavailableError(gate.side, 'no-spreadsheet');
    gate.enter()?.failed(error);
    throw new SideUnavailableError(gate.side, 'no-spreadsheet', { retryAfterMs: gate.parkMs() });
  }
}

function groupsOf(tasks: readonly Task[]): OrderGroup[] {
  const byOrder = Map.groupBy(tasks, (task) => task.orderSn ?? '');
  return [...byOrder].map(([orderSn, tasks]) => ({ orderSn, tasks }));
}

function isOvertaken(result: OrderResult | undefined): boolean {
  return result !== undefined && 'error' in result && result.error instanceof OvertakenError;
}

function handlingOf(task: Task, result: OrderResult, startedAt: number): Handling {
  if ('error' in result) return { kind: 'failed', error: result.error, steps: task.steps };
  const { fetched } = result.loaded;
  addStep(task, { step: 'handled', at: Date.now(), ms: Date.now() - startedAt, ...orderFacts(fetched) });
  return {
    kind: 'done',
    notification: notificationOf(task, fetched, result.place),
    steps: task.steps,
  };
}
