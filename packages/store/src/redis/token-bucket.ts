import type { RedisConnection } from './connection.ts';
import { defineScript } from './script.ts';

export interface TokenBucketDeps {
  redis: RedisConnection;
  /** From `keys.bucket(name)`. */
  key: string;
  /** Tokens that a full bucket holds. */
  burst: number;
  /** A token comes back every so many ms. */
  intervalMs: number;
}

/**
 * KEYS 1 bucket: when it will be full again, ms; ARGV 1 interval ms, 2 burst; reply ms to wait for the token that was taken.
 * The generic cell rate algorithm: one number tells how many tokens are left.
 */
const takeScript = defineScript(
  `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local full = math.max(tonumber(redis.call('GET', KEYS[1]) or '0'), now)
local wait = math.max(0, full - now - (ARGV[2] - 1) * ARGV[1])
full = full + ARGV[1]
redis.call('SET', KEYS[1], string.format('%.0f', full), 'PX', string.format('%.0f', full - now + 1000))
return wait
`,
  // A full Redis must be emptied, and what empties it asks here.
  { allowOutOfMemory: true },
);

/** KEYS 1 bucket; ARGV 1 interval ms, 2 burst; reply tokens that are left */
const remainingScript = defineScript(
  `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local full = math.max(tonumber(redis.call('GET', KEYS[1]) or '0'), now)
return math.max(0, math.floor(ARGV[2] - (full - now) / ARGV[1]))
`,
  { allowOutOfMemory: true },
);

/** KEYS 1 bucket; ARGV 1 interval ms, 2 burst, 3 pause ms; reply 1 */
const pauseScript = defineScript(
  `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local full = math.max(tonumber(redis.call('GET', KEYS[1]) or '0'), now + ARGV[3] + (ARGV[2] - 1) * ARGV[1])
redis.call('SET', KEYS[1], string.format('%.0f', full), 'PX', string.format('%.0f', full - now + 1000))
return 1
`,
  { allowOutOfMemory: true },
);

/** A token bucket over all processes: what one of them takes, the others have no more. */
export class RedisTokenBucket {
  readonly #deps: TokenBucketDeps;

  constructor(parts: TokenBucketDeps) {
    this.#deps = parts;
  }

  /** Takes a token and answers after how many ms it may be used: callers stand in line. */
  async takeToken(): Promise<number> {
    const { redis, key, intervalMs, burst } = this.#deps;
    return Number(await takeScript.run(redis, [key], [intervalMs, burst]));
  }

  /** How many tokens may be used at once; takes none. */
  async remaining(): Promise<number> {
    const { redis, key, intervalMs, burst } = this.#deps;
    return Number(await remainingScript.run(redis, [key], [intervalMs, burst]));
  }

  /** No token may be used for so long. */
  async pause(ms: number): Promise<void> {
    const { redis, key, intervalMs, burst } = this.#deps;
    await pauseScript.run(redis, [key], [intervalMs, burst, Math.ceil(ms)]);
  }
}
