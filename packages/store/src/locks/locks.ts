import { randomBytes } from 'node:crypto';
import { systemClock } from '@shopee-webhook/runtime/clock';
import type { RedisConnection } from '../redis/connection.ts';
import type { Keys } from '../redis/keys.ts';
import { defineScript } from '../redis/script.ts';

/** A held lock. It ends by itself after its time unless renewed. */
export interface Lease {
  /** Grows with each acquisition of the same name: whoever stores under the lock can reject a smaller number. */
  readonly fencingToken: number;
  /** The holder before this one never gave it up: it died with it, or was stopped for longer than its time. */
  readonly previousHolderCrashed: boolean;
  /** False once it was released or lost, or its time is over by our own clock. */
  readonly held: boolean;
  /** Renews its time; false when another has it by now. */
  renew(): Promise<boolean>;
  /** Gives it up; nothing happens when another has it by now. */
  release(): Promise<void>;
}

export interface Locks {
  /** The lock, or undefined while another has it. */
  acquire(name: string, ttlMs: number): Promise<Lease | undefined>;
}

// A full Redis has to be emptied, and that takes locks: these run all the same.

/**
 * KEYS 1 lock, 2 fencing numbers; ARGV 1 secret, 2 ttl ms, 3 name
 * Reply {its fencing number, or 0 when it is held; 1 when its last holder did not give it up}
 */
const acquireScript = defineScript(
  `
if not redis.call('SET', KEYS[1], ARGV[1], 'NX', 'PX', ARGV[2]) then return { 0, 0 } end
local abandoned = redis.call('HSET', KEYS[2], ARGV[3] .. ' held', 1) == 0
return { redis.call('HINCRBY', KEYS[2], ARGV[3], 1), abandoned and 1 or 0 }
`,
  { allowOutOfMemory: true },
);

/** KEYS 1 lock; ARGV 1 secret, 2 ttl ms; reply 1 when it was ours */
const renewScript = defineScript(
  `
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('PEXPIRE', KEYS[1], ARGV[2])
`,
  { allowOutOfMemory: true },
);

/** KEYS 1 lock, 2 fencing numbers; ARGV 1 secret, 2 name; reply 1 when it was ours */
const releaseScript = defineScript(
  `
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('HDEL', KEYS[2], ARGV[2] .. ' held')
return redis.call('DEL', KEYS[1])
`,
  { allowOutOfMemory: true },
);

/** Locks across all processes, in Redis. */
export class RedisLocks implements Locks {
  readonly #redis: RedisConnection;
  readonly #keys: Pick<Keys, 'lock' | 'fencingTokens'>;

  constructor(parts: { redis: RedisConnection; keys: Pick<Keys, 'lock' | 'fencingTokens'> }) {
    this.#redis = parts.redis;
    this.#keys = parts.keys;
  }

  async acquire(name: string, ttlMs: number): Promise<Lease | undefined> {
    const redis = this.#redis;
    const key = this.#keys.lock(name);
    const secret = randomBytes(16).toString('base64url');
    // Counted from before the request: we must not think longer than Redis that we have it.
    let until = systemClock.monotonicMs() + ttlMs;
    const { fencingTokens } = this.#keys;
    const reply = await acquireScript.run(redis, [key, fencingTokens], [secret, ttlMs, name]);
    const [fencingToken, abandoned] = reply as [number, number];
    if (fencingToken === 0) return undefined;
    return {
      fencingToken,
      previousHolderCrashed: abandoned === 1,
      get held() {
        return systemClock.monotonicMs() < until;
      },
      async renew() {
        const requestedAt = systemClock.monotonicMs();
        const ours = (await renewScript.run(redis, [key], [secret, ttlMs])) === 1;
        until = ours ? requestedAt + ttlMs : 0;
        return ours;
      },
      async release() {
        until = 0;
        await releaseScript.run(redis, [key, fencingTokens], [secret, name]);
      },
    };
  }
}

/** The same within one process, for when there is no Redis: then only one worker runs. */
export class LocalLocks implements Locks {
  readonly #leases = new Map<string, { fencing: number; until: number }>();
  readonly #fencingTokens = new Map<string, number>();

  async acquire(name: string, ttlMs: number): Promise<Lease | undefined> {
    const held = this.#leases;
    if ((held.get(name)?.until ?? 0) > systemClock.monotonicMs()) return undefined;
    const previousHolderCrashed = held.has(name);
    const fencingToken = (this.#fencingTokens.get(name) ?? 0) + 1;
    this.#fencingTokens.set(name, fencingToken);
    held.set(name, { fencing: fencingToken, until: systemClock.monotonicMs() + ttlMs });
    const mine = () => {
      const entry = held.get(name);
      return entry?.fencing === fencingToken && entry.until > systemClock.monotonicMs();
    };
    return {
      fencingToken,
      previousHolderCrashed,
      get held() {
        return mine();
      },
      async renew() {
        if (!mine()) return false;
        held.set(name, { fencing: fencingToken, until: systemClock.monotonicMs() + ttlMs });
        return true;
      },
      async release() {
        if (held.get(name)?.fencing === fencingToken) held.delete(name);
      },
    };
  }
}

/** Runs `work` under the lock and keeps it renewed; undefined, without running it, while another has it. */
export async function withLock<T>(
  locks: Locks,
  name: string,
  options: { ttlMs: number; work: (lease: Lease) => Promise<T> },
): Promise<{ result: T } | undefined> {
  const { ttlMs, work } = options;
  const lease = await locks.acquire(name, ttlMs);
  if (lease === undefined) return undefined;
  const timer = setInterval(() => {
    // A failed renewal shows in lease.held, which the work asks before each step that must not be done twice.
    lease.renew().catch(() => undefined);
  }, ttlMs / 3);
  try {
    return { result: await work(lease) };
  } finally {
    clearInterval(timer);
    // Redis may be away: the lock then ends by its own time.
    await lease.release().catch(() => undefined);
  }
}
