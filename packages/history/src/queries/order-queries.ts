import type { SQLInputValue } from 'node:sqlite';
import type { OrderFilter, OrderRow, OrderTotalsRow } from '../model/rows.ts';
import type { Database } from '../sqlite/database.ts';

/** Orders that were written to the sheet, and those with events that were not. */
const allOrders = `
  SELECT shop, sn, placed_at AS at, status, currency, total, net, ship_by, 1 AS in_sheet FROM orders
  UNION ALL
  SELECT shop, sn, MIN(at), NULL, NULL, NULL, NULL, NULL, 0 FROM events AS event
    WHERE state IN ('waiting', 'working', 'retrying', 'dead') AND sn IS NOT NULL AND shop IS NOT NULL
      AND NOT EXISTS (SELECT 1 FROM orders WHERE orders.shop = event.shop AND orders.sn = event.sn)
    GROUP BY shop, sn`;

/** Lists orders, newest first. */
export class OrderQueries {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  /** One page of orders; `before` is the previous page's last order. */
  page(filter: OrderFilter, page: { before?: { at: number; sn: string } | undefined; limit: number }): OrderRow[] {
    const { where, values } = conditions(filter);
    const cursor = page.before === undefined ? '' : 'AND (at, sn) < (?, ?)';
    const sql = `SELECT *, (SELECT row FROM events WHERE events.sn = found.sn AND events.shop = found.shop
          AND row IS NOT NULL ORDER BY at DESC LIMIT 1) AS row
      FROM (SELECT * FROM (${allOrders}) WHERE ${where} ${cursor} ORDER BY at DESC, sn DESC LIMIT ?) AS found
      ORDER BY at DESC, sn DESC`;
    const cursorValues = page.before === undefined ? [] : [page.before.at, page.before.sn];
    return this.#db.all(sql, ...values, ...cursorValues, page.limit) as unknown as OrderRow[];
  }

  /** Sums over all matching orders by currency; canceled and unpaid ones have no gross. */
  totals(filter: OrderFilter): OrderTotalsRow[] {
    const { where, values } = conditions(filter);
    const paid = "status NOT IN ('CANCELLED', 'UNPAID')";
    const sql = `SELECT currency, COUNT(*) AS orders, SUM(in_sheet = 0) AS missing,
        COALESCE(SUM(CASE WHEN ${paid} THEN total END), 0) AS gross, COALESCE(SUM(CASE WHEN ${paid} THEN net END), 0) AS net,
        COALESCE(SUM(${paid}), 0) AS paidOrders, COALESCE(SUM(${paid} AND net IS NOT NULL), 0) AS netOrders
      FROM (${allOrders}) WHERE ${where} GROUP BY currency ORDER BY orders DESC`;
    return this.#db.all(sql, ...values) as unknown as OrderTotalsRow[];
  }
}

function conditions({ shop, status, inSheet, shipBefore, from, to }: OrderFilter): {
  where: string;
  values: SQLInputValue[];
} {
  const parts: [sql: string, ...values: SQLInputValue[]][] = [['TRUE']];
  if (shop !== undefined) parts.push(['shop = ?', shop]);
  if (status !== undefined) parts.push(['status = ?', status]);
  if (inSheet !== undefined) parts.push(['in_sheet = ?', inSheet ? 1 : 0]);
  if (shipBefore !== undefined) {
    parts.push(["status IN ('READY_TO_SHIP', 'RETRY_SHIP', 'PROCESSED') AND ship_by < ?", shipBefore]);
  }
  if (from !== undefined) parts.push(['at >= ?', from]);
  if (to !== undefined) parts.push(['at < ?', to]);
  return { where: parts.map(([sql]) => sql).join(' AND '), values: parts.flatMap(([, ...values]) => values) };
}
