import type { IncomeId } from '@shopee-webhook/shopee';

/** What Shopee charges the seller, as the table of fees lists it. */
export const feeColumnIds = [
  'commission_fee',
  'service_fee',
  'seller_transaction_fee',
  'order_ams_commission_fee',
  'campaign_fee',
  'seller_order_processing_fee',
  'other_fees',
  'withholding_taxes',
  'sales_taxes',
  'import_duties',
  'ads_escrow_top_up_fee_or_technical_support_fee',
] as const satisfies IncomeId[];

/** The amounts of an order that Summary counts, by what it calls them. */
export const amountColumnIds = {
  goods: 'goods_sold',
  fees: 'fees',
  taxes: 'taxes',
  shippingLoss: 'shipping_loss',
  net: 'escrow_amount_after_adjustment',
} as const satisfies Record<string, IncomeId>;
