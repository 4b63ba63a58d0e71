import type { SheetRow } from '../columns.ts';
import { OvertakenError, PermanentError } from '../errors.ts';
import type { RowPlace } from '../deliveries/notification-of.ts';
import type { LoadedOrder } from './order-loader.ts';
import { sheetOutageOf } from '../outages/side-outages.ts';
import type { WriteResult } from '../sheets/sheet-row.ts';
import { addStep } from '../deliveries/task.ts';

export type OrderResult = { loaded: Extract<LoadedOrder, { rows: SheetRow[] }>; place: RowPlace } | { error: unknown };

interface Sheets {
  upsert(rows: SheetRow[]): Promise<WriteResult[]>;
}

/** Writes the orders' rows in one go. Throws when the spreadsheet's side cannot serve us now. */
export async function writeOrders(sheets: Sheets, orders: readonly LoadedOrder[]): Promise<Map<string, OrderResult>> {
  const ready = orders.filter((order) => 'rows' in order);
  const written = await writeTogether(sheets, ready);
  return new Map(
    orders.map((order): [string, OrderResult] => [
      order.orderSn,
      'error' in order ? { error: order.error } : (written.get(order.orderSn) ?? { error: new Error('not written') }),
    ]),
  );
}

type Ready = Extract<LoadedOrder, { rows: SheetRow[] }>;

async function writeTogether(sheets: Sheets, orders: readonly Ready[]): Promise<Map<string, OrderResult>> {
  if (orders.length === 0) return new Map();
  const startedAt = Date.now();
  try {
    const results = await sheets.upsert(orders.flatMap(({ rows }) => rows));
    const left = [...results];
    return new Map(
      orders.map((order) => [
        order.orderSn,
        resultOf(order, left.splice(0, order.rows.length), Date.now() - startedAt),
      ]),
    );
  } catch (error) {
    if (sheetOutageOf(error) !== undefined) throw error;
    if (orders.length === 1) return new Map(orders.map(({ orderSn }) => [orderSn, { error }]));
  }
  // Whatever it is, it is one order's doing: the others are written without it.
  const written = new Map<string, OrderResult>();
  for (const order of orders) {
    for (const [key, result] of await writeTogether(sheets, [order])) written.set(key, result);
  }
  return written;
}

/**
 * A row that Google refuses for what is in it makes its order a dead letter, with Google's words. One that is older than
 * the sheet's has nothing to add to it, unless a push told something.
 */
function resultOf(loaded: Ready, results: readonly WriteResult[], ms: number): OrderResult {
  const refused = results.find((result) => result.kind === 'refused');
  if (refused?.kind === 'refused') return { error: new PermanentError('sheet-refused', refused.error) };
  const first = results[0];
  if (first?.kind === 'stale' && tellsMore(loaded)) return { error: new OvertakenError(loaded.orderSn) };
  const place = first === undefined ? {} : placeOf(loaded, first);
  if (results.every(({ kind }) => kind === 'stale')) return { loaded, place };
  for (const task of loaded.tasks) {
    addStep(task, { step: 'written', at: Date.now(), ms, ...(place.row === undefined ? {} : { row: place.row.row }) });
  }
  return { loaded, place };
}

/** Whether its pushes told what Shopee's answers do not hold: it is in this row or nowhere. */
function tellsMore({ fetched: { trackingNumbers = [], payout } }: Ready): boolean {
  return trackingNumbers.length > 0 || payout !== undefined;
}

/** Where the order's own row stands: it is the first of its rows. */
function placeOf(loaded: Ready, result: WriteResult): RowPlace {
  if (result.kind !== 'written' && result.kind !== 'unchanged') return {};
  const spreadsheetId = loaded.rows[0]?.spreadsheetId ?? '';
  return {
    row: { spreadsheetId, sheetId: result.sheetId, row: result.row },
    previousStatus: result.previous?.status,
  };
}
