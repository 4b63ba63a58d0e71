import type { Clock } from '@shopee-webhook/runtime';
import type { MessagePlan } from '../chat/backlog.ts';
import type { TelegramConfig } from '../config/config.ts';
import type { FormatContext } from '../format/event.ts';
import { renderOrderMessage, mergeSteps, urgentReply, type OrderMessages } from '../orders/order-messages.ts';
import { getButtons, digestParts, singleParts } from '../format/render.ts';
import { isSilent } from '../routing/route.ts';
import {
  newOutgoingMessage,
  type OutgoingMessage,
  type MessagePart,
  type QueuedNotification,
} from '../messages/outgoing.ts';

/** Builds messages from notifications. */
export class MessageBuilder {
  readonly #config: TelegramConfig;
  readonly #context: FormatContext;
  readonly #clock: Clock;
  readonly #orderMessages: OrderMessages;

  constructor(deps: { config: TelegramConfig; context: FormatContext; clock: Clock; orders: OrderMessages }) {
    this.#config = deps.config;
    this.#context = deps.context;
    this.#clock = deps.clock;
    this.#orderMessages = deps.orders;
  }

  async build(plan: MessagePlan): Promise<OutgoingMessage> {
    const { kind, items, topic, priority } = plan;
    const silent = isSilent(items, { config: this.#config, context: this.#context, clock: this.#clock });
    const buttons = this.#config.commands ? getButtons(items) : [];
    const common = { kind, items, topic, priority, silent, buttons };
    if (kind === 'order')
      return newOutgoingMessage({ ...common, buttons: [], ...(await this.#buildOrderMessage(plan)) });
    if (kind === 'digest') return newOutgoingMessage({ ...common, parts: digestParts(items, this.#context) });
    const [first] = items;
    const threadId = first?.content.kind === 'system' ? first.content.message.threadId : undefined;
    return newOutgoingMessage({
      ...common,
      threadId,
      parts: items.flatMap((item) => singleParts(item, this.#context)),
    });
  }

  /** The order's message, new or edited; rendered from the last event that has the order. */
  async #buildOrderMessage({ items }: MessagePlan): Promise<Pick<OutgoingMessage, 'parts' | 'orderThread'>> {
    const [first] = items;
    const views = items.flatMap(({ content }) => (content.kind === 'event' ? [content.view] : []));
    const view = views.findLast(({ order }) => order !== undefined) ?? views.at(-1);
    if (first?.orderThread === undefined || view === undefined) throw new Error('not an order message');
    const known = await this.#orderMessages.find(first.chat, first.orderThread);
    const steps = mergeSteps(known?.steps ?? [], views);
    const html = renderOrderMessage(view, steps, this.#context);
    const orderThread = { key: first.orderThread, steps };
    if (known === undefined) return { parts: [{ kind: 'text', html }], orderThread };
    const { messageId } = known;
    return { parts: [{ kind: 'edit', html, messageId }, ...audibleParts(items, messageId)], orderThread };
  }
}

function audibleParts(items: readonly QueuedNotification[], messageId: number): MessagePart[] {
  const last = items.findLast(({ priority }) => priority < 2)?.content;
  return last?.kind === 'event' ? [urgentReply(last.view, messageId)] : [];
}
