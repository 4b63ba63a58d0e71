import { z } from 'zod';
import { blockingConnection, type RedisConnection } from './connection.ts';
import type { Keys } from './keys.ts';

const stepNames = [
  'queued',
  'duplicate',
  'spooled',
  'taken',
  'fetched',
  'written',
  'handled',
  'retried',
  'dead-lettered',
  'replayed',
  'discarded',
  'returned',
  'notified',
  'refused',
] as const;

export type StepName = (typeof stepNames)[number];

/** One thing that happened to one event. Holds no personal data. */
export interface ActivityStep {
  /** The message's id. */
  id: string;
  step: StepName;
  /** ms; without it the time at which Redis stored the step. */
  at?: number | undefined;
  code?: number | undefined;
  shop?: string | undefined;
  sn?: string | undefined;
  /** How long it took. */
  ms?: number | undefined;
  row?: number | undefined;
  reason?: string | undefined;
  error?: string | undefined;
  attempt?: number | undefined;
  /** With `queued`: where it came from, when that is not a push that was just received. */
  source?: string | undefined;
  /** With `handled`: what the order was then, for the day's takings. Amounts in the currency's own unit. */
  status?: string | undefined;
  region?: string | undefined;
  currency?: string | undefined;
  total?: number | undefined;
  /** What Shopee pays out for it. */
  net?: number | undefined;
  /** When it was placed, ms. */
  placed?: number | undefined;
}

/** A step as read back, with its place in the stream. */
export interface ActivityEntry extends ActivityStep {
  entryId: string;
  at: number;
}

/** The stream keeps about this many steps. */
export const activityLength = 100_000;

/** Errors may be long; the whole text is in the dead letter. */
const longestField = 500;

/** Reads a step that came over the wire. */
export const activityStep = z.object({
  id: z.string(),
  step: z.enum(stepNames),
  at: z.coerce.number().optional(),
  code: z.coerce.number().optional(),
  shop: z.string().optional(),
  sn: z.string().optional(),
  ms: z.coerce.number().optional(),
  row: z.coerce.number().optional(),
  reason: z.string().optional(),
  error: z.string().optional(),
  attempt: z.coerce.number().optional(),
  source: z.string().optional(),
  status: z.string().optional(),
  region: z.string().optional(),
  currency: z.string().optional(),
  total: z.coerce.number().optional(),
  net: z.coerce.number().optional(),
  placed: z.coerce.number().optional(),
});

/** What happened to each event, in order: a stream that every forwarder tails into its own history. */
export class ActivityLog {
  readonly #redis: RedisConnection;
  readonly #key: string;
  #blocking: RedisConnection | undefined;

  constructor(parts: { redis: RedisConnection; keys: Pick<Keys, 'activity'> }) {
    this.#redis = parts.redis;
    this.#key = parts.keys.activity;
  }

  /** Appends steps that belong to no change in the queue; those that do are written by the change itself. */
  async append(steps: ActivityStep[]): Promise<void> {
    const added = steps.map((step) =>
      this.#redis.xadd(this.#key, 'MAXLEN', '~', activityLength, '*', ...fieldsOf(step)),
    );
    await Promise.all(added);
  }

  /**
   * Reads up to `count` steps after the entry id `after` ('0' = from the start, '$' = from now on), oldest first.
   * With `blockMs` it waits that long for the first one.
   */
  async read(options: { after: string; count?: number; blockMs?: number }): Promise<ActivityEntry[]> {
    const { after, count = 1_000, blockMs } = options;
    if (blockMs === undefined || blockMs <= 0) {
      return parseReply(await this.#redis.xread('COUNT', count, 'STREAMS', this.#key, after));
    }
    this.#blocking ??= blockingConnection(this.#redis);
    return parseReply(await this.#blocking.xread('COUNT', count, 'BLOCK', blockMs, 'STREAMS', this.#key, after));
  }

  /** The newest `count` steps, newest first; those before the entry id `before`, when one is given. */
  async latest(count: number, before?: string): Promise<ActivityEntry[]> {
    const end = before === undefined ? '+' : `(${before}`;
    const entries = await this.#redis.xrevrange(this.#key, end, '-', 'COUNT', count);
    return entries.flatMap(([entryId, fields]) => parseEntry(entryId, fields));
  }

  /** The id of the newest entry, or '0' when there is none: where to begin to tail from now on. */
  async lastEntryId(): Promise<string> {
    const [newest] = await this.#redis.xrevrange(this.#key, '+', '-', 'COUNT', 1);
    return newest?.[0] ?? '0';
  }

  /** Removes steps stored before `at` (ms by Redis' clock), to within some hundred. */
  async removeBefore(at: number): Promise<void> {
    await this.#redis.xtrim(this.#key, 'MINID', '~', String(Math.max(0, Math.floor(at))));
  }

  /** Ends a read that is waiting, and its connection. */
  close(): void {
    this.#blocking?.disconnect();
    this.#blocking = undefined;
  }
}

/** A step as the stream's field names and values, in turns. */
export function fieldsOf(step: Partial<ActivityStep>): string[] {
  return Object.entries(step).flatMap(([name, value]) =>
    value === undefined ? [] : [name, String(value).slice(0, longestField)],
  );
}

function parseReply(reply: [key: string, entries: [id: string, fields: string[]][]][] | null): ActivityEntry[] {
  return (reply ?? []).flatMap(([, entries]) => entries.flatMap(([id, fields]) => parseEntry(id, fields)));
}

/** Nothing for an entry that some other program wrote. */
function parseEntry(entryId: string, fields: string[]): ActivityEntry[] {
  const pairs = fields.flatMap((name, index) => (index % 2 === 0 ? [[name, fields[index + 1]]] : []));
  const parsed = activityStep.safeParse(Object.fromEntries(pairs));
  if (!parsed.success) return [];
  const at = parsed.data.at ?? Number(entryId.split('-', 1)[0]);
  return [{ ...parsed.data, entryId, at }];
}
