import { type IncomeId, incomeTerms } from '@shopee-webhook/shopee';
import { versionColumnId, type Column, type ColumnKind, type SheetRow } from '@shopee-webhook/sheets';
import { payoutDaysColumns, payoutsColumns } from './payout-columns.ts';
import { keyColumn } from './shared-columns.ts';
import { walletColumns } from './wallet-columns.ts';

export type Tab = 'Orders' | 'Items' | 'Returns' | 'Adjustments' | 'Wallet' | 'Payouts' | 'Payout days';

/**
 * A row of ours. Its key is `shop:order` in Orders, `shop:order:line` in Items, `shop:return` in Returns and
 * `shop:order:adjustment` in Adjustments; its version is
 * Shopee's `update_time`, unix seconds; `requestedAt` is when the worker asked Shopee for it, for the income in it changes
 * without a new version, and `cellsIfNew` holds what Shopee has masked.
 */
export type ReportRow = SheetRow & { tab: Tab };

const column = (id: string, header: string, kind: ColumnKind, width: number, note: string): Column => ({
  id,
  header,
  kind,
  width,
  note,
});

const technicalColumns: readonly Column[] = [
  keyColumn,
  column(versionColumnId, 'Version', 'integer', 100, 'Technical: Shopee’s update_time of what is written here.'),
];

/** Headers and notes that income columns had before. */
const formerTexts: Partial<Record<IncomeId, readonly string[]>> = {
  escrow_amount_after_adjustment: ['Escrow amount after adjustments (escrow: escrow_amount_after_adjustment).'],
  other_fees: ['Sum of the escrow’s rarer fees: fulfilment, protection premiums, ads top-up and support, trade-in.'],
  taxes: ['Sum of the escrow’s tax, duty, GST, SST, VAT and withholding fields charged to the seller.'],
  seller_return_refund: ['Refund for returned items, negative (escrow: seller_return_refund).'],
  total_adjustment_amount: ['Later corrections by Shopee (escrow: total_adjustment_amount).'],
  order_original_price: ['Original price', 'All items before any discount (escrow: order_original_price).'],
  seller_discount: ['Seller discount', 'Product discounts paid by the seller (escrow: seller_discount).'],
  shopee_discount: ['Product discounts paid by Shopee (escrow: shopee_discount).'],
  buyer_total_amount: ['What the buyer paid in all (escrow: buyer_total_amount).'],
  voucher_from_shopee: ['Vouchers paid by Shopee (escrow: voucher_from_shopee).'],
  coins: ['Value of the coins the buyer spent (escrow: coins).'],
  seller_shipping_discount: ['Shipping discount by the seller (escrow: seller_shipping_discount).'],
};

/** A column of an order's income: its words are those of every page and message. */
function income(id: IncomeId, width: number): Column {
  const { label, note, role, group } = incomeTerms[id];
  const former = formerTexts[id];
  return {
    ...column(id, label, 'money', width, note),
    ...(group === undefined || role === 'total' ? {} : { group }),
    ...(former === undefined ? {} : { former }),
  };
}

/** One row per order. What people look for comes first; then the sum from goods sold to adjustments; then the rest. */
export const ordersColumns: readonly Column[] = [
  column('order_sn', 'Order SN', 'text', 150, 'Shopee’s order number (order_sn).'),
  column('order_status', 'Status', 'status', 190, 'Shopee’s order_status when the row was written.'),
  column('create_time', 'Created', 'datetime', 140, 'When the order was placed (create_time).'),
  column(
    'currency',
    'Currency',
    'text',
    75,
    'Currency of every amount in this row (currency; escrow: aff_currency for cross-border orders with two currencies).',
  ),
  income('escrow_amount_after_adjustment', 110),
  income('payout_amount', 100),
  column(
    'escrow_release_time',
    'Paid out at',
    'datetime',
    140,
    'When it was released (get_escrow_list: escrow_release_time).',
  ),
  column('shipping_carrier', 'Carrier', 'text', 130, 'shipping_carrier of the order or of its packages.'),
  column(
    'tracking_number',
    'Tracking number',
    'text',
    160,
    'From the tracking number push (code 4); several packages are separated by commas.',
  ),
  column(
    'logistics_status',
    'Logistics',
    'text',
    190,
    'package_list[].logistics_status without its LOGISTICS_ prefix.',
  ),
  column('ship_by_date', 'Ship by', 'datetime', 140, 'Deadline for handing it over (ship_by_date).'),
  column('shop', 'Shop', 'text', 130, 'The shop’s name, or its id while the name is not known.'),
  column('items', 'Items', 'text', 260, 'Units × item, variation and SKU; one line each.'),
  column('units', 'Units', 'integer', 60, 'Sum of model_quantity_purchased.'),
  column('buyer_username', 'Buyer', 'text', 130, 'The buyer’s user name (buyer_username).'),
  column('recipient_name', 'Recipient', 'text', 140, 'recipient_address.name; Shopee masks it in some regions.'),
  column('recipient_phone', 'Phone', 'text', 120, 'recipient_address.phone; Shopee masks it in some regions.'),
  column(
    'recipient_address',
    'Address',
    'text',
    260,
    'recipient_address.full_address; Shopee masks it in some regions.',
  ),
  column('message_to_seller', 'Buyer’s message', 'text', 200, 'What the buyer wrote (message_to_seller).'),
  column('note', 'Seller’s note', 'text', 160, 'The note on the order in Seller Center (note).'),
  column('payment_method', 'Payment method', 'text', 130, 'How the buyer pays (payment_method).'),
  column('pay_time', 'Paid', 'datetime', 140, 'When it was paid; empty until then (pay_time).'),
  column('pickup_done_time', 'Picked up', 'datetime', 140, 'When the carrier took it (pickup_done_time).'),
  column('update_time', 'Updated', 'datetime', 140, 'Last change of the order on Shopee (update_time).'),
  column('package_number', 'Package', 'text', 170, 'package_list[].package_number; several are separated by commas.'),
  column('cancel_by', 'Cancelled by', 'text', 100, 'buyer, seller, system or Ops (cancel_by).'),
  column('cancel_reason', 'Cancel reason', 'text', 180, 'cancel_reason, or buyer_cancel_reason.'),
  column(
    'total_amount',
    'Order total',
    'money',
    100,
    'What the buyer pays for the order; empty until it is paid (total_amount). Not part of the sum.',
  ),
  income('goods_sold', 100),
  income('voucher_from_seller', 110),
  income('seller_coin_cash_back', 110),
  income('trade_in_bonus_by_seller', 115),
  income('buyer_paid_shipping_fee', 150),
  income('shopee_shipping_rebate', 115),
  income('shipping_fee_discount_from_3pl', 120),
  income('actual_shipping_fee', 125),
  income('reverse_shipping_fee', 135),
  income('final_return_to_seller_shipping_fee', 135),
  income('shipping_claims', 115),
  income('buyer_paid_packaging_fee', 160),
  income('fees', 95),
  income('commission_fee', 100),
  income('service_fee', 100),
  income('seller_transaction_fee', 115),
  income('order_ams_commission_fee', 120),
  income('campaign_fee', 105),
  income('seller_order_processing_fee', 115),
  income('other_fees', 95),
  income('taxes', 90),
  income('withholding_taxes', 120),
  income('sales_taxes', 130),
  income('import_duties', 100),
  income('ads_escrow_top_up_fee_or_technical_support_fee', 100),
  income('seller_return_refund', 120),
  income('escrow_amount', 115),
  income('total_adjustment_amount', 105),
  income('unexplained', 105),
  income('order_original_price', 100),
  income('seller_discount', 105),
  income('shopee_discount', 120),
  income('shipping_loss', 105),
  income('buyer_total_amount', 100),
  income('voucher_from_shopee', 115),
  income('coins', 95),
  income('seller_shipping_discount', 165),
  column(
    'other_currency',
    'Other currency',
    'text',
    110,
    'The seller’s currency of a cross-border order with two (escrow: pri_currency).',
  ),
  column(
    'exchange_rate',
    'Exchange rate',
    'number',
    110,
    'What one unit of the other currency is in this row’s currency (escrow: exchange_rate).',
  ),
  income('escrow_amount_pri', 195),
  column(
    'income_state',
    'Income state',
    'text',
    160,
    'What of the income could not be read from Shopee, and why; empty when all could.',
  ),
  column('shop_id', 'Shop ID', 'text', 100, 'Shopee’s shop_id.'),
  column('region', 'Region', 'text', 65, 'Shopee’s market (region).'),
  ...technicalColumns,
];

/** One row per order line. */
export const itemsColumns: readonly Column[] = [
  column('order_sn', 'Order SN', 'text', 150, 'Shopee’s order number (order_sn).'),
  column('order_status', 'Status', 'status', 190, 'Status of the order when the row was written (order_status).'),
  column('item_name', 'Item', 'text', 260, 'item_name.'),
  column('model_name', 'Variation', 'text', 140, 'model_name.'),
  column('sku', 'SKU', 'text', 140, 'model_sku, or item_sku when the variation has none.'),
  column('quantity', 'Quantity', 'integer', 75, 'Units bought (model_quantity_purchased).'),
  column(
    'line_total',
    'Line total',
    'money',
    95,
    'For all units (escrow line: discounted_price; original_price_pri × exchange_rate for orders with two currencies), or ' +
      'unit price × quantity until the escrow is there.',
  ),
  column('currency', 'Currency', 'text', 75, 'Currency of every amount in this row.'),
  column('create_time', 'Created', 'datetime', 140, 'When the order was placed (create_time).'),
  column('shop', 'Shop', 'text', 130, 'The shop’s name, or its id while the name is not known.'),
  column(
    'original_unit_price',
    'Original unit price',
    'money',
    130,
    'Per unit, before discounts (model_original_price).',
  ),
  column(
    'unit_price',
    'Unit price',
    'money',
    95,
    'Per unit, after discounts (model_discounted_price); for bundle deals, which Shopee shows as 0, the escrow’s line total by the quantity.',
  ),
  column('seller_discount', 'Seller discount', 'money', 110, 'For all units (escrow line: seller_discount).'),
  column('shopee_discount', 'Shopee discount', 'money', 110, 'For all units (escrow line: shopee_discount).'),
  column(
    'discount_from_voucher_seller',
    'Seller voucher',
    'money',
    110,
    'The line’s share of the seller’s vouchers (escrow line: discount_from_voucher_seller).',
  ),
  column(
    'discount_from_voucher_shopee',
    'Shopee voucher',
    'money',
    110,
    'The line’s share of Shopee’s vouchers (escrow line: discount_from_voucher_shopee).',
  ),
  column(
    'discount_from_coin',
    'Coins used',
    'money',
    100,
    'The line’s share of the buyer’s coins (escrow line: discount_from_coin).',
  ),
  column(
    'ams_commission_fee',
    'AMS commission',
    'money',
    120,
    'Affiliate commission of the line (escrow line: ams_commission_fee).',
  ),
  column(
    'net_share',
    'Share of final amount',
    'money',
    150,
    'The order’s final amount, shared out over its lines by line total; empty until it is known.',
  ),
  column('promotion_type', 'Promotion', 'text', 130, 'promotion_type of the line, as bundle_deal or flash_sale.'),
  column('cancelled_quantity', 'Cancelled', 'integer', 80, 'Units cancelled (cancelled_qty).'),
  column('returned_quantity', 'Returned', 'integer', 80, 'Units returned (returned_qty).'),
  column('shop_id', 'Shop ID', 'text', 100, 'Shopee’s shop_id.'),
  column('item_id', 'Item ID', 'text', 120, 'Shopee’s item_id.'),
  column('model_id', 'Model ID', 'text', 120, 'Shopee’s model_id.'),
  ...technicalColumns,
];

/** One row per return request; an order may have several. */
export const returnsColumns: readonly Column[] = [
  column('return_sn', 'Return SN', 'text', 160, 'Shopee’s return number (return_sn).'),
  column('order_sn', 'Order SN', 'text', 150, 'The order it belongs to (order_sn).'),
  column('shop', 'Shop', 'text', 130, 'The shop’s name, or its id while the name is not known.'),
  column('shop_id', 'Shop ID', 'text', 100, 'Shopee’s shop_id.'),
  column('status', 'Status', 'status', 130, 'Shopee’s status of the return.'),
  column('reason', 'Reason', 'text', 160, 'Reason code (reason).'),
  column('text_reason', 'Buyer’s words', 'text', 220, 'What the buyer wrote (text_reason).'),
  column('items', 'Items', 'text', 260, 'Units × item and SKU; one line each.'),
  column('currency', 'Currency', 'text', 75, 'Currency of the amounts in this row.'),
  column('refund_amount', 'Refund', 'money', 95, 'What the buyer gets back (refund_amount).'),
  column('amount_before_discount', 'Before discount', 'money', 120, 'amount_before_discount.'),
  column(
    'compensation_amount',
    'Compensation',
    'money',
    115,
    'What the seller is compensated (seller_compensation.compensation_amount).',
  ),
  column(
    'seller_compensation_status',
    'Compensation status',
    'text',
    150,
    'seller_compensation.seller_compensation_status; Shopee leaves it empty in some markets.',
  ),
  column(
    'return_shipping_payer',
    'Return shipping paid by',
    'text',
    160,
    'By the order’s escrow: seller, Shopee (its seller protection), both, or not the seller. Empty while there is no escrow.',
  ),
  column('return_solution', 'Solution', 'text', 140, 'return_solution: 0 return and refund, 1 refund only.'),
  column(
    'return_refund_type',
    'Type',
    'text',
    80,
    'RRBOC before, RRAOC after the order was completed (return_refund_type).',
  ),
  column('create_time', 'Created', 'datetime', 140, 'create_time.'),
  column('update_time', 'Updated', 'datetime', 140, 'update_time.'),
  column('due_date', 'Due', 'datetime', 140, 'When Shopee decides by itself (due_date).'),
  column(
    'return_seller_due_date',
    'Seller’s deadline',
    'datetime',
    140,
    'Until when the seller may answer (return_seller_due_date).',
  ),
  column('negotiation_status', 'Negotiation', 'text', 150, 'negotiation.negotiation_status.'),
  column('seller_proof_status', 'Seller’s proof', 'text', 130, 'seller_proof.seller_proof_status.'),
  column('logistics_status', 'Logistics', 'text', 190, 'logistics_status without its LOGISTICS_ prefix.'),
  column('tracking_number', 'Tracking number', 'text', 160, 'tracking_number of the return parcel.'),
  ...technicalColumns,
];

/** One row per correction that Shopee made to an order's escrow. */
export const adjustmentsColumns: readonly Column[] = [
  column('order_sn', 'Order SN', 'text', 150, 'The order it belongs to (order_sn).'),
  column('create_time', 'Date', 'datetime', 140, 'When it was made (escrow: order_adjustment[].date).'),
  column('reason', 'Reason', 'text', 320, 'Shopee’s words (escrow: order_adjustment[].adjustment_reason).'),
  column(
    'amount',
    'Amount',
    'money',
    100,
    'Paid to the seller, or charged when negative (escrow: order_adjustment[].amount).',
  ),
  column('currency', 'Currency', 'text', 75, 'Currency of the amount.'),
  column('shop', 'Shop', 'text', 130, 'The shop’s name, or its id while the name is not known.'),
  column('shop_id', 'Shop ID', 'text', 100, 'Shopee’s shop_id.'),
  ...technicalColumns,
];

/** Columns whose text Shopee masks in some regions, for some apps, and some time after the order. */
export const maskedColumnIds = ['buyer_username', 'recipient_name', 'recipient_phone', 'recipient_address'] as const;

/** The columns of each tab, in the order in which a new tab gets them. */
export const columnsOf: Readonly<Record<Tab, readonly Column[]>> = {
  Orders: ordersColumns,
  Items: itemsColumns,
  Returns: returnsColumns,
  Adjustments: adjustmentsColumns,
  Wallet: walletColumns,
  Payouts: payoutsColumns,
  'Payout days': payoutDaysColumns,
};
