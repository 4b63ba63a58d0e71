import type { JsonObject } from '../data/json.ts';
import type { Masking } from '../data/settings.ts';
import { sum, type Line, type OrderContent } from './order-content.ts';
import { settlementPrice, sipCurrency } from './sip-money.ts';
import { buyerTotalOf } from './money.ts';
import type { OrderStore } from './order-store.ts';
import { shipByOf } from './order-lifecycle.ts';
import { packageNumbersOf, returnedOf, type OrderRecord, type OrderStatus } from './order-record.ts';
import { regionOf, toAmount, type Region } from './regions.ts';

/** The order as get_order_detail gives it when every optional field is requested. */
export function orderDetailOf(orders: OrderStore, record: OrderRecord, masking: Masking = 'none'): JsonObject {
  const content = orders.contentOf(record);
  const region = regionOf(orders.shopOf(record).region);
  return {
    ...standing(record, content, region),
    ...shippingPart(record, content, region),
    ...buyerPart(content, region, masking),
    ...moneyPart(record, content),
    item_list: itemsOf(content, record),
    package_list: packagesOf(record, content),
    note: content.note,
    note_update_time: content.note === '' ? 0 : record.createTime,
    buyer_cancel_reason: record.cancelBy === 'buyer' ? record.cancelReason : '',
    cancel_by: record.cancelBy,
    cancel_reason: record.cancelReason,
    dropshipper: content.dropshipper,
    dropshipper_phone: '',
    split_up: content.split,
    goods_to_declare: false,
    fulfillment_flag: flagOf(content),
    order_chargeable_weight_gram: weightOf(content),
    edt_from: 0,
    edt_to: 0,
  };
}

function flagOf({ extras }: OrderContent): string {
  if (extras.isFulfilledByShopee) return 'fulfilled_by_shopee';
  return extras.market.kind === 'local' ? 'fulfilled_by_local_seller' : 'fulfilled_by_cb_seller';
}

/** What the parcel's carrier reports for an order in that status (LogisticsStatus). */
export function logisticsStatusOf(status: OrderStatus, record: OrderRecord): string {
  switch (status) {
    case 'UNPAID':
      return 'LOGISTICS_NOT_START';
    case 'PENDING':
      return 'LOGISTICS_PENDING_ARRANGE';
    case 'READY_TO_SHIP':
      return 'LOGISTICS_READY';
    case 'PROCESSED':
      return 'LOGISTICS_REQUEST_CREATED';
    case 'RETRY_SHIP':
      return 'LOGISTICS_PICKUP_RETRY';
    case 'SHIPPED':
      return 'LOGISTICS_PICKUP_DONE';
    case 'IN_CANCEL':
      return record.arrangedTime > 0 ? 'LOGISTICS_REQUEST_CREATED' : 'LOGISTICS_READY';
    case 'CANCELLED':
      if (record.lost) return 'LOGISTICS_LOST';
      if (record.undelivered) return 'LOGISTICS_DELIVERY_FAILED';
      return record.arrangedTime > 0 ? 'LOGISTICS_REQUEST_CANCELED' : 'LOGISTICS_INVALID';
    case 'TO_RETURN':
    case 'TO_CONFIRM_RECEIVE':
    case 'COMPLETED':
      return 'LOGISTICS_DELIVERY_DONE';
  }
}

/** The parcel's weight, all lines together. */
export function weightOf(content: OrderContent): number {
  return Math.round(content.lines.reduce((total, line) => total + line.product.weightKg * 1000 * line.quantity, 0));
}

/** What Shopee returns even when no optional field was requested, and what it adds unasked. */
function standing(record: OrderRecord, content: OrderContent, region: Region): JsonObject {
  const early = record.status === 'UNPAID' || record.status === 'READY_TO_SHIP';
  return {
    order_sn: record.sn,
    region: region.code,
    currency: currencyOf(content).code,
    cod: content.cod,
    order_status: record.status,
    message_to_seller: content.messageToSeller,
    create_time: record.createTime,
    update_time: record.updateTime,
    days_to_ship: content.daysToShip,
    ship_by_date: shipByOf(record, content),
    booking_sn: '',
    pending_terms: record.status === 'PENDING' ? ['SYSTEM_PENDING'] : [],
    advance_package: false,
    buyer_preference_for_partial_cancellation: 0,
    can_full_cancel_order: early,
    can_partial_cancel_order: false,
    is_buyer_shop_collection: false,
    reverse_shipping_fee: 0,
  };
}

function shippingPart(record: OrderRecord, content: OrderContent, region: Region): JsonObject {
  const shipped = record.pickupTime > 0;
  const real = toAmount(content.shipping.real, region.decimals);
  return {
    estimated_shipping_fee: real,
    actual_shipping_fee: shipped ? real : 0,
    actual_shipping_fee_confirmed: shipped,
    shipping_carrier: content.carrier.name,
    checkout_shipping_carrier: content.carrier.name,
    pickup_done_time: record.pickupTime,
    return_request_due_date: record.status === 'COMPLETED' ? record.updateTime + 15 * 86_400 : 0,
  };
}

/** What the buyer paid in a SIP affiliate's shop is hidden: its orders are in the seller's own currency, at settlement prices. */
function isAffiliate({ extras }: OrderContent): boolean {
  return extras.market.kind === 'sip-affiliate';
}

function currencyOf(content: OrderContent): { code: string; decimals: number } {
  const { currency, decimals } = content.extras.market.region;
  return isAffiliate(content) ? sipCurrency : { code: currency, decimals };
}

function priceOf(line: Line, minor: number, content: OrderContent): number {
  const shown = isAffiliate(content) ? settlementPrice(line, content) : minor;
  return toAmount(shown, currencyOf(content).decimals);
}

function totalOf(content: OrderContent): number {
  const total = isAffiliate(content)
    ? sum(content.lines, (line) => settlementPrice(line, content))
    : buyerTotalOf(content);
  return toAmount(total, currencyOf(content).decimals);
}

function moneyPart(record: OrderRecord, content: OrderContent): JsonObject {
  const paid = record.payTime > 0 || (content.cod && record.status !== 'UNPAID');
  return {
    // There is no total before the payment, and the time of the payment is null: documented.
    ...(paid ? { total_amount: totalOf(content) } : {}),
    pay_time: record.payTime === 0 ? null : record.payTime,
    payment_method: content.paymentMethod,
    payment_info: null,
    invoice_data: null,
  };
}

function buyerPart(content: OrderContent, region: Region, masking: Masking): JsonObject {
  const { buyer, address } = content;
  const place = [address.street, address.city, address.state, address.zipcode, region.code];
  const full = place.filter((part) => part !== '').join(', ');
  const hide = maskers[masking];
  return {
    buyer_user_id: buyer.userId,
    buyer_username: masking === 'full' ? '****' : buyer.username,
    buyer_cpf_id: region.code === 'BR' ? hide.end('12345678909') : null,
    recipient_address: {
      name: hide.middle(buyer.name),
      phone: hide.end(buyer.phone),
      town: masking === 'full' ? '****' : address.town,
      district: masking === 'full' ? '****' : address.district,
      city: masking === 'full' ? '****' : address.city,
      state: masking === 'full' ? '****' : address.state,
      region: region.code,
      zipcode: masking === 'full' ? '****' : address.zipcode,
      full_address: hide.start(full),
      virtual_contact_number: '',
    },
  };
}

const maskers: Record<Masking, Record<'middle' | 'end' | 'start', (text: string) => string>> = {
  none: { middle: (text) => text, end: (text) => text, start: (text) => text },
  partial: {
    middle: (text) => `${Array.from(text).at(0) ?? ''}******${Array.from(text).at(-1) ?? ''}`,
    end: (text) => `******${text.slice(-2)}`,
    start: (text) => `${text.slice(0, 2)}******`,
  },
  full: { middle: () => '****', end: () => '****', start: () => '****' },
};

function itemsOf(content: OrderContent, record: OrderRecord): JsonObject[] {
  const returned = returnedOf(record, 'CLOSED');
  const requested = returnedOf(record, 'open');
  return content.lines.map((line, index) => ({
    ...itemOf(line, record, content),
    return_requested_qty: requested[index] ?? 0,
    returned_qty: returned[index] ?? 0,
  }));
}

/** Prices are per unit here; a bundle deal's items have the price 0. */
function itemOf(line: Line, record: OrderRecord, content: OrderContent): JsonObject {
  const { product } = line;
  const { region } = content.extras.market;
  const cancelled = record.status === 'CANCELLED';
  return {
    item_id: product.itemId,
    item_name: product.name,
    item_sku: product.sku,
    model_id: line.modelId,
    model_name: line.modelName,
    model_sku: line.modelSku,
    model_quantity_purchased: line.quantity,
    model_original_price: priceOf(line, line.original, content),
    model_discounted_price: line.promotionType === 'bundle_deal' ? 0 : priceOf(line, line.paid, content),
    wholesale: false,
    weight: product.weightKg,
    add_on_deal: line.promotionType.startsWith('add_on_deal'),
    main_item: line.promotionType === 'add_on_deal_main',
    add_on_deal_id: line.promotionType.startsWith('add_on_deal') ? line.promotionId : 0,
    promotion_type: line.promotionType,
    promotion_id: line.promotionId,
    promotion_group_id: line.promotionType === 'bundle_deal' ? 1 : 0,
    order_item_id: line.orderItemId,
    line_item_id: line.lineItemId,
    image_info: { image_url: `https://example.com/img/${product.itemId}_tn` },
    // An array here and a string on the package's items, as captured.
    product_location_id: [`${region.code}Z`],
    is_prescription_item: false,
    error_in_fetching_is_prescription_item: false,
    consultation_id: '',
    is_b2c_owned_item: false,
    active_qty: cancelled ? 0 : line.quantity,
    cancel_requested_qty: record.status === 'IN_CANCEL' ? line.quantity : 0,
    cancelled_qty: cancelled ? line.quantity : 0,
  };
}

function packagesOf(record: OrderRecord, content: OrderContent): JsonObject[] {
  return packageNumbersOf(record, content.split).map((packageNumber, part) => ({
    package_number: packageNumber,
    group_shipment_id: null,
    logistics_status: logisticsStatusOf(record.status, record),
    logistics_channel_id: content.carrier.channelId,
    shipping_carrier: content.carrier.name,
    allow_self_design_awb: true,
    parcel_chargeable_weight_gram: weightOf(content),
    sorting_group: '',
    item_list: linesOfPackage(content, part).map((line) => ({
      item_id: line.product.itemId,
      model_id: line.modelId,
      model_quantity: line.quantity,
      order_item_id: line.orderItemId,
      promotion_group_id: line.promotionType === 'bundle_deal' ? 1 : 0,
      product_location_id: 'Z',
    })),
  }));
}

/** A split order sends its first line apart from the others. */
export function linesOfPackage(content: OrderContent, part: number): readonly Line[] {
  if (!content.split) return content.lines;
  return part === 0 ? content.lines.slice(0, 1) : content.lines.slice(1);
}
