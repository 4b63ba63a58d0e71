import { getEventType, orderSnOf, returnSnOf, timeZoneOf, updateTimeOf, type Push } from '@shopee-webhook/shopee';
import type { EventNotification } from '@shopee-webhook/store';
import { dataLines } from './data-lines.ts';
import { getRenderer } from './event-renderers.ts';
import { bold, code, escapeLine, link } from './html.ts';
import { orderUrl, returnUrl, rowUrl } from './links.ts';
import type { EventView } from '../messages/event-view.ts';
import { OrderView } from '../messages/order-view.ts';
import { orderSection } from './order.ts';
import { formatTime } from '../time/format-time.ts';

/** What rendering needs besides the event. */
export interface FormatContext {
  showBuyer: 'name' | 'full';
  /** A shop's region and name, if known. */
  shop: (shopId: string) => { region?: string | undefined; name?: string | undefined } | undefined;
  /** The zone of messages without a shop, such as alerts. */
  ownZone: () => string;
}

/** Parses an event and its order once for all renderers. */
export function toEventView(event: EventNotification, push: Push, context: FormatContext): EventView {
  const { redact } = getRenderer(push.code);
  const order = OrderView.safeParse(event.order).data;
  const shop = event.shopId === undefined ? undefined : context.shop(event.shopId);
  const region = order?.region ?? shop?.region;
  const status = push.code === 3 && typeof push.data['status'] === 'string' ? push.data['status'] : order?.status;
  return {
    event,
    push,
    data: context.showBuyer === 'full' ? push.data : (redact?.(push.data) ?? push.data),
    order,
    orderSn: orderSnOf(push) ?? order?.sn,
    region,
    zone: timeZoneOf(region),
    status,
    previousStatus: event.previousStatus === status ? undefined : event.previousStatus,
    shopName: shop?.name,
  };
}

/** A whole notification as HTML lines: the event, the order, then the links. */
export function eventMessage(view: EventView, context: FormatContext): string[] {
  const { order, zone } = view;
  const section = order === undefined ? [] : ['', ...orderSection(order, { zone, showBuyer: context.showBuyer })];
  const links = linkLine(view);
  return [...eventSection(view), ...section, ...(links === '' ? [] : ['', links])];
}

/** Section 1: event, shop, time, and the push's own data. */
export function eventSection(view: EventView): string[] {
  const { event, push, zone } = view;
  const type = getEventType(push.code);
  const { headline, details } = getRenderer(push.code);
  const seconds = updateTimeOf(push) ?? push.timestamp ?? Math.floor(event.at / 1000);
  const source = event.source === 'push' ? [] : [`Source: ${escapeLine(event.source)}`];
  return [
    `${type.emoji} ${bold(type.title)} · code ${push.code} (${escapeLine(type.name)})`,
    ...(headline?.(view) ?? []),
    ...(view.orderSn === undefined ? [] : [`Order: ${orderLink(view.region, view.orderSn)}`]),
    ...shopLine(view),
    `Time: ${formatTime(seconds, zone)}`,
    ...source,
    ...(details?.(view) ?? []),
    ...dataSection(view),
  ];
}

/** The order number, linked to Seller Center where its region is known. */
export function orderLink(region: string | undefined, orderSn: string): string {
  const url = orderUrl(region, orderSn);
  return url === undefined ? code(orderSn) : link(url, orderSn);
}

function shopLine({ event, shopName }: EventView): string[] {
  if (event.shopId === undefined) return [];
  return [`Shop: ${shopName === undefined ? '' : `${escapeLine(shopName)} `}${code(event.shopId)}`];
}

/** Fields already shown in the lines above. */
const shownFields = ['ordersn', 'order_sn', 'update_time', 'shop_id', 'shopid'];

function dataSection({ push, data, zone }: EventView): string[] {
  const shown = new Set([...shownFields, ...(getRenderer(push.code).shownFields ?? [])]);
  const rest = Object.fromEntries(Object.entries(data).filter(([name]) => !shown.has(name)));
  const lines = dataLines(rest, zone);
  return lines.length === 0 ? [] : ['', bold('Data'), ...lines];
}

/** Links to details. */
export function linkLine({ event, push, orderSn, region }: EventView): string {
  const order = orderSn === undefined ? undefined : orderUrl(region, orderSn);
  const returnSn = returnSnOf(push);
  const returned = returnSn === undefined ? undefined : returnUrl(region, returnSn);
  return [
    order === undefined ? undefined : link(order, 'Order in Seller Center'),
    returned === undefined ? undefined : link(returned, 'Return in Seller Center'),
    event.row === undefined ? undefined : link(rowUrl(event.row), `Row ${event.row.row} in the sheet`),
  ]
    .filter((part) => part !== undefined)
    .join(' · ');
}
