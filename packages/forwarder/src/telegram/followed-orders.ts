import { eventOf, updateTimeOf } from '@shopee-webhook/shopee';
import { z } from 'zod';
import type { Clock } from './clock.ts';
import { labelOf } from './format/digest.ts';
import { linkLine, orderLink, type EventView, type FormatContext } from './format/event.ts';
import { bold, escapeLine } from './format/html.ts';
import { orderSection } from './format/order.ts';
import { formatClock } from './format/times.ts';
import type { Memory } from './memory.ts';
import { visibleLength } from './format/split.ts';
import type { Followed, OrderStep, Part } from './waiting.ts';

const maxVisible = 4_000;
const maxSteps = 25;
const keptMs = 14 * 86_400_000;
const pruneAtOnce = 500;

const Kept = z.object({
  messageId: z.number(),
  steps: z.array(z.object({ at: z.number(), text: z.string() })),
});

/** TELEGRAM_MODE=edit: each order has one message, which is edited as its status moves. Kept for 14 days. */
export class FollowedOrders {
  readonly #memory: Memory;
  readonly #clock: Clock;

  constructor(parts: { memory: Memory; clock: Clock }) {
    this.#memory = parts.memory;
    this.#clock = parts.clock;
  }

  /** The order's message and what it says already; undefined when it has none yet. */
  async find(chat: string, sn: string): Promise<z.infer<typeof Kept> | undefined> {
    const text = await this.#memory.get('orders', `${chat}|${sn}`);
    return text === undefined ? undefined : Kept.safeParse(JSON.parse(text)).data;
  }

  /** The order's message says this now. */
  async keep(chat: string, { sn, steps }: Followed, messageId: number): Promise<void> {
    const field = `${chat}|${sn}`;
    await this.#memory.set('orders', field, JSON.stringify({ messageId, steps }));
    await this.#memory.index('orders', field, this.#clock.now());
  }

  /** Forgets orders that nothing was heard of for 14 days. */
  async prune(): Promise<void> {
    const old = await this.#memory.indexed('orders', this.#clock.now() - keptMs, pruneAtOnce);
    const fields = old.map(({ field }) => field);
    await this.#memory.remove('orders', ...fields);
    await this.#memory.unindex('orders', ...fields);
  }
}

/** What the events add to what the message says already, in the order in which it happened. */
export function mergeSteps(known: readonly OrderStep[], views: readonly EventView[]): OrderStep[] {
  const added = views.map(stepOf).filter(({ at, text }) => !known.some((step) => step.at === at && step.text === text));
  return [...known, ...added].toSorted((a, b) => a.at - b.at).slice(-maxSteps);
}

function stepOf(view: EventView): OrderStep {
  const { push, event, zone } = view;
  const at = (updateTimeOf(push) ?? push.timestamp ?? event.at / 1000) * 1000;
  const { emoji, title } = eventOf(push.code);
  const tracking = push.data['tracking_no'];
  const detail = typeof tracking === 'string' ? tracking : labelOf(view) === title ? '' : labelOf(view);
  const text = push.code === 3 ? labelOf(view) : `${emoji} ${title} ${detail}`.trimEnd();
  return { at, text: `${formatClock(at, zone)} ${text}` };
}

/** The order's one message: what happened to it, then the order. Never longer than one message may be. */
export function followedMessage(view: EventView, steps: readonly OrderStep[], context: FormatContext): string {
  const { order, orderSn = '', region, zone } = view;
  const head = [`📦 ${bold('Order')} ${orderLink(region, orderSn)}`, ...steps.map(({ text }) => escapeLine(text))];
  const section = order === undefined ? [] : ['', ...orderSection(order, { zone, showBuyer: context.showBuyer })];
  const links = linkLine(view);
  const tail = links === '' ? [] : ['', links];
  return fitting(head, section, tail).join('\n');
}

/** Leaves out lines of the middle, from its end, until all fits; says how many. */
function fitting(head: string[], middle: string[], tail: string[]): string[] {
  for (let shown = middle.length; shown >= 0; shown -= 1) {
    const left = middle.length - shown;
    const more = left === 0 ? [] : [`… and ${left} more lines (see Seller Centre)`];
    const lines = [...head, ...middle.slice(0, shown), ...more, ...tail];
    const html = lines.join('\n');
    if (visibleLength(html) <= maxVisible && Buffer.byteLength(html) <= 30_000) return lines;
  }
  return head;
}

/** What makes a sound: an edit does not, so an urgent step is also said in a short answer to the order's message. */
export function urgentAnswer(view: EventView, messageId: number): Part {
  const { orderSn = '', region } = view;
  const { emoji, title } = eventOf(view.push.code);
  const html = `${emoji} ${bold(title)}: ${orderLink(region, orderSn)} ${escapeLine(labelOf(view))}`;
  return { kind: 'text', html, replyTo: messageId };
}
