import type { SheetRow } from '../report/columns.ts';
import { StaleVersionError, PermanentError } from '../consumer/errors.ts';
import type { RowLocation } from '../consumer/build-notification.ts';
import type { LoadedOrder } from './order-loader.ts';
import { classifySheetError } from '../upstreams/classify-outage.ts';
import type { WriteResult } from '../sheets/writer/sheet-row.ts';
import { recordActivity } from '../consumer/parsed-event.ts';

export type OrderResult =
  { loaded: Extract<LoadedOrder, { rows: SheetRow[] }>; location: RowLocation } | { error: unknown };

interface Sheets {
  upsert(rows: SheetRow[]): Promise<WriteResult[]>;
}

/** Writes the orders' rows in one go. Throws when the spreadsheet's side cannot serve us now. */
export async function writeOrders(sheets: Sheets, orders: readonly LoadedOrder[]): Promise<Map<string, OrderResult>> {
  const ready = orders.filter((order) => 'rows' in order);
  const written = await writeBatch(sheets, ready);
  return new Map(
    orders.map((order): [string, OrderResult] => [
      order.orderSn,
      'error' in order ? { error: order.error } : (written.get(order.orderSn) ?? { error: new Error('not written') }),
    ]),
  );
}

type WritableOrder = Extract<LoadedOrder, { rows: SheetRow[] }>;

async function writeBatch(sheets: Sheets, orders: readonly WritableOrder[]): Promise<Map<string, OrderResult>> {
  if (orders.length === 0) return new Map();
  const startedAt = Date.now();
  try {
    const results = await sheets.upsert(orders.flatMap(({ rows }) => rows));
    const left = [...results];
    return new Map(
      orders.map((order) => [
        order.orderSn,
        toOrderResult(order, left.splice(0, order.rows.length), Date.now() - startedAt),
      ]),
    );
  } catch (error) {
    if (classifySheetError(error) !== undefined) throw error;
    if (orders.length === 1) return new Map(orders.map(({ orderSn }) => [orderSn, { error }]));
  }
  // Whatever it is, it is one order's doing: the others are written without it.
  const written = new Map<string, OrderResult>();
  for (const order of orders) {
    for (const [key, result] of await writeBatch(sheets, [order])) written.set(key, result);
  }
  return written;
}

/**
 * A row that Google refuses for what is in it makes its order a dead letter, with Google's words. One that is older than
 * the sheet's has nothing to add to it, unless a push told something.
 */
function toOrderResult(loaded: WritableOrder, results: readonly WriteResult[], ms: number): OrderResult {
  const refused = results.find((result) => result.kind === 'refused');
  if (refused?.kind === 'refused') return { error: new PermanentError('sheet-refused', refused.error) };
  const first = results[0];
  if (first?.kind === 'stale' && hasPushOnlyData(loaded)) return { error: new StaleVersionError(loaded.orderSn) };
  const location = first === undefined ? {} : rowLocation(loaded, first);
  if (results.every(({ kind }) => kind === 'stale')) return { loaded, location };
  for (const task of loaded.events) {
    recordActivity(task, {
      step: 'written',
      at: Date.now(),
      ms,
      ...(location.row === undefined ? {} : { row: location.row.row }),
    });
  }
  return { loaded, location };
}

/** Whether its pushes told what Shopee's answers do not hold: it is in this row or nowhere. */
function hasPushOnlyData({ fetched: { trackingNumbers = [], payout } }: WritableOrder): boolean {
  return trackingNumbers.length > 0 || payout !== undefined;
}

/** Where the order's own row stands: it is the first of its rows. */
function rowLocation(loaded: WritableOrder, result: WriteResult): RowLocation {
  if (result.kind !== 'written' && result.kind !== 'unchanged') return {};
  const spreadsheetId = loaded.rows[0]?.spreadsheetId ?? '';
  return {
    row: { spreadsheetId, sheetId: result.sheetId, row: result.row },
    previousStatus: result.previous?.status,
  };
}
