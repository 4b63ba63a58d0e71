import { z } from 'zod';
import { isRecord } from '../push/json.ts';
import { flag, id, key, arrayOf, optional, number, text, strings, time, toNumber } from './coercions.ts';

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
  original_price_pri: number,
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

/** Every amount of `order_income` whose effect is documented. Any other is kept apart, see `unknown_amounts`. */
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
  'escrow_amount_pri',
  'original_price_pri',
  'commission_fee_pri',
  'service_fee_pri',
  'seller_return_refund_pri',
  'drc_adjustable_refund_pri',
  'buyer_total_amount_pri',
  'sip_subsidy_pri',
  'order_chargeable_weight',
] as const;

const amounts = Object.fromEntries(amountNames.map((name) => [name, number])) as Record<
  (typeof amountNames)[number],
  typeof number
>;

const incomeFields = {
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
};

const orderIncome = z.object({
  ...incomeFields,
  /** Amounts other than 0 that Shopee documents nowhere, or without saying whether they add or take. */
  unknown_amounts: z.record(z.string(), z.number()).default({}),
  /** Whether the answer says what was adjusted. Those of the batch call may not, and that is not "nothing". */
  has_adjustments: z.boolean().default(false),
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
  order_income: z.preprocess(normalizeIncome, orderIncome),
  buyer_payment_info: optional(buyerPayment),
});

/** An order's settlement figures. Shopee says of `escrow_amount` that it changes until the order is completed. */
export type Escrow = z.infer<typeof escrowSchema>;
export type EscrowItem = z.infer<typeof escrowItem>;
export type OrderIncome = z.infer<typeof orderIncome>;

/** Fields of the batch page under the name of the single page; the last two are in its formula only. */
const batchNames = {
  shipping_fee_discount_from_3pl: 'shipping_fee_discount_from_pl',
  trade_in_bonus_by_seller: 'trade_in_bonus_seller',
  shipping_seller_protection_fee_amount: 'shipping_seller_protection_fee_premium_amount',
  shopee_discount: 'shopee_discounts',
} as const satisfies Partial<Record<(typeof amountNames)[number], string>>;
const batchRefund = 'refund_amount_to_buyer';

const knownNames = new Set<string>([...Object.keys(incomeFields), ...Object.values(batchNames), batchRefund]);
const adjustmentNames = ['order_adjustment', 'total_adjustment_amount', 'escrow_amount_after_adjustment'];

function normalizeIncome(income: unknown): unknown {
  if (!isRecord(income)) return income;
  const normalized: Record<string, unknown> = { ...income };
  for (const [name, batchName] of Object.entries(batchNames)) {
    normalized[name] = toNumber(income[name]) || (toNumber(income[batchName]) ?? income[name]);
  }
  const refund = toNumber(income[batchRefund]);
  // What the buyer gets back takes from the seller, whatever its sign: no answer with one was found.
  if (refund !== undefined) normalized['seller_return_refund'] ??= -Math.abs(refund);
  normalized['has_adjustments'] = adjustmentNames.some((name) => income[name] !== undefined && income[name] !== null);
  normalized['unknown_amounts'] = Object.fromEntries(
    Object.entries(income).filter(
      ([name, value]) => typeof value === 'number' && value !== 0 && !knownNames.has(name) && /^\w{1,80}$/.test(name),
    ),
  );
  return normalized;
}
