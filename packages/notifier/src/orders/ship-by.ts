import type { Clock } from '@shopee-webhook/runtime';
import { z } from 'zod';
import type { EventView } from '../messages/event-view.ts';
import { orderLink } from '../format/event.ts';
import { bold, code, escapeLine } from '../format/html.ts';
import { statusLabel } from '../format/order-status.ts';
import { orderUrl } from '../format/links.ts';
import { formatSpan, formatTime } from '../time/format-time.ts';
import { csvName, listPart } from '../format/list-part.ts';
import type { StateStore } from '../state/state-store.ts';
import type { MessagePart } from '../messages/outgoing.ts';

/** Statuses in which the seller still has to ship. */
const pendingStatuses = new Set(['READY_TO_SHIP', 'PROCESSED', 'RETRY_SHIP']);
const finalReminderMs = 3 * 3_600_000;
/** Warnings of one kind are batched: one message in this time. */
const batchWindowMs = 30 * 60_000;
/** An order that is overdue for this long is dropped. */
const expireAfterMs = 2 * 86_400_000;
const expireGraceMs = 3_600_000;
const maxOrders = 2_000;

const SavedOrder = z.object({
  sn: z.string(),
  shopId: z.string().optional(),
  status: z.string(),
  region: z.string().optional(),
  zone: z.string(),
  chat: z.string(),
  /** Unix seconds; an older event never overwrites a newer state. */
  updated: z.number(),
  warned: z.enum(['first', 'last']).optional(),
});

/** An order to ship, with its deadline. */
export interface PendingOrder extends z.infer<typeof SavedOrder> {
  /** ms */
  shipBy: number;
}

/** Orders of one chat that are due for a warning. */
export interface ShipWarning {
  chat: string;
  level: 'first' | 'last';
  orders: PendingOrder[];
}

/**
 * Tracks orders to ship from the notifications that pass: an order is added with its ship-by date and
 * removed with its first status that is not pending. Two warnings: `hours` before and three hours before.
 */
export class ShipBy {
  readonly #store: StateStore;
  readonly #clock: Clock;
  readonly #hours: number;
  /** Chat and level → when a warning was last sent, by the monotonic clock. */
  readonly #sentAt = new Map<string, number>();
  /** Field → since when the order looks expired, by the monotonic clock. */
  readonly #expiredSince = new Map<string, number>();

  constructor(deps: { store: StateStore; clock: Clock; hours: number }) {
    this.#store = deps.store;
    this.#clock = deps.clock;
    this.#hours = deps.hours;
  }

  /** Updates the order from an event, muted or not. */
  async record(view: EventView, chat: string): Promise<void> {
    if (this.#hours === 0 || view.orderSn === undefined) return;
    const field = `${view.event.shopId ?? ''}|${view.orderSn}`;
    const status = view.order?.status ?? statusOf(view);
    const shipBy = view.order?.times.shipBy ?? changedShipBy(view);
    if (status === undefined && shipBy === undefined) return;
    const saved = parse(await this.#store.get('ship-by', field));
    // Codes 4 and 15 carry no time: they count as new.
    const updated = view.order?.times.updated ?? numberOf(view.push.data['update_time']) ?? saved?.updated ?? 0;
    if (saved !== undefined && updated < saved.updated) return;
    const now = status ?? saved?.status;
    if (now === undefined) return;
    if (!pendingStatuses.has(now)) await this.#remove(field);
    else await this.#save(field, view, { chat, status: now, updated, shipBy, saved });
  }

  /** The warnings due now; the sender calls `markWarned` for each. */
  async due(): Promise<ShipWarning[]> {
    if (this.#hours === 0) return [];
    const now = this.#clock.wallMs();
    const found = await this.#store.dueBefore('ship-by', now + this.#hours * 3_600_000, maxOrders);
    const warnings = new Map<string, ShipWarning>();
    for (const { field, at: shipBy } of found) {
      const order = parse(await this.#store.get('ship-by', field));
      if (order === undefined) await this.#remove(field);
      if (order === undefined || (await this.#isExpired(field, now - shipBy))) continue;
      const level = shipBy - now <= finalReminderMs ? 'last' : 'first';
      if (order.warned === level || order.warned === 'last') continue;
      const key = `${order.chat}|${level}`;
      const warning = warnings.get(key) ?? { chat: order.chat, level, orders: [] };
      warning.orders.push({ ...order, shipBy });
      warnings.set(key, warning);
    }
    const open: ShipWarning[] = [];
    for (const [key, warning] of warnings) if (!(await this.#isRecent(key))) open.push(warning);
    return open;
  }

  /** Records that the warning was sent: its orders are not listed again at this level. */
  async markWarned({ chat, level, orders }: ShipWarning): Promise<void> {
    for (const { shipBy: _, ...order } of orders) {
      const field = `${order.shopId ?? ''}|${order.sn}`;
      // It may have been shipped while the warning was being sent.
      if ((await this.#store.get('ship-by', field)) === undefined) continue;
      await this.#store.set('ship-by', field, JSON.stringify({ ...order, warned: level }));
    }
    this.#sentAt.set(`${chat}|${level}`, this.#clock.monotonicMs());
    await this.#store.set('ship-by-sent', `${chat}|${level}`, String(this.#clock.wallMs()));
  }

  /** Removes an expired order only after an hour, as the wall clock may step forward for a moment. */
  async #isExpired(field: string, overdueMs: number): Promise<boolean> {
    const now = this.#clock.monotonicMs();
    const since = this.#expiredSince.get(field) ?? now;
    this.#expiredSince.delete(field);
    if (overdueMs < expireAfterMs) return false;
    if (now - since < expireGraceMs) this.#expiredSince.set(field, since);
    else await this.#remove(field);
    return true;
  }

  /** By the monotonic clock; by the saved wall time only for the first warning after a restart. */
  async #isRecent(key: string): Promise<boolean> {
    const sentAt = this.#sentAt.get(key);
    if (sentAt !== undefined) return this.#clock.monotonicMs() - sentAt < batchWindowMs;
    const age = this.#clock.wallMs() - Number((await this.#store.get('ship-by-sent', key)) ?? 0);
    // In the future: the clock has stepped back since.
    return age >= 0 && age < batchWindowMs;
  }

  async #save(
    field: string,
    view: EventView,
    now: { chat: string; status: string; updated: number; shipBy: number | undefined; saved: SavedOrder | undefined },
  ): Promise<void> {
    const { chat, status, updated, shipBy, saved } = now;
    const { orderSn: sn = '', region, zone, event } = view;
    // A moved deadline is warned about again.
    const isMoved = shipBy !== undefined && view.push.code === 47;
    const warned = isMoved ? undefined : saved?.warned;
    const order: SavedOrder = { sn, shopId: event.shopId, status, region, zone, chat, updated, warned };
    if (shipBy !== undefined && shipBy > 0) await this.#store.setDue('ship-by', field, shipBy * 1000);
    await this.#store.set('ship-by', field, JSON.stringify(order));
  }

  async #remove(field: string): Promise<void> {
    await this.#store.remove('ship-by', field);
    await this.#store.removeDue('ship-by', field);
  }
}

type SavedOrder = z.infer<typeof SavedOrder>;

/** The warning as one message, soonest first. */
export function shipWarningPart({ level, orders }: ShipWarning, now: number, hours: number): MessagePart {
  const within = level === 'last' ? 3 : hours;
  const head = [
    `⏰ ${bold(`${orders.length} ${orders.length === 1 ? 'order' : 'orders'} to ship within ${within} h`)}`,
  ];
  return listPart({
    head,
    lines: orders.map((order) => line(order, now)),
    fileName: csvName(`ship soon ${new Date(now).toISOString().slice(0, 16)}`),
    rows: () => [
      ['order', 'shop', 'ship by', 'status', 'link'],
      ...orders.map(({ sn, shopId, shipBy, status, zone, region }) => [
        sn,
        shopId,
        formatTime(shipBy / 1000, zone),
        status,
        orderUrl(region, sn),
      ]),
    ],
  });
}

function line({ sn, shopId, shipBy, status, zone, region }: PendingOrder, now: number): string {
  const left = shipBy < now ? `${formatSpan(now - shipBy)} overdue` : `in ${formatSpan(shipBy - now)}`;
  const shop = shopId === undefined ? '' : ` · shop ${code(shopId)}`;
  const time = formatTime(shipBy / 1000, zone);
  return `• ${orderLink(region, sn)} · ${escapeLine(statusLabel(status))} · ${left} (${time})${shop}`;
}

/** The order's status from the push alone. */
function statusOf({ push }: EventView): string | undefined {
  const status = push.data['status'];
  if (push.code === 3 && typeof status === 'string') return status;
  // Handed over to the carrier, whatever the order's status says by now.
  const gone = ['LOGISTICS_PICKUP_DONE', 'LOGISTICS_DELIVERY_DONE'].includes(String(push.data['fulfillment_status']));
  return push.code === 30 && gone ? 'SHIPPED' : undefined;
}

/** The new deadline of code 47. */
function changedShipBy({ push }: EventView): number | undefined {
  const changed = push.code === 47 ? push.data['new'] : undefined;
  return typeof changed === 'object' && changed !== null && 'ship_by_date' in changed
    ? numberOf(changed.ship_by_date)
    : undefined;
}

function numberOf(value: unknown): number | undefined {
  return typeof value === 'number' && value > 0 ? value : undefined;
}

function parse(text: string | undefined): SavedOrder | undefined {
  return text === undefined ? undefined : SavedOrder.safeParse(JSON.parse(text)).data;
}
