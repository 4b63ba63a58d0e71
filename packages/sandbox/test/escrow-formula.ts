import type { JsonObject } from '../src/shopee/data/json.ts';

// As the page of get_escrow_detail prints it (2026-08-18), for all shops but SIP affiliates.
const formula = `original_cost_of_goods_sold - original_shopee_discount + seller_return_refund + shopee_discount
  - voucher_from_seller - seller_coin_cash_back + buyer_paid_shipping_fee - actual_shipping_fee
  + shopee_shipping_rebate + shipping_fee_discount_from_3pl - reverse_shipping_fee
  + rsf_seller_protection_fee_claim_amount - final_return_to_seller_shipping_fee - seller_transaction_fee
  - service_fee - commission_fee - campaign_fee - shipping_seller_protection_fee_amount
  - delivery_seller_protection_fee_premium_amount - final_escrow_product_gst - order_ams_commission_fee - escrow_tax
  - sales_tax_on_lvg - reverse_shipping_fee_sst - shipping_fee_sst - withholding_tax - overseas_return_service_fee
  - vat_on_imported_goods - withholding_vat_tax - withholding_pit_tax - withholding_cit_tax
  - seller_order_processing_fee + buyer_paid_packaging_fee - trade_in_bonus_by_seller - fbs_fee
  - ads_escrow_top_up_fee_or_technical_support_fee - th_import_duty`;

/** The escrow amount by the formula on the page of the single call. */
export function bySinglePage(income: JsonObject): number {
  return sumOf(income, formula);
}

/** The escrow amount by both pages: that of the batch call adds a claim which the other only lists. */
export function byBothPages(income: JsonObject): number {
  return sumOf(income, `${formula} + fsf_seller_protection_fee_claim_amount`);
}

/** An amount; 0 where there is none. */
export function numberAt(value: JsonObject, key: string): number {
  const found = value[key];
  return typeof found === 'number' ? found : 0;
}

function sumOf(income: JsonObject, text: string): number {
  const terms = [...`+ ${text}`.matchAll(/([+-])\s*(\w+)/g)];
  return terms.reduce((total, [, sign, name]) => total + (sign === '-' ? -1 : 1) * numberAt(income, name ?? ''), 0);
}
