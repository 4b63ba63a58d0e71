import { z } from 'zod';
import { parseActivityEntry, activityTypes, type StoredActivityEntry, type ActivityEntry } from './activity-entry.ts';
import { blockingConnection, type RedisConnection } from '../redis/connection.ts';
import { maxActivityLength, type Keys } from '../redis/keys.ts';
import { defineScript, toFieldArgs, type ScriptArg } from '../redis/script.ts';

/** Reads a step that came over the wire. */
export const activityEntrySchema = z.object({
  id: z.string(),
  step: z.enum(activityTypes),
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
  shipBy: z.coerce.number().optional(),
});

/**
 * Steps as one text: to read a reply of some twenty values a step would hold up the answers to pushes.
 * KEYS 1 activity
 * ARGV 1 the entry after which to begin, 2 how many at most
 * Reply {the last one's entry id, JSON: [[entry id, [name, value, …]], …]}, or nothing when there is none
 */
const readScript = defineScript(
  `local entries = redis.call('XRANGE', KEYS[1], '(' .. ARGV[1], '+', 'COUNT', ARGV[2])
if #entries == 0 then return nil end
return { entries[#entries][1], cjson.encode(entries) }`,
  { readOnly: true },
);

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
  async append(steps: ActivityEntry[]): Promise<void> {
    const added = steps.map((step) =>
      this.#redis.xadd(this.#key, 'MAXLEN', '~', maxActivityLength, '*', ...toFieldArgs(step)),
    );
    await Promise.all(added);
  }

  /**
   * Reads up to `count` steps after the entry id `after` ('0' = from the start, '$' = from now on), oldest first.
   * With `blockMs` it waits that long for the first one.
   */
  async read(options: { after: string; count?: number; blockMs?: number }): Promise<StoredActivityEntry[]> {
    const { after, count = 1_000, blockMs } = options;
    if (blockMs === undefined || blockMs <= 0) {
      return parseReply(await this.#redis.xread('COUNT', count, 'STREAMS', this.#key, after));
    }
    this.#blocking ??= blockingConnection(this.#redis);
    return parseReply(await this.#blocking.xread('COUNT', count, 'BLOCK', blockMs, 'STREAMS', this.#key, after));
  }

  /**
   * As `read`, for whom the steps are only to be passed on: as the text that `parseSteps` reads, and the last one's entry id;
   * undefined when none came. `after` is an entry's id or '0'.
   */
  async readText(options: {
    after: string;
    count: number;
    blockMs: number;
  }): Promise<{ text: string; lastEntryId: string } | undefined> {
    const { after, count, blockMs } = options;
    this.#blocking ??= blockingConnection(this.#redis);
    // Not where pushes go to Redis: their answers would come after so long a one.
    const redis = this.#blocking;
    const read = async () =>
      (await readScript.run(redis, [this.#key], [after, count])) as [lastEntryId: string, text: string] | null;
    let reply = await read();
    if (reply === null && (await this.read({ after, count: 1, blockMs })).length > 0) reply = await read();
    return reply === null ? undefined : { lastEntryId: reply[0], text: reply[1] };
  }

  /** The newest `count` steps, newest first; those before the entry id `before`, when one is given. */
  async listLatest(count: number, before?: string): Promise<StoredActivityEntry[]> {
    const end = before === undefined ? '+' : `(${before}`;
    const entries = await this.#redis.xrevrange(this.#key, end, '-', 'COUNT', count);
    return entries.flatMap(([entryId, fields]) => parseActivityEntry(entryId, fields));
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

/** Activity entries as the scripts read them: how many, then each as a count of fields and the fields. */
export function activityArgs(entries: ActivityEntry[]): ScriptArg[] {
  const args: ScriptArg[] = [entries.length];
  for (const entry of entries) {
    const fields = toFieldArgs(entry);
    args.push(fields.length, ...fields);
  }
  return args;
}

function parseReply(reply: [key: string, entries: [id: string, fields: string[]][]][] | null): StoredActivityEntry[] {
  return (reply ?? []).flatMap(([, entries]) => entries.flatMap(([id, fields]) => parseActivityEntry(id, fields)));
}
