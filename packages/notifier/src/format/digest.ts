import { getEventType, formatMoney, returnSnOf } from '@shopee-webhook/shopee';
import type { AlertNotification } from '@shopee-webhook/store';
import { changeLines } from './data-lines.ts';
import type { EventView } from '../messages/event-view.ts';
import { orderLink, type FormatContext } from './event.ts';
import { bold, code, escapeLine, link, truncate } from './html.ts';
import { shortLabel } from './event-renderers.ts';
import { orderUrl, rowUrl } from './links.ts';
import { formatClock, formatTime } from '../time/format-time.ts';
import { csvName, listPart } from './list-part.ts';
import { getTopicStyle } from './topic-styles.ts';
import type { MessagePart, QueuedNotification } from '../messages/outgoing.ts';

/**
 * Many notifications of one topic as one message: counts by status, sums by currency, and each event as a line or, when
 * they are many, as a row of the CSV file that comes with it.
 */
export function digestPart(items: readonly QueuedNotification[], context: Pick<FormatContext, 'ownZone'>): MessagePart {
  const ownZone = context.ownZone();
  const views = items.flatMap(({ content }) => (content.kind === 'event' ? [content.view] : []));
  const alerts = items.flatMap(({ content }) => (content.kind === 'alert' ? [content.alert] : []));
  return listPart({
    head: headerLines(items, views, ownZone),
    lines: [...views.map(eventLine), ...alerts.map(alertLine)],
    fileName: csvName(
      `${topicName(items)} ${iso(Math.min(...items.map(({ enqueuedAt }) => enqueuedAt))).slice(0, 16)}`,
    ),
    rows: () => [csvHeader, ...views.map(csvRow), ...alerts.map((alert) => alertRow(alert, ownZone))],
  });
}

function topicName(items: readonly QueuedNotification[]): string {
  const [first] = items;
  return first === undefined ? 'events' : getTopicStyle(first.topic).name;
}

function alertLine({ status, title, text }: AlertNotification): string {
  return `• ${escapeLine(`${status === 'resolved' ? 'Resolved: ' : ''}${title}: ${text}`)}`;
}

function alertRow({ at, status, title, text }: AlertNotification, zone: string): string[] {
  return [formatTime(Math.floor(at / 1000), zone), '', `${status === 'resolved' ? 'Resolved: ' : ''}${title}`, text];
}

function headerLines(items: readonly QueuedNotification[], views: readonly EventView[], ownZone: string): string[] {
  const zone = views[0]?.zone ?? ownZone;
  const times = items.map(({ enqueuedAt }) => enqueuedAt);
  const span = `${formatClock(Math.min(...times), zone)}–${formatClock(Math.max(...times), zone)}`;
  return [`🗂 ${bold(`${items.length} × ${topicName(items)}`)} · ${span}`, ...statusCounts(views), ...sums(views)];
}

/** How many of each status, the most frequent first; by event where there is no status. */
function statusCounts(views: readonly EventView[]): string[] {
  const counts = new Map<string, number>();
  for (const view of views) counts.set(shortLabel(view), (counts.get(shortLabel(view)) ?? 0) + 1);
  const sorted = [...counts].sort(([, a], [, b]) => b - a);
  const rest = sorted.slice(10).reduce((sum, [, count]) => sum + count, 0);
  return [
    ...sorted.slice(0, 10).map(([label, count]) => `${escapeLine(label)}: ${bold(String(count))}`),
    ...(rest > 0 ? [`other: ${bold(String(rest))}`] : []),
  ];
}

/** The orders' totals per currency, each order once, whatever number of events it has. */
function sums(views: readonly EventView[]): string[] {
  const totals = new Map<string, number>();
  const orders = new Map(views.flatMap(({ order }) => (order?.total === undefined ? [] : [[order.sn, order]])));
  for (const { currency = '', total = 0 } of orders.values()) totals.set(currency, (totals.get(currency) ?? 0) + total);
  if (totals.size === 0) return [];
  const money = [...totals].map(([currency, total]) => bold(formatMoney(total, currency)));
  return [`${orders.size} orders: ${money.join(' + ')}`];
}

function eventLine(view: EventView): string {
  const { event, orderSn, region, zone, order, previousStatus } = view;
  const what = orderSn === undefined ? escapeLine(getSubject(view)) : orderLink(region, orderSn);
  const change = previousStatus === undefined ? shortLabel(view) : `${previousStatus} → ${shortLabel(view)}`;
  const money = order?.total === undefined ? '' : ` · ${escapeLine(formatMoney(order.total, order.currency))}`;
  const row = event.row === undefined ? '' : ` · ${link(rowUrl(event.row), `row ${event.row.row}`)}`;
  const details = renderDetails(view).map((detail) => ` · ${detail}`);
  return `• ${formatClock(event.at, zone)} ${what} · ${escapeLine(change)}${details.join('')}${money}${row}`;
}

/** Details beyond the label: the tracking number, changes. */
function renderDetails({ push, data, zone }: EventView): string[] {
  const tracking = push.data['tracking_no'] ?? push.data['tracking_number'];
  return [...(typeof tracking === 'string' && tracking !== '' ? [code(tracking)] : []), ...changeLines(data, zone)];
}

/** The subject of an event without an order: the first id or name in its data. */
function getSubject({ push, event }: EventView): string {
  const names = ['return_sn', 'booking_sn', 'item_name', 'item_id', 'binding_id', 'package_number', 'title', 'extra'];
  const found = names
    .map((name) => push.data[name])
    .find((value) => typeof value === 'string' || typeof value === 'number');
  return truncate(String(found ?? `shop ${event.shopId ?? '–'}`), 80);
}

const csvHeader = [
  'time',
  'code',
  'event',
  'shop',
  'order',
  'status',
  'previous',
  'total',
  'currency',
  'subject',
  'link',
  'data',
];

function csvRow(view: EventView): (string | number | undefined)[] {
  const { event, push, orderSn, order, region, previousStatus, zone } = view;
  return [
    formatTime(Math.floor(event.at / 1000), zone),
    push.code,
    getEventType(push.code).title,
    event.shopId,
    orderSn,
    shortLabel(view),
    previousStatus,
    order?.total,
    order?.currency,
    returnSnOf(push) ?? (orderSn === undefined ? getSubject(view) : undefined),
    orderSn === undefined ? undefined : orderUrl(region, orderSn),
    JSON.stringify(view.data),
  ];
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
