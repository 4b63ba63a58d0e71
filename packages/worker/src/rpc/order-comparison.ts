import type { OrderComparison } from '@shopee-webhook/contracts/worker-rpc';
import type { GoogleClient } from '@shopee-webhook/sheets';
import { ordersColumns } from '../report/columns.ts';
import { errorText, OrderNotFoundError } from '../upstreams/errors.ts';
import type { OrderSource } from '../orders/order-source.ts';
import { toShopeeOrder } from './order-view.ts';
import { findRows } from './row-finder.ts';
import { rowLink, formatCell, visibleColumns } from './row-view.ts';

export interface OrderComparisonDeps {
  source: Pick<OrderSource, 'fetchOrders'>;
  google: Pick<GoogleClient, 'open'>;
  findSpreadsheet: (shopId: string) => string | undefined;
}

export interface OrderQuery {
  shop: string;
  sn: string;
}

/** An order at Shopee and in the sheet, each with its own error. */
export async function compareOrder(options: OrderComparisonDeps, query: OrderQuery): Promise<OrderComparison> {
  const [shopee, sheet] = await Promise.all([fetchShopeeOrder(options, query), findSheetOrder(options, query)]);
  return { shopee, sheet };
}

async function fetchShopeeOrder(
  { source }: OrderComparisonDeps,
  { shop, sn }: OrderQuery,
): Promise<OrderComparison['shopee']> {
  try {
    const result = (await source.fetchOrders(shop, [sn])).get(sn) ?? { error: new OrderNotFoundError(sn) };
    if ('error' in result) return { order: null, error: errorText(result.error) };
    return { order: toShopeeOrder(result), error: null };
  } catch (error) {
    return { order: null, error: errorText(error) };
  }
}

/** The order's own row. */
export async function findSheetOrder(
  { google, findSpreadsheet }: Pick<OrderComparisonDeps, 'google' | 'findSpreadsheet'>,
  { shop, sn }: OrderQuery,
): Promise<OrderComparison['sheet']> {
  const spreadsheetId = findSpreadsheet(shop);
  if (spreadsheetId === undefined) return { row: null, error: 'SPREADSHEET_ID has no spreadsheet for this shop' };
  try {
    const { rows } = await findRows(google, spreadsheetId, [{ tab: 'Orders', key: `${shop}:${sn}` }]);
    const [found] = rows;
    if (found === undefined) return { row: null, error: null };
    const cells = visibleColumns(ordersColumns).map(({ id, header, kind }) => ({
      column: id,
      title: header,
      value: formatCell(found.cells[id], kind),
    }));
    return { row: { row: found.row, link: rowLink(spreadsheetId, found), cells }, error: null };
  } catch (error) {
    return { row: null, error: errorText(error) };
  }
}
