import { keyColumnId, versionColumnId, type Column, type ColumnKind, type SheetRow } from '@shopee-webhook/sheets';
import { payoutDaysColumns, payoutsColumns } from './payout-columns.ts';
import { walletColumns } from './wallet-columns.ts';

export type Tab = 'Orders' | 'Items' | 'Returns' | 'Wallet' | 'Payouts' | 'Payout days';

/**
 * A row of ours. Its key is `shop:order` in Orders, `shop:order:line` in Items and `shop:return` in Returns; its version is
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
  column(keyColumnId, 'Row key', 'text', 230, 'Technical: the row is found by it. Do not change.'),
  column(versionColumnId, 'Version', 'integer', 100, 'Technical: Shopee’s update_time of what is written here.'),
];

/** Financial columns of an order whose id is the name of the field in Shopee's `order_income`. */
export const incomeColumns: readonly Column[] = [
  column('buyer_total_amount', 'Buyer paid', 'money', 100, 'What the buyer paid in all (escrow: buyer_total_amount).'),
  column(
    'order_original_price',
    'Original price',
    'money',
    110,
    'All items before any discount (escrow: order_original_price).',
  ),
  column(
    'seller_discount',
    'Seller discount',
    'money',
    110,
    'Product discounts paid by the seller (escrow: seller_discount).',
  ),
  column(
    'shopee_discount',
    'Shopee discount',
    'money',
    110,
    'Product discounts paid by Shopee (escrow: shopee_discount).',
  ),
  column(
    'voucher_from_seller',
    'Seller voucher',
    'money',
    110,
    'Vouchers paid by the seller (escrow: voucher_from_seller).',
  ),
  column(
    'voucher_from_shopee',
    'Shopee voucher',
    'money',
    110,
    'Vouchers paid by Shopee (escrow: voucher_from_shopee).',
  ),
  column('coins', 'Coins used', 'money', 100, 'Value of the coins the buyer spent (escrow: coins).'),
  column(
    'seller_coin_cash_back',
    'Coin cashback',
    'money',
    110,
    'Coins the seller gave the buyer (escrow: seller_coin_cash_back).',
  ),
  column('commission_fee', 'Commission', 'money', 100, 'Shopee’s commission (escrow: commission_fee).'),
  column('service_fee', 'Service fee', 'money', 100, 'Fee for programmes the shop joined (escrow: service_fee).'),
  column(
    'seller_transaction_fee',
    'Transaction fee',
    'money',
    115,
    'Payment fee charged to the seller (escrow: seller_transaction_fee).',
  ),
  column(
    'order_ams_commission_fee',
    'AMS commission',
    'money',
    120,
    'Affiliate commission (escrow: order_ams_commission_fee).',
  ),
  column('campaign_fee', 'Campaign fee', 'money', 105, 'Campaign fee (escrow: campaign_fee).'),
  column(
    'seller_order_processing_fee',
    'Processing fee',
    'money',
    115,
    'Order processing fee (escrow: seller_order_processing_fee).',
  ),
  column(
    'buyer_paid_shipping_fee',
    'Shipping paid by buyer',
    'money',
    150,
    'Shipping fee the buyer paid (escrow: buyer_paid_shipping_fee).',
  ),
  column(
    'shopee_shipping_rebate',
    'Shipping rebate',
    'money',
    115,
    'Shipping paid by Shopee (escrow: shopee_shipping_rebate).',
  ),
  column(
    'shipping_fee_discount_from_3pl',
    'Carrier discount',
    'money',
    120,
    'Shipping discount by the carrier (escrow: shipping_fee_discount_from_3pl).',
  ),
  column(
    'seller_shipping_discount',
    'Seller shipping discount',
    'money',
    160,
    'Shipping discount by the seller (escrow: seller_shipping_discount).',
  ),
  column(
    'actual_shipping_fee',
    'Real shipping fee',
    'money',
    125,
    'What the carrier charged (escrow: actual_shipping_fee).',
  ),
  column(
    'reverse_shipping_fee',
    'Return shipping fee',
    'money',
    135,
    'Shipping of a return (escrow: reverse_shipping_fee).',
  ),
];

/** One row per order. */
export const ordersColumns: readonly Column[] = [
  column('order_sn', 'Order SN', 'text', 150, 'Shopee’s order number (order_sn).'),
  column('shop', 'Shop', 'text', 130, 'The shop’s name, or its id while the name is not known.'),
  column('shop_id', 'Shop ID', 'text', 100, 'Shopee’s shop_id.'),
  column('order_status', 'Status', 'status', 150, 'Shopee’s order_status when the row was written.'),
  column('create_time', 'Created', 'datetime', 140, 'When the order was placed (create_time).'),
  column('pay_time', 'Paid', 'datetime', 140, 'When it was paid; empty until then (pay_time).'),
  column('ship_by_date', 'Ship by', 'datetime', 140, 'Deadline for handing it over (ship_by_date).'),
  column('pickup_done_time', 'Picked up', 'datetime', 140, 'When the carrier took it (pickup_done_time).'),
  column('update_time', 'Updated', 'datetime', 140, 'Last change of the order on Shopee (update_time).'),
  column('items', 'Items', 'text', 260, 'Units × item, variation and SKU; one line each.'),
  column('units', 'Units', 'integer', 60, 'Sum of model_quantity_purchased.'),
  column('currency', 'Currency', 'text', 75, 'Currency of every amount in this row (currency).'),
  column('total_amount', 'Order total', 'money', 100, 'Total of the order; empty until it is paid (total_amount).'),
  ...incomeColumns,
  column(
    'taxes',
    'Taxes',
    'money',
    90,
    'Sum of the escrow’s tax, duty, GST, SST, VAT and withholding fields charged to the seller.',
  ),
  column(
    'other_fees',
    'Other fees',
    'money',
    95,
    'Sum of the escrow’s rarer fees: fulfilment, protection premiums, ads top-up and support, trade-in.',
  ),
  column(
    'seller_return_refund',
    'Returned goods',
    'money',
    120,
    'Refund for returned items, negative (escrow: seller_return_refund).',
  ),
  column(
    'escrow_amount',
    'Escrow amount',
    'money',
    115,
    'What Shopee settles for the order; may change until it is completed (escrow: escrow_amount).',
  ),
  column(
    'total_adjustment_amount',
    'Adjustments',
    'money',
    105,
    'Later corrections by Shopee (escrow: total_adjustment_amount).',
  ),
  column(
    'escrow_amount_after_adjustment',
    'Final amount',
    'money',
    110,
    'Escrow amount after adjustments (escrow: escrow_amount_after_adjustment).',
  ),
  column('payout_amount', 'Paid out', 'money', 100, 'Amount released to the seller (get_escrow_list: payout_amount).'),
  column(
    'escrow_release_time',
    'Paid out at',
    'datetime',
    140,
    'When it was released (get_escrow_list: escrow_release_time).',
  ),
  column(
    'income_state',
    'Income state',
    'text',
    160,
    'Why the income could not be read from Shopee; empty when it could.',
  ),
  column('payment_method', 'Payment method', 'text', 130, 'How the buyer pays (payment_method).'),
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
  column('shipping_carrier', 'Carrier', 'text', 130, 'shipping_carrier of the order or of its packages.'),
  column(
    'tracking_number',
    'Tracking number',
    'text',
    160,
    'From the tracking number push (code 4); several packages are separated by commas.',
  ),
  column('package_number', 'Package', 'text', 170, 'package_list[].package_number; several are separated by commas.'),
  column(
    'logistics_status',
    'Logistics',
    'text',
    190,
    'package_list[].logistics_status without its LOGISTICS_ prefix.',
  ),
  column('cancel_by', 'Cancelled by', 'text', 100, 'buyer, seller, system or Ops (cancel_by).'),
  column('cancel_reason', 'Cancel reason', 'text', 180, 'cancel_reason, or buyer_cancel_reason.'),
  column('region', 'Region', 'text', 65, 'Shopee’s market (region).'),
  ...technicalColumns,
];

/** One row per order line. */
export const itemsColumns: readonly Column[] = [
  column('order_sn', 'Order SN', 'text', 150, 'Shopee’s order number (order_sn).'),
  column('shop', 'Shop', 'text', 130, 'The shop’s name, or its id while the name is not known.'),
  column('shop_id', 'Shop ID', 'text', 100, 'Shopee’s shop_id.'),
  column('order_status', 'Status', 'status', 150, 'Status of the order when the row was written (order_status).'),
  column('create_time', 'Created', 'datetime', 140, 'When the order was placed (create_time).'),
  column('item_name', 'Item', 'text', 260, 'item_name.'),
  column('model_name', 'Variation', 'text', 140, 'model_name.'),
  column('sku', 'SKU', 'text', 140, 'model_sku, or item_sku when the variation has none.'),
  column('quantity', 'Quantity', 'integer', 75, 'Units bought (model_quantity_purchased).'),
  column('currency', 'Currency', 'text', 75, 'Currency of every amount in this row.'),
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
  column(
    'line_total',
    'Line total',
    'money',
    95,
    'For all units (escrow: discounted_price of the line), or unit price × quantity until the escrow is there.',
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
  column('promotion_type', 'Promotion', 'text', 130, 'promotion_type of the line, as bundle_deal or flash_sale.'),
  column('cancelled_quantity', 'Cancelled', 'integer', 80, 'Units cancelled (cancelled_qty).'),
  column('returned_quantity', 'Returned', 'integer', 80, 'Units returned (returned_qty).'),
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

/** Columns whose text Shopee masks in some regions, for some apps, and some time after the order. */
export const maskedColumnIds = ['buyer_username', 'recipient_name', 'recipient_phone', 'recipient_address'] as const;

/** The columns of each tab, in the order in which a new tab gets them. */
export const columnsOf: Readonly<Record<Tab, readonly Column[]>> = {
  Orders: ordersColumns,
  Items: itemsColumns,
  Returns: returnsColumns,
  Wallet: walletColumns,
  Payouts: payoutsColumns,
  'Payout days': payoutDaysColumns,
};
