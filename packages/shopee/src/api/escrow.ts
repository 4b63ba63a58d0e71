import { z } from 'zod';
import { isRecord } from '../push/json.ts';
import { flag, id, key, arrayOf, optional, number, text, strings, time } from './coercions.ts';

// Field names and types: Shopee's page v2.payment.get_escrow_detail and sandbox captures. Item money is a line total.

const escrowItem = z.object({
  item_id: id,
  item_name: text,
  item_sku: text,
  model_id: id,
  model_name: text,
  model_sku: text,
  line_item_id: id,
  quantity_purchased: number,
  original_price: number,
  selling_price: number,
  discounted_price: number,
  seller_discount: number,
  shopee_discount: number,
  discount_from_coin: number,
  discount_from_voucher_shopee: number,
  discount_from_voucher_seller: number,
  activity_type: text,
  activity_id: id,
  is_main_item: flag,
  is_b2c_shop_item: flag,
  is_kit: flag,
  ams_commission_fee: number,
  seller_order_processing_fee: number,
  bcrs_deposit: number,
  buyer_paid_extended_warranty: number,
  installation_fee_paid_by_buyer: number,
  promotion_list: arrayOf(z.object({ promotion_type: text, promotion_id: id })),
});

const adjustment = z.object({ amount: number, date: time, currency: text, adjustment_reason: text });
const feeRule = z.object({ rule_id: id, fee_amount: number, rule_display_name: text, category: text });
const tenure = z.object({ payment_channel_name: text, instalment_plan: text });

/** Every documented amount of `order_income`; Shopee adds some each year, and what is not listed here is let go. */
const amountNames = [
  'escrow_amount',
  'escrow_amount_after_adjustment',
  'total_adjustment_amount',
  'buyer_total_amount',
  'order_original_price',
  'original_price',
  'order_discounted_price',
  'order_selling_price',
  'order_seller_discount',
  'bcrs_deposit',
  'seller_discount',
  'shopee_discount',
  'original_shopee_discount',
  'voucher_from_seller',
  'voucher_from_shopee',
  'voucher_from_external_party',
  'coins',
  'buyer_paid_shipping_fee',
  'buyer_transaction_fee',
  'cross_border_tax',
  'payment_promotion',
  'commission_fee',
  'service_fee',
  'net_commission_fee',
  'net_service_fee',
  'seller_transaction_fee',
  'credit_card_transaction_fee',
  'seller_lost_compensation',
  'seller_coin_cash_back',
  'escrow_tax',
  'estimated_shipping_fee',
  'final_shipping_fee',
  'actual_shipping_fee',
  'shipping_fee_sst',
  'shopee_shipping_rebate',
  'shipping_fee_discount_from_3pl',
  'seller_shipping_discount',
  'drc_adjustable_refund',
  'cost_of_goods_sold',
  'original_cost_of_goods_sold',
  'seller_return_refund',
  'reverse_shipping_fee',
  'reverse_shipping_fee_sst',
  'final_product_protection',
  'credit_card_promotion',
  'final_product_vat_tax',
  'final_shipping_vat_tax',
  'campaign_fee',
  'sip_subsidy',
  'rsf_seller_protection_fee_claim_amount',
  'fsf_seller_protection_fee_claim_amount',
  'shipping_seller_protection_fee_amount',
  'delivery_seller_protection_fee_premium_amount',
  'final_escrow_product_gst',
  'final_escrow_shipping_gst',
  'order_ams_commission_fee',
  'sales_tax_on_lvg',
  'final_return_to_seller_shipping_fee',
  'withholding_tax',
  'withholding_vat_tax',
  'withholding_pit_tax',
  'withholding_cit_tax',
  'overseas_return_service_fee',
  'vat_on_imported_goods',
  'prorated_coins_value_offset_return_items',
  'prorated_shopee_voucher_offset_return_items',
  'prorated_seller_voucher_offset_return_items',
  'prorated_payment_channel_promo_bank_offset_return_items',
  'prorated_payment_channel_promo_shopee_offset_return_items',
  'prorated_pix_discount_offset_return_items',
  'seller_order_processing_fee',
  'buyer_paid_packaging_fee',
  'trade_in_bonus_by_seller',
  'fbs_fee',
  'pix_discount',
  'ads_escrow_top_up_fee_or_technical_support_fee',
  'th_import_duty',
  'remaining_voucher',
  'exchange_rate',
  // Not on the page, but on the wire.
  'actual_installation_fee',
  'buyer_paid_extended_warranty',
  'escrow_import_tax',
  'installation_fee_paid_by_buyer',
  'lff_seller_protection_fee_amount',
  'pay_per_sale',
  'return_to_seller_shipping_fee_sst',
  'sspl_fee',
] as const;

const amounts = Object.fromEntries(amountNames.map((name) => [name, number])) as Record<
  (typeof amountNames)[number],
  typeof number
>;

const orderIncome = z.object({
  ...amounts,
  items: arrayOf(escrowItem),
  order_adjustment: arrayOf(adjustment),
  buyer_payment_method: text,
  instalment_plan: text,
  tax_registration_code: text,
  seller_voucher_code: strings,
  pri_currency: text,
  aff_currency: text,
  tenure_info_list: arrayOf(tenure),
  net_commission_fee_info_list: arrayOf(feeRule),
  net_service_fee_info_list: arrayOf(feeRule),
});

const buyerPayment = z.object({
  buyer_payment_method: text,
  buyer_total_amount: number,
  merchant_subtotal: number,
  shipping_fee: number,
  seller_voucher: number,
  shopee_voucher: number,
  shopee_coins_redeemed: number,
  buyer_service_fee: number,
  buyer_tax_amount: number,
  insurance_premium: number,
  is_paid_by_credit_card: flag,
});

export const escrowSchema = z.object({
  order_sn: key,
  buyer_user_name: text,
  return_order_sn_list: strings,
  order_income: z.preprocess(normalizeFieldNames, orderIncome),
  buyer_payment_info: optional(buyerPayment),
});

/** An order's settlement figures. Shopee says of `escrow_amount` that it changes until the order is completed. */
export type Escrow = z.infer<typeof escrowSchema>;
export type EscrowItem = z.infer<typeof escrowItem>;
export type OrderIncome = z.infer<typeof orderIncome>;

/** The batch call spells one field in another way. */
function normalizeFieldNames(income: unknown): unknown {
  if (!isRecord(income) || !('shipping_fee_discount_from_pl' in income)) return income;
  return { shipping_fee_discount_from_3pl: income['shipping_fee_discount_from_pl'], ...income };
}
