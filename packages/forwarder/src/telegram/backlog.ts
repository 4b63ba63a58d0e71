import type { Tier } from './format/urgency.ts';
import type { TopicKey } from './chat/topic-specs.ts';
import type { Job, Waiting } from './waiting.ts';

/** The longest digest; what is more waits for the next one. */
const maxDigest = 2_000;
/** How long routine messages stand back behind urgent ones. */
const patienceMs = 60_000;

/** What waits for one topic and is equally urgent. */
interface Lane {
  topic: TopicKey;
  tier: Tier;
  /** Oldest first. */
  items: Waiting[];
  /** A message that is under way: it goes on before the rest. */
  open: Job | undefined;
}

/** Notifications to make a message of; they share a tier. */
export interface NewMessage {
  kind: 'single' | 'digest' | 'follow';
  items: Waiting[];
  topic: TopicKey;
  tier: Tier;
}

/** What to send next: a message under way or a new one. `budget` is the tier whose share of the limits it may use. */
export type Choice = ({ kind: 'job'; job: Job } | NewMessage) & { budget: Tier };

/** What waits for one chat, and which of it comes next. Knows no clock and makes no call. */
export class Backlog {
  readonly #lanes = new Map<string, Lane>();

  get size(): number {
    return [...this.#lanes.values()].reduce(
      (sum, { items, open }) => sum + items.length + (open?.items.length ?? 0),
      0,
    );
  }

  /** In the order in which they came up: what went back into the outbox once comes later than its turn. */
  add(item: Waiting): void {
    const { items } = this.#lane(item.topic, item.tier);
    const after = items.findLastIndex(({ since }) => since <= item.since);
    items.splice(after + 1, 0, item);
  }

  /** Everything that waits or is under way, to be given back. */
  all(): Waiting[] {
    return [...this.#lanes.values()].flatMap(({ items, open }) => [...(open?.items ?? []), ...items]);
  }

  /**
   * The next message: the most urgent tier first, within it the one that waits longest; what has waited for a minute
   * counts as urgent, or urgent events that do not end would silence the rest. When more wait than a minute has room
   * for, the fullest topics become digests. Undefined when nothing is due at `now`.
   */
  choose(now: number, perMinute: (tier: Tier) => number): Choice | undefined {
    for (const tier of [0, 1, 2] as const) {
      const due = [...this.#lanes.values()].filter((lane) => tierAt(lane, now) === tier && isDue(lane, now));
      const lane = due.toSorted((a, b) => headOf(a) - headOf(b))[0];
      if (lane === undefined) continue;
      if (lane.open !== undefined) return { kind: 'job', job: lane.open, budget: tier };
      const digests = lanesToDigest(due, perMinute(tier));
      return { ...this.#next(lane, digests.has(lane), now), budget: tier };
    }
    return undefined;
  }

  /** ms: when the next gathered digest is due; Infinity when none is being gathered. */
  nextDue(): number {
    const dues = [...this.#lanes.values()].filter(({ items }) => items.length > 0).map(dueAt);
    return Math.min(Infinity, ...dues);
  }

  /** Its notifications wait no more: the message is under way. */
  begin(job: Job): void {
    const taken = new Set(job.items);
    for (const lane of this.#lanes.values()) lane.items = lane.items.filter((item) => !taken.has(item));
    this.#lane(job.topic, job.tier).open = job;
  }

  /** The message is sent, or will never be. */
  finish(job: Job): void {
    const lane = this.#lane(job.topic, job.tier);
    if (lane.open === job) lane.open = undefined;
  }

  clear(): void {
    this.#lanes.clear();
  }

  #next(lane: Lane, crowded: boolean, now: number): { kind: 'job'; job: Job } | NewMessage {
    const { topic, tier, items } = lane;
    const [head] = items;
    const gathered = typeof head?.digest === 'number' && now >= dueAt(lane);
    if ((crowded || gathered) && items.length > 1) {
      return { kind: 'digest', items: items.slice(0, maxDigest), topic, tier };
    }
    if (head?.follows === undefined) return { kind: 'single', items: items.slice(0, 1), topic, tier };
    return this.#follow(head.follows, { topic, tier });
  }

  /** All of an order's events, of every lane, and never beside its message under way: the later call would win. */
  #follow(sn: string, { topic, tier }: Pick<Lane, 'topic' | 'tier'>): { kind: 'job'; job: Job } | NewMessage {
    const lanes = [...this.#lanes.values()];
    const job = lanes.map(({ open }) => open).find((open) => open?.kind === 'follow' && open.items[0]?.follows === sn);
    if (job !== undefined) return { kind: 'job', job };
    const items = lanes.flatMap((lane) => lane.items.filter(({ follows }) => follows === sn));
    return { kind: 'follow', items: items.toSorted((a, b) => a.since - b.since), topic, tier };
  }

  #lane(topic: TopicKey, tier: Tier): Lane {
    const key = `${topic}|${tier}`;
    const known = this.#lanes.get(key);
    if (known !== undefined) return known;
    const lane: Lane = { topic, tier, items: [], open: undefined };
    this.#lanes.set(key, lane);
    return lane;
  }
}

function headOf(lane: Lane): number {
  return lane.open?.items[0]?.since ?? lane.items[0]?.since ?? Infinity;
}

/** A lane whose events are gathered for minutes is due that long after its oldest; the others are at once. */
function dueAt(lane: Lane): number {
  const head = lane.items[0];
  if (head === undefined) return Infinity;
  return typeof head.digest === 'number' ? head.since + head.digest * 60_000 : 0;
}

/** The lane's tier, raised for what has waited too long. Messages gathered for minutes begin to wait when due. */
function tierAt(lane: Lane, now: number): Tier {
  const since = Math.max(headOf(lane), dueAt(lane));
  return lane.tier === 2 && now - since > patienceMs ? 1 : lane.tier;
}

function isDue(lane: Lane, now: number): boolean {
  return lane.open !== undefined || dueAt(lane) <= now;
}

/** How many messages a lane would be if each were sent alone. */
function unitsOf(lane: Lane): number {
  const orders = new Set(lane.items.map(({ follows }) => follows).filter((sn) => sn !== undefined));
  return orders.size + lane.items.filter(({ follows }) => follows === undefined).length;
}

/** The fullest lanes, until what is left fits into a minute. Lanes with digests off are counted but left alone. */
export function lanesToDigest<L extends Lane>(lanes: readonly L[], perMinute: number): Set<L> {
  const units = new Map(lanes.map((lane) => [lane, unitsOf(lane)]));
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
