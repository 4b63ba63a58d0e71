import type { NewMessage } from './backlog.ts';
import type { Clock } from './clock.ts';
import type { TelegramConfig } from './config.ts';
import type { FormatContext } from './format/event.ts';
import { followedMessage, mergeSteps, urgentAnswer, type FollowedOrders } from './followed-orders.ts';
import { buttonsOf, digestParts, singleParts } from './format/render.ts';
import { isSilent } from './routing.ts';
import { newJob, type Job, type Part, type Waiting } from './waiting.ts';

/** Makes messages of notifications. */
export class Jobs {
  readonly #config: TelegramConfig;
  readonly #context: FormatContext;
  readonly #clock: Clock;
  readonly #orders: FollowedOrders;

  constructor(parts: { config: TelegramConfig; context: FormatContext; clock: Clock; orders: FollowedOrders }) {
    this.#config = parts.config;
    this.#context = parts.context;
    this.#clock = parts.clock;
    this.#orders = parts.orders;
  }

  async make(message: NewMessage): Promise<Job> {
    const { kind, items, topic, tier } = message;
    const silent = isSilent(items, { config: this.#config, context: this.#context }, this.#clock.now());
    const buttons = this.#config.commands ? buttonsOf(items) : [];
    const common = { kind, items, topic, tier, silent, buttons };
    if (kind === 'follow') return newJob({ ...common, buttons: [], ...(await this.#follow(message)) });
    if (kind === 'digest') return newJob({ ...common, parts: digestParts(items, this.#context) });
    const [first] = items;
    const threadId = first?.content.kind === 'notice' ? first.content.notice.threadId : undefined;
    return newJob({ ...common, threadId, parts: items.flatMap((item) => singleParts(item, this.#context)) });
  }

  /** The order's message, new or edited; of several events the last one that knows the order describes it. */
  async #follow({ items }: NewMessage): Promise<Pick<Job, 'parts' | 'followed'>> {
    const [first] = items;
    const views = items.flatMap(({ content }) => (content.kind === 'event' ? [content.view] : []));
    const view = views.findLast(({ order }) => order !== undefined) ?? views.at(-1);
    if (first?.follows === undefined || view === undefined) throw new Error('a message that follows no order');
    const known = await this.#orders.find(first.chat, first.follows);
    const steps = mergeSteps(known?.steps ?? [], views);
    const html = followedMessage(view, steps, this.#context);
    const followed = { sn: first.follows, steps };
    if (known === undefined) return { parts: [{ kind: 'text', html }], followed };
    const { messageId } = known;
    return { parts: [{ kind: 'edit', html, messageId }, ...loudParts(items, messageId)], followed };
  }
}

function loudParts(items: readonly Waiting[], messageId: number): Part[] {
  const last = items.findLast(({ tier }) => tier < 2)?.content;
  return last?.kind === 'event' ? [urgentAnswer(last.view, messageId)] : [];
}
