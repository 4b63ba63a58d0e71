import type { Priority } from '../messages/outgoing.ts';
import type { TopicKey } from '../messages/outgoing.ts';
import type { OutgoingMessage, QueuedNotification } from '../messages/outgoing.ts';

/** Maximum notifications of a digest; the rest goes into the next one. */
const maxDigest = 2_000;
/** After this long a routine message counts as urgent. */
const agingMs = 60_000;

/** The notifications of one topic and priority. */
interface TopicQueue {
  topic: TopicKey;
  priority: Priority;
  /** Oldest first. */
  items: QueuedNotification[];
  /** A message in progress: it goes before the rest. */
  inProgress: OutgoingMessage | undefined;
}

/** Notifications that become one message; they share a priority. */
export interface MessagePlan {
  kind: 'single' | 'digest' | 'order';
  items: QueuedNotification[];
  topic: TopicKey;
  priority: Priority;
}

/** What to send next: a message in progress or a new one. `budget` is the priority whose share of the limits it may use. */
export type SendDecision = ({ kind: 'in-progress'; message: OutgoingMessage } | MessagePlan) & { budget: Priority };

/** The notifications queued for one chat, and which comes next. Pure: no clock, no calls. */
export class Backlog {
  readonly #queues = new Map<string, TopicQueue>();

  get size(): number {
    return [...this.#queues.values()].reduce(
      (sum, { items, inProgress }) => sum + items.length + (inProgress?.items.length ?? 0),
      0,
    );
  }

  /** Inserts by age: a requeued notification arrives later than its turn. */
  add(item: QueuedNotification): void {
    const { items } = this.#queueFor(item.topic, item.priority);
    const after = items.findLastIndex(({ enqueuedAt }) => enqueuedAt <= item.enqueuedAt);
    items.splice(after + 1, 0, item);
  }

  /** Everything queued or in progress, for requeueing. */
  all(): QueuedNotification[] {
    return [...this.#queues.values()].flatMap(({ items, inProgress }) => [...(inProgress?.items ?? []), ...items]);
  }

  /**
   * The next message: the most urgent priority first, the oldest within it; what has waited for a minute
   * counts as urgent, so that endless urgent events do not starve the rest. When more are queued than a minute has room
   * for, the fullest topics become digests. Undefined when nothing is due at `now`.
   */
  next(now: number, perMinute: (priority: Priority) => number): SendDecision | undefined {
    for (const priority of [0, 1, 2] as const) {
      const due = [...this.#queues.values()].filter(
        (topicQueue) => priorityAt(topicQueue, now) === priority && isDue(topicQueue, now),
      );
      const topicQueue = due.toSorted((a, b) => oldestAt(a) - oldestAt(b))[0];
      if (topicQueue === undefined) continue;
      if (topicQueue.inProgress !== undefined)
        return { kind: 'in-progress', message: topicQueue.inProgress, budget: priority };
      const digests = topicsToDigest(due, perMinute(priority));
      return { ...this.#plan(topicQueue, digests.has(topicQueue), now), budget: priority };
    }
    return undefined;
  }

  /** ms: when the next batched digest is due; Infinity when there is none. */
  nextDue(): number {
    const dues = [...this.#queues.values()].filter(({ items }) => items.length > 0).map(dueAt);
    return Math.min(Infinity, ...dues);
  }

  /** Moves the message's notifications from the queue into progress. */
  start(message: OutgoingMessage): void {
    const taken = new Set(message.items);
    for (const topicQueue of this.#queues.values())
      topicQueue.items = topicQueue.items.filter((item) => !taken.has(item));
    this.#queueFor(message.topic, message.priority).inProgress = message;
  }

  /** The message was sent or dead-lettered. */
  complete(message: OutgoingMessage): void {
    const topicQueue = this.#queueFor(message.topic, message.priority);
    if (topicQueue.inProgress === message) topicQueue.inProgress = undefined;
  }

  clear(): void {
    this.#queues.clear();
  }

  #plan(
    topicQueue: TopicQueue,
    crowded: boolean,
    now: number,
  ): { kind: 'in-progress'; message: OutgoingMessage } | MessagePlan {
    const { topic, priority, items } = topicQueue;
    const [head] = items;
    const gathered = typeof head?.digest === 'number' && now >= dueAt(topicQueue);
    if ((crowded || gathered) && items.length > 1) {
      return { kind: 'digest', items: items.slice(0, maxDigest), topic, priority };
    }
    if (head?.orderThread === undefined) return { kind: 'single', items: items.slice(0, 1), topic, priority };
    return this.#planOrderMessage(head.orderThread, { topic, priority });
  }

  /** All of an order's events, of every topic, and never beside its message in progress: the later call would win. */
  #planOrderMessage(
    order: string,
    { topic, priority }: Pick<TopicQueue, 'topic' | 'priority'>,
  ): { kind: 'in-progress'; message: OutgoingMessage } | MessagePlan {
    const topicQueues = [...this.#queues.values()];
    const message = topicQueues
      .map(({ inProgress }) => inProgress)
      .find((open) => open?.kind === 'order' && open.items[0]?.orderThread === order);
    if (message !== undefined) return { kind: 'in-progress', message };
    const items = topicQueues.flatMap((topicQueue) =>
      topicQueue.items.filter(({ orderThread }) => orderThread === order),
    );
    return { kind: 'order', items: items.toSorted((a, b) => a.enqueuedAt - b.enqueuedAt), topic, priority };
  }

  #queueFor(topic: TopicKey, priority: Priority): TopicQueue {
    const key = `${topic}|${priority}`;
    const known = this.#queues.get(key);
    if (known !== undefined) return known;
    const topicQueue: TopicQueue = { topic, priority, items: [], inProgress: undefined };
    this.#queues.set(key, topicQueue);
    return topicQueue;
  }
}

function oldestAt(topicQueue: TopicQueue): number {
  return topicQueue.inProgress?.items[0]?.since ?? topicQueue.items[0]?.since ?? Infinity;
}

/** A queue whose events are batched for minutes is due that long after its oldest; the others immediately. */
function dueAt(topicQueue: TopicQueue): number {
  const head = topicQueue.items[0];
  if (head === undefined) return Infinity;
  return typeof head.digest === 'number' ? head.since + head.digest * 60_000 : 0;
}

/** The queue's priority, raised by aging. Batched messages start to age when due. */
function priorityAt(topicQueue: TopicQueue, now: number): Priority {
  const since = Math.max(oldestAt(topicQueue), dueAt(topicQueue));
  return topicQueue.priority === 2 && now - since > agingMs ? 1 : topicQueue.priority;
}

function isDue(topicQueue: TopicQueue, now: number): boolean {
  return topicQueue.inProgress !== undefined || dueAt(topicQueue) <= now;
}

/** How many messages a queue would be if each were sent alone. */
function messageCount(topicQueue: TopicQueue): number {
  const orders = new Set(topicQueue.items.map(({ orderThread }) => orderThread).filter((sn) => sn !== undefined));
  return orders.size + topicQueue.items.filter(({ orderThread }) => orderThread === undefined).length;
}

/** The fullest queues, until the rest fits into a minute. Queues with digests off count but stay. */
export function topicsToDigest<L extends TopicQueue>(topicQueues: readonly L[], perMinute: number): Set<L> {
  const units = new Map(topicQueues.map((topicQueue) => [topicQueue, messageCount(topicQueue)]));
  const digests = new Set<L>();
  const may = topicQueues
    .filter((topicQueue) => topicQueue.items[0]?.digest === 'auto' && (units.get(topicQueue) ?? 0) > 1)
    .sort((a, b) => (units.get(b) ?? 0) - (units.get(a) ?? 0));
  let total = [...units.values()].reduce((sum, count) => sum + count, 0);
  for (const topicQueue of may) {
    if (total <= perMinute) break;
    digests.add(topicQueue);
    total -= (units.get(topicQueue) ?? 1) - 1;
  }
  return digests;
}
