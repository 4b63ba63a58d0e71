import { z } from 'zod';
import type { Clock } from './clock.ts';
import type { EventView } from './format/event.ts';
import { orderLink } from './format/event.ts';
import { bold, code, escapeLine } from './format/html.ts';
import { statusLabel } from './format/labels.ts';
import { orderUrl } from './format/links.ts';
import { formatSpan, formatTime } from './format/times.ts';
import { csvName, listPart } from './format/list-part.ts';
import type { Memory } from './memory.ts';
import type { Part } from './waiting.ts';

/** Orders in these states wait for the seller to hand them over. */
const openStatuses = new Set(['READY_TO_SHIP', 'PROCESSED', 'RETRY_SHIP']);
const lastCallMs = 3 * 3_600_000;
/** Warnings of one kind are gathered: not more than one message in this time. */
const gatherMs = 30 * 60_000;
/** An order that is so long overdue is no news. */
const forgetMs = 2 * 86_400_000;
const maxOrders = 2_000;

const Kept = z.object({
  sn: z.string(),
  shopId: z.string().optional(),
  status: z.string(),
  region: z.string().optional(),
  zone: z.string(),
  chat: z.string(),
  /** unix seconds; an older event does not change a newer state. */
  updated: z.number(),
  warned: z.enum(['first', 'last']).optional(),
});

/** An order that must be shipped, with when. */
export interface OpenOrder extends z.infer<typeof Kept> {
  /** ms */
  shipBy: number;
}

/** Orders of one chat that are to be warned of now. */
export interface ShipWarning {
  chat: string;
  level: 'first' | 'last';
  orders: OpenOrder[];
}

/**
 * Which orders wait to be shipped, known from the notifications that pass: an order comes in with its ship-by date and
 * goes out with its first status that is not open. Warned of twice, `hours` before and three hours before.
 */
export class ShipBy {
  readonly #memory: Memory;
  readonly #clock: Clock;
  readonly #hours: number;

  constructor(parts: { memory: Memory; clock: Clock; hours: number }) {
    this.#memory = parts.memory;
    this.#clock = parts.clock;
    this.#hours = parts.hours;
  }

  /** Takes an event to heart, whether it is sent to people or not. */
  async note(view: EventView, chat: string): Promise<void> {
    if (this.#hours === 0 || view.orderSn === undefined) return;
    const field = `${view.event.shopId ?? ''}|${view.orderSn}`;
    const status = view.order?.status ?? statusOf(view);
    const shipBy = view.order?.times.shipBy ?? changedShipBy(view);
    if (status === undefined && shipBy === undefined) return;
    const kept = parse(await this.#memory.get('ship-by', field));
    // Codes 4 and 15 do not tell when: they count as new.
    const updated = view.order?.times.updated ?? numberOf(view.push.data['update_time']) ?? kept?.updated ?? 0;
    if (kept !== undefined && updated < kept.updated) return;
    const now = status ?? kept?.status;
    if (now === undefined) return;
    if (!openStatuses.has(now)) await this.#close(field);
    else await this.#keep(field, view, { chat, status: now, updated, shipBy, kept });
  }

  /** What is to be warned of now; whoever sends it calls `warned`. */
  async due(): Promise<ShipWarning[]> {
    if (this.#hours === 0) return [];
    const now = this.#clock.now();
    const found = await this.#memory.indexed('ship-by', now + this.#hours * 3_600_000, maxOrders);
    const warnings = new Map<string, ShipWarning>();
    for (const { field, at: shipBy } of found) {
      const kept = parse(await this.#memory.get('ship-by', field));
      if (kept === undefined || shipBy < now - forgetMs) {
        await this.#close(field);
        continue;
      }
      const level = shipBy - now <= lastCallMs ? 'last' : 'first';
      if (kept.warned === level || kept.warned === 'last') continue;
      const key = `${kept.chat}|${level}`;
      const warning = warnings.get(key) ?? { chat: kept.chat, level, orders: [] };
      warning.orders.push({ ...kept, shipBy });
      warnings.set(key, warning);
    }
    const open: ShipWarning[] = [];
    for (const [key, warning] of warnings) if (!(await this.#isRecent(key))) open.push(warning);
    return open;
  }

  /** The warning was sent: these orders are not named in another of its kind. */
  async warned({ chat, level, orders }: ShipWarning): Promise<void> {
    for (const { shipBy: _, ...order } of orders) {
      const field = `${order.shopId ?? ''}|${order.sn}`;
      // It may have been shipped while the warning was on its way.
      if ((await this.#memory.get('ship-by', field)) === undefined) continue;
      await this.#memory.set('ship-by', field, JSON.stringify({ ...order, warned: level }));
    }
    await this.#memory.set('ship-by-sent', `${chat}|${level}`, String(this.#clock.now()));
  }

  async #isRecent(key: string): Promise<boolean> {
    const sent = Number((await this.#memory.get('ship-by-sent', key)) ?? 0);
    return this.#clock.now() - sent < gatherMs;
  }

  async #keep(
    field: string,
    view: EventView,
    now: { chat: string; status: string; updated: number; shipBy: number | undefined; kept: Kept | undefined },
  ): Promise<void> {
    const { chat, status, updated, shipBy, kept } = now;
    const { orderSn: sn = '', region, zone, event } = view;
    // A date that was moved is warned of anew.
    const isMoved = shipBy !== undefined && view.push.code === 47;
    const warned = isMoved ? undefined : kept?.warned;
    const order: Kept = { sn, shopId: event.shopId, status, region, zone, chat, updated, warned };
    if (shipBy !== undefined && shipBy > 0) await this.#memory.index('ship-by', field, shipBy * 1000);
    await this.#memory.set('ship-by', field, JSON.stringify(order));
  }

  async #close(field: string): Promise<void> {
    await this.#memory.remove('ship-by', field);
    await this.#memory.unindex('ship-by', field);
  }
}

type Kept = z.infer<typeof Kept>;

/** The warning as one message, soonest first. */
export function shipWarningPart({ level, orders }: ShipWarning, now: number, hours: number): Part {
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

function line({ sn, shopId, shipBy, status, zone, region }: OpenOrder, now: number): string {
  const left = shipBy < now ? `${formatSpan(now - shipBy)} overdue` : `in ${formatSpan(shipBy - now)}`;
  const shop = shopId === undefined ? '' : ` · shop ${code(shopId)}`;
  const time = formatTime(shipBy / 1000, zone);
  return `• ${orderLink(region, sn)} · ${escapeLine(statusLabel(status))} · ${left} (${time})${shop}`;
}

/** The order's status as a push alone tells it. */
function statusOf({ push }: EventView): string | undefined {
  const status = push.data['status'];
  if (push.code === 3 && typeof status === 'string') return status;
  // Handed over to the carrier, whatever the order's status says by now.
  const gone = ['LOGISTICS_PICKUP_DONE', 'LOGISTICS_DELIVERY_DONE'].includes(String(push.data['fulfillment_status']));
  return push.code === 30 && gone ? 'SHIPPED' : undefined;
}

/** Code 47 tells that the date was moved. */
function changedShipBy({ push }: EventView): number | undefined {
  const changed = push.code === 47 ? push.data['new'] : undefined;
  return typeof changed === 'object' && changed !== null && 'ship_by_date' in changed
    ? numberOf(changed.ship_by_date)
    : undefined;
}

function numberOf(value: unknown): number | undefined {
  return typeof value === 'number' && value > 0 ? value : undefined;
}

function parse(text: string | undefined): Kept | undefined {
  return text === undefined ? undefined : Kept.safeParse(JSON.parse(text)).data;
}
