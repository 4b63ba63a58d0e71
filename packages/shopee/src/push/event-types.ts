/** What a push code means to the owner of the shop. */
export interface EventType {
  code: number;
  /** Shopee's own name. */
  name: string;
  title: string;
  emoji: string;
  /** Somebody has to do something, soon. */
  urgent: boolean;
}

type Entry = readonly [code: number, name: string, title: string, emoji: string, urgent?: 'urgent'];

/** The codes of Shopee's push mechanism pages, May to September 2026. 14, 17, 26, 32 and 39-46 are not documented. */
const catalog: readonly Entry[] = [
  [0, 'verification', 'Callback URL check', '🔔'],
  [1, 'shop_authorization_push', 'Shop connected', '🔗'],
  [2, 'shop_authorization_canceled_push', 'Shop disconnected', '⛔', 'urgent'],
  [3, 'order_status_push', 'Order status', '📦'],
  [4, 'order_trackingno_push', 'Tracking number', '🚚'],
  [5, 'shopee_updates', 'Shopee updates', '📢'],
  [6, 'banned_item_push', 'Item banned (old)', '🚫', 'urgent'],
  [7, 'item_promotion_push', 'Item in promotion', '🏷️'],
  [8, 'reserved_stock_change_push', 'Reserved stock', '📊'],
  [9, 'promotion_update_push', 'Promotion changed', '🎯'],
  [10, 'webchat_push', 'Chat message', '💬'],
  [11, 'video_upload_push', 'Video upload', '🎬'],
  [12, 'open_api_authorization_expiry', 'Authorization ends soon', '⏳', 'urgent'],
  [13, 'brand_register_result', 'Brand registration', '®️'],
  [15, 'shipping_document_status_push', 'Shipping document', '📄'],
  [16, 'violation_item_push', 'Item violates rules', '⚠️', 'urgent'],
  [18, 'supplier_create_product_push', 'Supplier product created', '🏭'],
  [19, 'supplier_prouduct_review_result_push', 'Supplier product reviewed', '🔍'],
  [20, 'purchase_order_Push', 'Purchase order', '🧾'],
  [21, 'inbound_status_push', 'Inbound shipment', '📥'],
  [22, 'item_price_update_push', 'Item price', '💲'],
  [23, 'booking_status_push', 'Booking status', '📅'],
  [24, 'booking_trackingno_push', 'Booking tracking number', '🚛'],
  [25, 'booking_shipping_document_status_push', 'Booking shipping document', '📑'],
  [27, 'item_scheduled_publish_failed_push', 'Scheduled listing failed', '❗', 'urgent'],
  [28, 'shop_penalty_update_push', 'Penalty points', '⚖️', 'urgent'],
  [29, 'return_updates_push', 'Return or refund', '↩️', 'urgent'],
  [30, 'package_fulfillment_status_push', 'Package status', '📮'],
  [31, 'fbs_br_invoice_issued_push', 'Invoice issued (FBS Brazil)', '🧾'],
  [33, 'fbs_br_invoice_error_push', 'Invoice error (FBS Brazil)', '❌', 'urgent'],
  [34, 'fbs_br_block_shop_push', 'Shop blocked (FBS Brazil)', '🔒', 'urgent'],
  [35, 'fbs_br_block_sku_push', 'SKU blocked (FBS Brazil)', '🔐', 'urgent'],
  [36, 'fbs_sellable_stock', 'Sellable stock (FBS)', '🏬'],
  [37, 'courier_delivery_binding_status_push', 'First-mile binding', '🛵'],
  [38, 'video_upload_result_push', 'Video upload result', '📹'],
  [47, 'package_info_push', 'Package changed', '✏️'],
];

/** Every documented push code, in order. */
export const eventTypes: readonly EventType[] = catalog.map(([code, name, title, emoji, urgent]) => ({
  code,
  name,
  title,
  emoji,
  urgent: urgent === 'urgent',
}));

const byCode = new Map(eventTypes.map((entry) => [entry.code, entry]));

/** What a code means; a code that Shopee has not documented yet gets a plain entry. */
export function getEventType(code: number): EventType {
  return byCode.get(code) ?? { code, name: `code_${code}`, title: `Event ${code}`, emoji: '📨', urgent: false };
}
