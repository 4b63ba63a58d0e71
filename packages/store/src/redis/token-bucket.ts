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
 * Reads the bucket: `full`, when it will be full again. A clock that was set back since it was written must not make it wait
 * as much longer, so that time is stored beside it.
 */
const readLua = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local full, written = string.match(redis.call('GET', KEYS[1]) or '', '^(%d+):(%d+)$')
full, written = tonumber(full or '0'), tonumber(written or '0')
if now < written then full = full - (written - now) end
full = math.max(full, now)
local function write()
  redis.call('SET', KEYS[1], string.format('%.0f:%.0f', full, now), 'PX', string.format('%.0f', full - now + 1000))
end
`;

/**
 * KEYS 1 bucket; ARGV 1 interval ms, 2 burst; reply ms to wait for the token that was taken.
 * The generic cell rate algorithm: one number says how many tokens remain.
 */
const takeScript = defineScript(
  `${readLua}
local wait = math.max(0, full - now - (ARGV[2] - 1) * ARGV[1])
full = full + ARGV[1]
write()
return wait
`,
  // A full Redis must be drained, and draining it takes tokens.
  { allowOutOfMemory: true },
);

/** KEYS 1 bucket; ARGV 1 interval ms, 2 burst; reply tokens that remain */
const remainingScript = defineScript(`${readLua} return math.max(0, math.floor(ARGV[2] - (full - now) / ARGV[1]))`, {
  allowOutOfMemory: true,
});

/** KEYS 1 bucket; ARGV 1 interval ms, 2 burst, 3 pause ms; reply 1 */
const pauseScript = defineScript(
  `${readLua}
full = math.max(full, now + ARGV[3] + (ARGV[2] - 1) * ARGV[1])
write()
return 1
`,
  { allowOutOfMemory: true },
);

/**
 * A token bucket that all processes share. Not rate-limiter-flexible: that counts calls in fixed windows and rejects what is
 * beyond; here a caller gets the time at which its token is good, and a pause holds for all.
 */
export class RedisTokenBucket {
  readonly #deps: TokenBucketDeps;

  constructor(deps: TokenBucketDeps) {
    this.#deps = deps;
  }

  /** Takes a token; returns after how many ms it may be used: callers queue up. */
  async takeToken(): Promise<number> {
    const { redis, key, intervalMs, burst } = this.#deps;
    return Number(await takeScript.run(redis, [key], [intervalMs, burst]));
  }

  /** How many tokens may be used now; takes none. */
  async remaining(): Promise<number> {
    const { redis, key, intervalMs, burst } = this.#deps;
    return Number(await remainingScript.run(redis, [key], [intervalMs, burst]));
  }

  /** No token may be used for that long. */
  async pause(ms: number): Promise<void> {
    const { redis, key, intervalMs, burst } = this.#deps;
    await pauseScript.run(redis, [key], [intervalMs, burst, Math.ceil(ms)]);
  }
}
