import type { Clock } from '@shopee-webhook/runtime';
import { getEventType, updateTimeOf } from '@shopee-webhook/shopee';
import { z } from 'zod';
import { shortLabel } from '../format/event-renderers.ts';
import { linkLine, orderLink, type FormatContext } from '../format/event.ts';
import type { EventView } from '../messages/event-view.ts';
import { bold, escapeLine } from '../format/html.ts';
import { orderSection } from '../format/order.ts';
import { formatClock } from '../time/format-time.ts';
import type { StateStore } from '../state/state-store.ts';
import { visibleLength } from '../format/split.ts';
import type { OrderThread, OrderStep, MessagePart } from '../messages/outgoing.ts';

const maxVisible = 4_000;
const maxSteps = 25;
const retentionMs = 14 * 86_400_000;
const pruneBatchSize = 500;

const SavedOrder = z.object({
  messageId: z.number(),
  steps: z.array(z.object({ at: z.number(), text: z.string() })),
});

/** TELEGRAM_MODE=edit: each order has one message, edited as its status changes. Stored for 14 days. */
export class OrderMessages {
  readonly #store: StateStore;
  readonly #clock: Clock;

  constructor(deps: { store: StateStore; clock: Clock }) {
    this.#store = deps.store;
    this.#clock = deps.clock;
  }

  /** The order's message and the steps it already shows; undefined when there is none yet. */
  async find(chat: string, key: string): Promise<z.infer<typeof SavedOrder> | undefined> {
    const text = await this.#store.get('orders', `${chat}|${key}`);
    return text === undefined ? undefined : SavedOrder.safeParse(JSON.parse(text)).data;
  }

  /** Stores what the order's message shows now. */
  async save(chat: string, { key, steps }: OrderThread, messageId: number): Promise<void> {
    const field = `${chat}|${key}`;
    await this.#store.set('orders', field, JSON.stringify({ messageId, steps }));
    await this.#store.setDue('orders', field, this.#clock.wallMs());
  }

  /** Removes orders without an event for 14 days. */
  async prune(): Promise<void> {
    const old = await this.#store.dueBefore('orders', this.#clock.wallMs() - retentionMs, pruneBatchSize);
    const fields = old.map(({ field }) => field);
    await this.#store.remove('orders', ...fields);
    await this.#store.removeDue('orders', ...fields);
  }
}

/** The steps already shown and those the events add, in chronological order. */
export function mergeSteps(known: readonly OrderStep[], views: readonly EventView[]): OrderStep[] {
  const added = views.map(toStep).filter(({ at, text }) => !known.some((step) => step.at === at && step.text === text));
  return [...known, ...added].toSorted((a, b) => a.at - b.at).slice(-maxSteps);
}

function toStep(view: EventView): OrderStep {
  const { push, event, zone } = view;
  const at = (updateTimeOf(push) ?? push.timestamp ?? event.at / 1000) * 1000;
  const { emoji, title } = getEventType(push.code);
  const tracking = push.data['tracking_no'];
  const detail = typeof tracking === 'string' ? tracking : shortLabel(view) === title ? '' : shortLabel(view);
  const text = push.code === 3 ? shortLabel(view) : `${emoji} ${title} ${detail}`.trimEnd();
  return { at, text: `${formatClock(at, zone)} ${text}` };
}

/** The order's one message: its steps, then the order. Always fits one message. */
export function renderOrderMessage(view: EventView, steps: readonly OrderStep[], context: FormatContext): string {
  const { order, orderSn = '', region, zone } = view;
  const head = [`📦 ${bold('Order')} ${orderLink(region, orderSn)}`, ...steps.map(({ text }) => escapeLine(text))];
  const section = order === undefined ? [] : ['', ...orderSection(order, { zone, showBuyer: context.showBuyer })];
  const links = linkLine(view);
  const tail = links === '' ? [] : ['', links];
  return truncateMiddle(head, section, tail).join('\n');
}

/** Drops lines from the end of the middle until everything fits, and says how many. */
function truncateMiddle(head: string[], middle: string[], tail: string[]): string[] {
  for (let shown = middle.length; shown >= 0; shown -= 1) {
    const left = middle.length - shown;
    const more = left === 0 ? [] : [`… and ${left} more lines (see Seller Center)`];
    const lines = [...head, ...middle.slice(0, shown), ...more, ...tail];
    const html = lines.join('\n');
    if (visibleLength(html) <= maxVisible && Buffer.byteLength(html) <= 30_000) return lines;
  }
  return head;
}

/** An edit makes no sound, so an urgent step is also sent as a short reply to the order's message. */
export function urgentReply(view: EventView, messageId: number): MessagePart {
  const { orderSn = '', region } = view;
  const { emoji, title } = getEventType(view.push.code);
  const html = `${emoji} ${bold(title)}: ${orderLink(region, orderSn)} ${escapeLine(shortLabel(view))}`;
  return { kind: 'text', html, replyTo: messageId };
}
