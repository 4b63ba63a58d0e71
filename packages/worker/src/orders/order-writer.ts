import { systemClock } from '@shopee-webhook/runtime';
import type { RowSink, WriteResult } from '@shopee-webhook/sheets';
import type { RowLocation } from './build-notification.ts';
import { PermanentError, StaleVersionError } from '../upstreams/errors.ts';
import { recordActivity } from './parsed-event.ts';
import { classifySheetError } from '../upstreams/classify-outage.ts';
import type { WritableOrder } from './order-loader.ts';

export type WrittenOrder = { written: WritableOrder; location: RowLocation } | { error: unknown };

/** Upserts the orders' rows in one call. Throws when the spreadsheet cannot be written now. */
export async function writeOrders(sink: RowSink, orders: readonly WritableOrder[]): Promise<Map<string, WrittenOrder>> {
  const startedAt = systemClock.monotonicMs();
  try {
    const results = await sink.upsert(orders.flatMap(({ rows }) => rows));
    const ms = Math.round(systemClock.monotonicMs() - startedAt);
    const remaining = [...results];
    return new Map(
      orders.map((order) => [order.orderSn, toWrittenOrder(order, remaining.splice(0, order.rows.length), ms)]),
    );
  } catch (error) {
    if (classifySheetError(error) !== undefined) throw error;
    if (orders.length === 1) return new Map(orders.map(({ orderSn }) => [orderSn, { error }]));
  }
  // One order's rows caused it: the others are written without them.
  const written = new Map<string, WrittenOrder>();
  for (const order of orders) {
    for (const [orderSn, result] of await writeOrders(sink, [order])) written.set(orderSn, result);
  }
  return written;
}

/**
 * A row that Google rejects for its content makes its order a dead letter, with Google's error. A row older than the
 * sheet's adds nothing, unless a push carried data of its own.
 */
function toWrittenOrder(order: WritableOrder, results: readonly WriteResult[], ms: number): WrittenOrder {
  const rejected = results.find((result) => result.kind === 'rejected');
  if (rejected?.kind === 'rejected') return { error: new PermanentError('sheet-rejected', rejected.error) };
  const first = results[0];
  if (first?.kind === 'stale' && hasPushOnlyData(order)) return { error: new StaleVersionError(order.orderSn) };
  const location = first === undefined ? {} : rowLocation(order, first);
  if (results.every(({ kind }) => kind === 'stale')) return { written: order, location };
  const row = location.row === undefined ? {} : { row: location.row.row };
  for (const event of order.events) recordActivity(event, { step: 'written', at: systemClock.wallMs(), ms, ...row });
  return { written: order, location };
}

/** Whether its pushes carry data that Shopee's API does not return: this row is its only place. */
function hasPushOnlyData({ fetched: { trackingNumbers = [], payout } }: WritableOrder): boolean {
  return trackingNumbers.length > 0 || payout !== undefined;
}

/** The location of the order's own row, the first of its rows. */
function rowLocation(order: WritableOrder, result: WriteResult): RowLocation {
  if (result.kind !== 'written' && result.kind !== 'unchanged') return {};
  const spreadsheetId = order.rows[0]?.spreadsheetId ?? '';
  return {
    row: { spreadsheetId, sheetId: result.sheetId, row: result.row },
    previousStatus: result.previous?.status,
  };
}
