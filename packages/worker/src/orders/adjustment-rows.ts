import { incomeOf } from '@shopee-webhook/shopee';
import type { ReportRow } from '../report/columns.ts';
import { toCell } from './cells.ts';
import { rowBase, type ShopTarget } from './order-row.ts';
import type { FetchedOrder } from './order-source.ts';

/**
 * One row per adjustment in Adjustments, keyed `shop:order:adjustment`. Shopee gives adjustments no id: date and amount tell
 * them apart, and a number those that are alike.
 */
export function adjustmentRows(shop: ShopTarget, fetched: FetchedOrder): ReportRow[] {
  const { order, escrow } = fetched;
  if (escrow === undefined) return [];
  const seen = new Map<string, number>();
  return incomeOf(escrow, order.order_status).adjustments.map(({ amount, date, currency, reason }) => {
    const base = `${date ?? 0}_${amount}`;
    const count = (seen.get(base) ?? 0) + 1;
    seen.set(base, count);
    return {
      ...rowBase(shop, fetched),
      tab: 'Adjustments',
      key: `${shop.shopId}:${order.order_sn}:${count === 1 ? base : `${base}_${count}`}`,
      cells: {
        order_sn: order.order_sn,
        create_time: toCell(date),
        reason: toCell(reason),
        amount,
        currency: toCell(currency ?? order.currency),
        shop: shop.shopName ?? shop.shopId,
        shop_id: shop.shopId,
      },
    };
  });
}
