import type { Escrow } from '../api/escrow.ts';
import type { OrderDetail } from '../api/order-detail.ts';
import { type Income, incomeOf } from './income.ts';
import { type OrderLine, orderLines } from './order-lines.ts';

/** An order as people read it: small, JSON-able, times in unix seconds, money in `currency`. */
export interface OrderSummary {
  sn: string;
  shopId: string;
  status?: string | undefined;
  region?: string | undefined;
  currency?: string | undefined;
  cod?: boolean | undefined;
  times: OrderTimes;
  buyer: OrderBuyer;
  total?: number | undefined;
  paymentMethod?: string | undefined;
  carrier?: string | undefined;
  packages: { number?: string | undefined; status?: string | undefined; carrier?: string | undefined }[];
  trackingNumbers: string[];
  note?: string | undefined;
  messageToSeller?: string | undefined;
  cancelBy?: string | undefined;
  cancelReason?: string | undefined;
  items: OrderLine[];
  /** Absent until Shopee has settlement figures. */
  income?: Income | undefined;
}

export interface OrderTimes {
  created?: number | undefined;
  updated?: number | undefined;
  paid?: number | undefined;
  shipBy?: number | undefined;
  pickedUp?: number | undefined;
  returnBy?: number | undefined;
}

/** Shopee masks these per field, see `isMasked`. */
export interface OrderBuyer {
  username?: string | undefined;
  name?: string | undefined;
  phone?: string | undefined;
  address?: string | undefined;
}

/** Sums an order up; `trackingNumbers` come from elsewhere, the order itself names only its packages. */
export function summarizeOrder(
  order: OrderDetail,
  escrow: Escrow | undefined,
  { trackingNumbers = [] }: { trackingNumbers?: readonly string[] } = {},
): OrderSummary {
  return {
    sn: order.order_sn,
    shopId: order.shop_id,
    status: nonEmpty(order.order_status),
    region: nonEmpty(order.region),
    currency: nonEmpty(order.currency),
    cod: order.cod,
    times: toTimes(order),
    buyer: toBuyer(order),
    total: order.total_amount,
    paymentMethod: nonEmpty(order.payment_method),
    carrier: nonEmpty(order.shipping_carrier) ?? nonEmpty(order.checkout_shipping_carrier),
    packages: order.package_list.map((parcel) => ({
      number: nonEmpty(parcel.package_number),
      status: nonEmpty(parcel.logistics_status),
      carrier: nonEmpty(parcel.shipping_carrier),
    })),
    trackingNumbers: [...new Set(trackingNumbers)],
    note: nonEmpty(order.note),
    messageToSeller: nonEmpty(order.message_to_seller),
    cancelBy: nonEmpty(order.cancel_by),
    cancelReason: nonEmpty(order.cancel_reason) ?? nonEmpty(order.buyer_cancel_reason),
    items: orderLines(order, escrow),
    income: escrow && incomeOf(escrow, order.order_status),
  };
}

function toTimes(order: OrderDetail): OrderTimes {
  return {
    created: order.create_time,
    updated: order.update_time,
    paid: order.pay_time,
    shipBy: order.ship_by_date,
    pickedUp: order.pickup_done_time,
    returnBy: order.return_request_due_date,
  };
}

function toBuyer({ buyer_username: username, recipient_address: address }: OrderDetail): OrderBuyer {
  return {
    username: nonEmpty(username),
    name: nonEmpty(address?.name),
    phone: nonEmpty(address?.phone),
    address: nonEmpty(address?.full_address),
  };
}

/** Shopee writes '' where there is nothing. */
function nonEmpty(text: string | undefined): string | undefined {
  return text === undefined || text.trim() === '' ? undefined : text;
}
