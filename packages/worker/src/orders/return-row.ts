import type { Escrow, ReturnDetail } from '@shopee-webhook/shopee';
import type { Cell } from '@shopee-webhook/sheets';
import type { ReportRow } from '../report/columns.ts';
import { toCell } from './cells.ts';
import { stripLogisticsPrefix, type ShopTarget } from './order-row.ts';

/** `return_solution` (page v2.returns.get_return_detail). */
const solutions: Readonly<Record<number, string>> = { 0: 'return and refund', 1: 'refund only' };

/** The row of a return request, keyed `shop:return`, with the escrow of its order while there is one. */
export function returnRow(shop: ShopTarget, detail: ReturnDetail, escrow?: Escrow): ReportRow {
  return {
    spreadsheetId: shop.spreadsheetId,
    tab: 'Returns',
    key: `${shop.shopId}:${detail.return_sn}`,
    version: detail.update_time ?? 0,
    shopId: shop.shopId,
    cells: {
      return_sn: detail.return_sn,
      order_sn: toCell(detail.order_sn),
      shop: shop.shopName ?? shop.shopId,
      shop_id: shop.shopId,
      ...stateCells(detail),
      items: toCell(itemsText(detail)),
      currency: toCell(detail.currency),
      refund_amount: toCell(detail.refund_amount),
      amount_before_discount: toCell(detail.amount_before_discount),
      seller_compensation_status: toCell(detail.seller_compensation_status),
      compensation_amount: toCell(detail.compensation_amount),
      return_shipping_payer: toCell(returnShippingPayer(escrow)),
      create_time: toCell(detail.create_time),
      update_time: toCell(detail.update_time),
      due_date: toCell(detail.due_date),
      return_seller_due_date: toCell(detail.return_seller_due_date),
    },
  };
}

function stateCells(detail: ReturnDetail): Record<string, Cell> {
  const solution = detail.return_solution;
  return {
    status: toCell(detail.status),
    reason: toCell(detail.reason),
    text_reason: toCell(detail.text_reason),
    return_solution: toCell(solution === undefined ? undefined : (solutions[solution] ?? String(solution))),
    return_refund_type: toCell(detail.return_refund_type),
    negotiation_status: toCell(detail.negotiation_status),
    seller_proof_status: toCell(detail.seller_proof_status),
    logistics_status: toCell(stripLogisticsPrefix(detail.reverse_logistic_status || detail.logistics_status)),
    tracking_number: toCell(detail.tracking_number),
  };
}

function itemsText(detail: ReturnDetail): string | undefined {
  const lines = detail.item.map((item) => {
    const sku = item.variation_sku || item.item_sku;
    return `${String(item.amount ?? '?')} × ${item.name ?? ''}${sku ? ` [${sku}]` : ''}`;
  });
  return lines.length === 0 ? undefined : lines.join('\n');
}

/**
 * Who bears the shipping of an order's returns, by its escrow: the seller is charged, or charged and protected by Shopee's
 * programmes. Undefined while there is no escrow. The return itself does not say it.
 */
function returnShippingPayer(escrow: Escrow | undefined): string | undefined {
  if (escrow === undefined) return undefined;
  const { order_income: income } = escrow;
  const charged = (income.reverse_shipping_fee ?? 0) + (income.final_return_to_seller_shipping_fee ?? 0);
  if (charged <= 0) return 'not the seller';
  const claimed =
    (income.rsf_seller_protection_fee_claim_amount ?? 0) + (income.fsf_seller_protection_fee_claim_amount ?? 0);
  if (claimed <= 0) return 'seller';
  return claimed < charged ? 'seller and Shopee' : 'Shopee';
}
