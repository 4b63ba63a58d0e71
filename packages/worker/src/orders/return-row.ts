import type { ReturnDetail } from '@shopee-webhook/shopee';
import { cellOf } from './cells.ts';
import type { Cell, SheetRow } from '../columns.ts';
import { withoutPrefix, type ShopTarget } from './order-row.ts';

/** `return_solution` (page v2.returns.get_return_detail). */
const solutions: Readonly<Record<number, string>> = { 0: 'return and refund', 1: 'refund only' };

/** The row of a return request; its key is `shop:return`. */
export function returnRow(shop: ShopTarget, detail: ReturnDetail): SheetRow {
  return {
    spreadsheetId: shop.spreadsheetId,
    tab: 'Returns',
    key: `${shop.shopId}:${detail.return_sn}`,
    version: detail.update_time ?? 0,
    shopId: shop.shopId,
    cells: {
      return_sn: detail.return_sn,
      order_sn: cellOf(detail.order_sn),
      shop: shop.shopName ?? shop.shopId,
      shop_id: shop.shopId,
      ...stateCells(detail),
      items: cellOf(itemsText(detail)),
      currency: cellOf(detail.currency),
      refund_amount: cellOf(detail.refund_amount),
      amount_before_discount: cellOf(detail.amount_before_discount),
      create_time: cellOf(detail.create_time),
      update_time: cellOf(detail.update_time),
      due_date: cellOf(detail.due_date),
      return_seller_due_date: cellOf(detail.return_seller_due_date),
    },
  };
}

function stateCells(detail: ReturnDetail): Record<string, Cell> {
  const solution = detail.return_solution;
  return {
    status: cellOf(detail.status),
    reason: cellOf(detail.reason),
    text_reason: cellOf(detail.text_reason),
    return_solution: cellOf(solution === undefined ? undefined : (solutions[solution] ?? String(solution))),
    return_refund_type: cellOf(detail.return_refund_type),
    negotiation_status: cellOf(detail.negotiation_status),
    seller_proof_status: cellOf(detail.seller_proof_status),
    logistics_status: cellOf(withoutPrefix(detail.reverse_logistic_status || detail.logistics_status)),
    tracking_number: cellOf(detail.tracking_number),
  };
}

function itemsText(detail: ReturnDetail): string | undefined {
  const lines = detail.item.map((item) => {
    const sku = item.variation_sku || item.item_sku;
    return `${String(item.amount ?? '?')} × ${item.name ?? ''}${sku ? ` [${sku}]` : ''}`;
  });
  return lines.length === 0 ? undefined : lines.join('\n');
}
