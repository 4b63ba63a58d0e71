import type { Priority } from '../routing/priority.ts';
import type { TopicKey } from '../chat/topic-styles.ts';
import type { OutgoingMessage, QueuedNotification } from './outgoing.ts';

/** The longest digest; what is more waits for the next one. */
const maxDigest = 2_000;
/** How long routine messages stand back behind urgent ones. */
const agingMs = 60_000;

/** What waits for one topic and is equally urgent. */
interface TopicQueue {
  topic: TopicKey;
  priority: Priority;
  /** Oldest first. */
  items: QueuedNotification[];
  /** A message that is under way: it goes on before the rest. */
  inProgress: OutgoingMessage | undefined;
}

/** Notifications to make a message of; they share a tier. */
export interface MessagePlan {
  kind: 'single' | 'digest' | 'follow';
  items: QueuedNotification[];
  topic: TopicKey;
  priority: Priority;
}

/** What to send next: a message under way or a new one. `budget` is the tier whose share of the limits it may use. */
export type SendDecision = ({ kind: 'job'; job: OutgoingMessage } | MessagePlan) & { budget: Priority };

/** What waits for one chat, and which of it comes next. Knows no clock and makes no call. */
export class Backlog {
  readonly #queues = new Map<string, TopicQueue>();

  get size(): number {
    return [...this.#queues.values()].reduce(
      (sum, { items, inProgress }) => sum + items.length + (inProgress?.items.length ?? 0),
      0,
    );
  }

  /** In the order in which they came up: what went back into the outbox once comes later than its turn. */
  add(item: QueuedNotification): void {
    const { items } = this.#queueFor(item.topic, item.priority);
    const after = items.findLastIndex(({ since }) => since <= item.since);
    items.splice(after + 1, 0, item);
  }

  /** Everything that waits or is under way, to be given back. */
  all(): QueuedNotification[] {
    return [...this.#queues.values()].flatMap(({ items, inProgress }) => [...(inProgress?.items ?? []), ...items]);
  }

  /**
   * The next message: the most urgent tier first, within it the one that waits longest; what has waited for a minute
   * counts as urgent, or urgent events that do not end would silence the rest. When more wait than a minute has room
   * for, the fullest topics become digests. Undefined when nothing is due at `now`.
   */
  next(now: number, perMinute: (tier: Priority) => number): SendDecision | undefined {
    for (const tier of [0, 1, 2] as const) {
      const due = [...this.#queues.values()].filter((lane) => priorityAt(lane, now) === tier && isDue(lane, now));
      const lane = due.toSorted((a, b) => oldestAt(a) - oldestAt(b))[0];
      if (lane === undefined) continue;
      if (lane.inProgress !== undefined) return { kind: 'job', job: lane.inProgress, budget: tier };
      const digests = topicsToDigest(due, perMinute(tier));
      return { ...this.#plan(lane, digests.has(lane), now), budget: tier };
    }
    return undefined;
  }

  /** ms: when the next gathered digest is due; Infinity when none is being gathered. */
  nextDue(): number {
    const dues = [...this.#queues.values()].filter(({ items }) => items.length > 0).map(dueAt);
    return Math.min(Infinity, ...dues);
  }

  /** Its notifications wait no more: the message is under way. */
  start(job: OutgoingMessage): void {
    const taken = new Set(job.items);
    for (const lane of this.#queues.values()) lane.items = lane.items.filter((item) => !taken.has(item));
    this.#queueFor(job.topic, job.priority).inProgress = job;
  }

  /** The message is sent, or will never be. */
  complete(job: OutgoingMessage): void {
    const lane = this.#queueFor(job.topic, job.priority);
    if (lane.inProgress === job) lane.inProgress = undefined;
  }

  clear(): void {
    this.#queues.clear();
  }

  #plan(lane: TopicQueue, crowded: boolean, now: number): { kind: 'job'; job: OutgoingMessage } | MessagePlan {
    const { topic, priority, items } = lane;
    const [head] = items;
    const gathered = typeof head?.digest === 'number' && now >= dueAt(lane);
    if ((crowded || gathered) && items.length > 1) {
      return { kind: 'digest', items: items.slice(0, maxDigest), topic, priority };
    }
    if (head?.orderThread === undefined) return { kind: 'single', items: items.slice(0, 1), topic, priority };
    return this.#planOrderMessage(head.orderThread, { topic, priority });
  }

  /** All of an order's events, of every lane, and never beside its message under way: the later call would win. */
  #planOrderMessage(
    sn: string,
    { topic, priority }: Pick<TopicQueue, 'topic' | 'priority'>,
  ): { kind: 'job'; job: OutgoingMessage } | MessagePlan {
    const lanes = [...this.#queues.values()];
    const job = lanes
      .map(({ inProgress }) => inProgress)
      .find((open) => open?.kind === 'follow' && open.items[0]?.orderThread === sn);
    if (job !== undefined) return { kind: 'job', job };
    const items = lanes.flatMap((lane) => lane.items.filter(({ orderThread }) => orderThread === sn));
    return { kind: 'follow', items: items.toSorted((a, b) => a.since - b.since), topic, priority };
  }

  #queueFor(topic: TopicKey, priority: Priority): TopicQueue {
    const key = `${topic}|${priority}`;
    const known = this.#queues.get(key);
    if (known !== undefined) return known;
    const lane: TopicQueue = { topic, priority, items: [], inProgress: undefined };
    this.#queues.set(key, lane);
    return lane;
  }
}

function oldestAt(lane: TopicQueue): number {
  return lane.inProgress?.items[0]?.since ?? lane.items[0]?.since ?? Infinity;
}

/** A lane whose events are gathered for minutes is due that long after its oldest; the others are at once. */
function dueAt(lane: TopicQueue): number {
  const head = lane.items[0];
  if (head === undefined) return Infinity;
  return typeof head.digest === 'number' ? head.since + head.digest * 60_000 : 0;
}

/** The lane's tier, raised for what has waited too long. Messages gathered for minutes begin to wait when due. */
function priorityAt(lane: TopicQueue, now: number): Priority {
  const since = Math.max(oldestAt(lane), dueAt(lane));
  return lane.priority === 2 && now - since > agingMs ? 1 : lane.priority;
}

function isDue(lane: TopicQueue, now: number): boolean {
  return lane.inProgress !== undefined || dueAt(lane) <= now;
}

/** How many messages a lane would be if each were sent alone. */
function messageCount(lane: TopicQueue): number {
  const orders = new Set(lane.items.map(({ orderThread }) => orderThread).filter((sn) => sn !== undefined));
  return orders.size + lane.items.filter(({ orderThread }) => orderThread === undefined).length;
}

/** The fullest lanes, until what is left fits into a minute. Lanes with digests off are counted but left alone. */
export function topicsToDigest<L extends TopicQueue>(lanes: readonly L[], perMinute: number): Set<L> {
  const units = new Map(lanes.map((lane) => [lane, messageCount(lane)]));
  const digests = new Set<L>();
  const may = lanes
    .filter((lane) => lane.items[0]?.digest === 'auto' && (units.get(lane) ?? 0) > 1)
    .sort((a, b) => (units.get(b) ?? 0) - (units.get(a) ?? 0));
  let total = [...units.values()].reduce((sum, count) => sum + count, 0);
  for (const lane of may) {
    if (total <= perMinute) break;
    digests.add(lane);
    total -= (units.get(lane) ?? 1) - 1;
  }
  return digests;
}
