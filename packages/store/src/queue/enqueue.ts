import type { ActivityEntry } from '../activity/activity-entry.ts';
import { buildMessage, newMessageId } from '../messages/message.ts';
import type { RedisConnection } from '../redis/connection.ts';
import { maxActivityLength, type QueueKeys } from '../redis/keys.ts';
import { clockLua } from '../redis/lua-prelude.ts';
import type { Replication } from '../redis/replication.ts';
import { defineScript, toFieldArgs, type ScriptArg } from '../redis/script.ts';

export interface EnqueueOptions {
  id?: string | undefined;
  /** With it a payload that was accepted within `dedupeSeconds` is not queued again. */
  digest?: string | undefined;
  /** Default 6 h. */
  dedupeSeconds?: number | undefined;
  maxRetries?: number | undefined;
  source?: string | undefined;
  /** ms; when it was accepted, if that is not now (a spooled push). */
  enqueuedAt?: number | undefined;
  /** The fields of its activity entry; without it none is written. */
  activity?: Pick<ActivityEntry, 'at' | 'code' | 'shop' | 'sn'> | undefined;
}

export interface EnqueueRequest extends EnqueueOptions {
  /** The JSON text of an object. */
  payloadText: string;
}

/** `id` of a duplicate is the message that was accepted before. */
export interface EnqueueResult {
  kind: 'enqueued' | 'duplicate';
  id: string;
}

/** The queue that messages go to. */
export interface EnqueueTarget {
  redis: RedisConnection;
  keys: QueueKeys;
  /** The activity stream; without it no entries are written. */
  activityKey?: string | undefined;
  /** Confirms each enqueue; without it the reply of Redis is enough. */
  replication?: Replication | undefined;
}

export const defaultDedupeSeconds = 6 * 3600;

/**
 * Enqueues messages, each unless its digest was seen: all that are not repeats, or none. Every push runs it, so it is short.
 * KEYS 1 main, 2 stats, 3 activity, then one for each message: its seen key, or stats for one without a digest
 * ARGV for each message: its text up to the time; what follows the time ('': the text has its time); its id; how many seconds
 * its digest counts as seen ('' without one); the number of fields and values of its activity entry (0: none); these
 * Reply for each message 1 (enqueued) or 0 (a repeat), and its id or that of the message that was accepted before
 */
const enqueueScript = defineScript(`${clockLua}
local ms = now()
local reply, texts, fresh, entries = {}, {}, {}, {}
local at, last = 1, #KEYS
for i = 4, last do
  local head, tail, id, ttl, fields = ARGV[at], ARGV[at + 1], ARGV[at + 2], ARGV[at + 3], tonumber(ARGV[at + 4])
  local known = ttl ~= '' and redis.pcall('SET', KEYS[i], id, 'EX', ttl, 'NX', 'GET')
  -- Another program broke the key: a duplicate is better than a loss.
  if type(known) == 'table' then known = false end
  if not known then
    texts[#texts + 1] = tail == '' and head or head .. ms .. tail
    if ttl ~= '' then fresh[#fresh + 1] = KEYS[i] end
  end
  reply[#reply + 1] = known and 0 or 1
  reply[#reply + 1] = known or id
  if fields > 0 then entries[#entries + 1] = { known or id, known and 'duplicate' or 'queued', at + 5, at + 4 + fields } end
  at = at + 5 + fields
end
if #texts > 0 then
  local pushed = redis.pcall('LPUSH', KEYS[1], unpack(texts))
  if type(pushed) == 'table' then
    -- What was not enqueued must not count as seen.
    if #fresh > 0 then redis.call('DEL', unpack(fresh)) end
    return pushed
  end
  redis.pcall('HINCRBY', KEYS[2], 'total_enqueued', #texts)
end
redis.pcall('HINCRBY', KEYS[2], 'total_received', last - 3)
if #texts < last - 3 then redis.pcall('HINCRBY', KEYS[2], 'total_duplicates', last - 3 - #texts) end
for _, entry in ipairs(entries) do
  redis.pcall('XADD', KEYS[3], 'MAXLEN', '~', ${maxActivityLength}, '*', 'id', entry[1], 'step', entry[2], unpack(ARGV, entry[3], entry[4]))
end
return reply
`);

/** Enqueues up to 1,000 payloads in one step: all that are no repeats, in this order, or none. Redis has them when this resolves. */
export async function enqueueAll(
  { redis, keys, activityKey, replication }: EnqueueTarget,
  requests: readonly EnqueueRequest[],
): Promise<EnqueueResult[]> {
  const { main, stats, seen } = keys;
  const seenKeys = requests.map(({ digest }) => (digest === undefined ? stats : seen(digest)));
  const args: ScriptArg[] = [];
  for (const request of requests) {
    const { payloadText, digest, id = newMessageId(), dedupeSeconds = defaultDedupeSeconds } = request;
    const { maxRetries, source, enqueuedAt } = request;
    const text = buildMessage(id, payloadText, { enqueued_at: enqueuedAt, max_retries: maxRetries, source });
    const [head = '', tail = ''] = text.split('\0');
    const activity = activityKey === undefined ? undefined : request.activity;
    const fields = activity ? toFieldArgs({ ...activity, source: source === 'push' ? undefined : source }) : [];
    args.push(head, tail, id, digest === undefined ? '' : dedupeSeconds, fields.length, ...fields);
  }
  const reply = (await enqueueScript.run(redis, [main, stats, activityKey ?? stats, ...seenKeys], args)) as (
    number | string
  )[];
  // For a duplicate too: the first one may not be on the replicas yet.
  await replication?.confirm();
  return requests.map((_, index) => ({
    kind: reply[2 * index] === 1 ? 'enqueued' : 'duplicate',
    id: String(reply[2 * index + 1]),
  }));
}

interface PendingEnqueue {
  request: EnqueueRequest;
  resolve: (enqueued: EnqueueResult) => void;
  reject: (error: unknown) => void;
}

/** Redis does nothing else meanwhile, so a batch takes some milliseconds only. */
const maxBatchPushes = 500;
/** Characters; a push may be as large as 1 MiB. */
const maxBatchChars = 4 * 1024 * 1024;

/** Makes each call to Redis, or rejects without making it. */
interface EnqueueBreaker {
  run<T>(work: () => Promise<T>): Promise<T>;
}

/**
 * Group commit: pushes that arrive while a write is in flight go to Redis together, as one script and one fsync; a push
 * that comes alone goes at once. Not dataloader: its batches end with the turn of the event loop, whatever is in flight.
 */
export class EnqueueBatcher {
  readonly #target: EnqueueTarget;
  readonly #breaker: EnqueueBreaker;
  #pending: PendingEnqueue[] = [];
  #sending = false;

  constructor(target: EnqueueTarget, breaker: EnqueueBreaker) {
    this.#target = target;
    this.#breaker = breaker;
  }

  /** Resolves when Redis has it; rejects with the error of its whole batch. */
  enqueue(request: EnqueueRequest): Promise<EnqueueResult> {
    return new Promise((resolve, reject) => {
      this.#pending.push({ request, resolve, reject });
      if (this.#sending) return;
      this.#sending = true;
      // Pushes of the same turn of the event loop go together.
      setImmediate(() => void this.#drain());
    });
  }

  /** Never rejects. */
  async #drain(): Promise<void> {
    while (this.#pending.length > 0) {
      const batch = this.#nextBatch();
      try {
        const results = await this.#breaker.run(() =>
          enqueueAll(
            this.#target,
            batch.map(({ request }) => request),
          ),
        );
        for (const [index, { resolve, reject }] of batch.entries()) {
          const enqueued = results[index];
          if (enqueued === undefined) reject(new Error('Redis returned no result for a message'));
          else resolve(enqueued);
        }
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
    this.#sending = false;
  }

  #nextBatch(): PendingEnqueue[] {
    let text = 0;
    const end = this.#pending.findIndex(({ request }, index) => {
      text += request.payloadText.length;
      return index > 0 && (index >= maxBatchPushes || text > maxBatchChars);
    });
    return this.#pending.splice(0, end === -1 ? this.#pending.length : end);
  }
}
