import { createHash } from 'node:crypto';
import type { RedisConnection } from './connection.ts';
import type { Keys } from './keys.ts';
import { defineScript } from './script.ts';
import { ShopTokens, TokenFile } from './token-file.ts';

type TokenKeys = Pick<Keys, 'tokens' | 'shops'>;

/** What a caller knows of a pair; `updatedAt` is the store's. */
export type NewShopTokens = Omit<ShopTokens, 'updatedAt'>;

/**
 * Stores a shop's tokens unless what is there is newer, or was stored under a later lock.
 * KEYS 1 tokens, 2 shops; ARGV 1 shop, 2 updatedAt, 3 fencing number or 0, then fields and values; reply 1 when stored
 */
const storeScript = defineScript(`
local at, fencing = redis.call('HGET', KEYS[1], 'updatedAt'), redis.call('HGET', KEYS[1], 'fencing')
if at and tonumber(at) > tonumber(ARGV[2]) then return 0 end
if ARGV[3] ~= '0' and fencing and tonumber(fencing) > tonumber(ARGV[3]) then return 0 end
local seeds = redis.call('HGET', KEYS[1], 'seeds')
redis.call('DEL', KEYS[1])
redis.call('HSET', KEYS[1], 'fencing', ARGV[3] ~= '0' and ARGV[3] or fencing or '0', unpack(ARGV, 4))
if seeds then redis.call('HSET', KEYS[1], 'seeds', seeds) end
redis.call('SADD', KEYS[2], ARGV[1])
return 1
`);

const seedsKept = 20;

/**
 * The shops' tokens, in Redis and in DATA_DIR/tokens.json. Both are written before a save resolves; the newer one counts,
 * and the other is brought up to date. Without Redis the file serves alone.
 */
export class TokenStore {
  readonly #redis: RedisConnection | undefined;
  readonly #keys: TokenKeys;
  readonly #file: TokenFile;
  readonly #now: () => number;

  constructor(parts: { redis?: RedisConnection | undefined; keys: TokenKeys; dataDir: string; now?: () => number }) {
    this.#redis = parts.redis;
    this.#keys = parts.keys;
    this.#file = new TokenFile(parts.dataDir);
    this.#now = parts.now ?? Date.now;
  }

  /** A shop's tokens; undefined when it was never connected. Served from the file while Redis is away. */
  async get(shopId: string): Promise<ShopTokens | undefined> {
    const filed = (await this.#file.read()).shops[shopId];
    const kept = await this.#fromRedis(shopId).catch((error: unknown) => {
      if (filed === undefined) throw error;
      return 'away' as const;
    });
    if (kept === 'away') return filed;
    if (kept !== undefined && (filed === undefined || kept.updatedAt > filed.updatedAt)) {
      await this.#toFile(kept);
      return kept;
    }
    if (filed !== undefined && this.#redis !== undefined && filed.updatedAt > (kept?.updatedAt ?? 0)) {
      await this.#toRedis(filed, 0);
    }
    return filed;
  }

  /** All shops that were ever connected, by id. */
  async list(): Promise<ShopTokens[]> {
    const filed = Object.keys((await this.#file.read()).shops);
    // While Redis is away the file tells.
    const kept = (await this.#redis?.smembers(this.#keys.shops).catch(() => [])) ?? [];
    const ids = [...new Set([...filed, ...kept])].sort();
    const all = await Promise.all(ids.map((id) => this.get(id)));
    return all.filter((tokens) => tokens !== undefined);
  }

  /**
   * Stores a pair durably in both places before it resolves; use it only then. One place is enough if the other fails,
   * for a rotated pair must not be thrown away; both failing throws. `fencing`, of the lock it was fetched under, keeps a
   * process that was frozen from storing over its successor: the answer is then false.
   */
  async save(tokens: NewShopTokens, options: { fencing?: number } = {}): Promise<boolean> {
    const previous = await this.get(tokens.shopId).catch(() => undefined);
    // Clocks of two machines differ; a later save must not look older.
    const next = { ...tokens, updatedAt: Math.max(this.#now(), (previous?.updatedAt ?? 0) + 1) };
    if (this.#redis === undefined) {
      await this.#toFile(next);
      return true;
    }
    // Redis first: it knows the fencing number.
    const stored = await this.#toRedis(next, options.fencing ?? 0).catch((error: unknown) => toError(error));
    if (stored === false) return false;
    try {
      await this.#toFile(next);
    } catch (cause) {
      if (stored instanceof Error)
        throw new AggregateError([stored, cause], 'tokens could be stored nowhere', { cause });
    }
    return true;
  }

  /** Notes that a shop's authorisation works, or why it does not. */
  async setState(shopId: string, state: ShopTokens['state'], reason?: string): Promise<void> {
    const tokens = await this.get(shopId);
    if (tokens === undefined) return;
    await this.save({ ...tokens, state, reason });
  }

  /**
   * Takes the pair from the environment, once for each distinct refresh token: Shopee's rotate, so that the one in the
   * environment is used up after its first refresh. True when it was taken. The access token's age is unknown, so it is
   * marked for a refresh before its first use.
   */
  async seed(env: { shopId: string; accessToken: string; refreshToken: string }): Promise<boolean> {
    const { shopId, accessToken, refreshToken } = env;
    const hash = createHash('sha256').update(refreshToken).digest('hex');
    const used = (await this.#file.read()).seeds[shopId] ?? [];
    const usedInRedis = await this.#redis?.hget(this.#keys.tokens(shopId), 'seeds');
    if (used.includes(hash) || (usedInRedis ?? '').split(',').includes(hash)) return false;
    const known = await this.get(shopId);
    const refreshExpiresAt = this.#now() + 30 * 24 * 3_600_000;
    const fresh = { accessToken, refreshToken, accessExpiresAt: 0, refreshExpiresAt, state: 'active' as const };
    await this.save({ ...known, shopId, ...fresh, reason: undefined });
    const seeds = [...used, hash].slice(-seedsKept);
    await this.#file.update((book) => ({ ...book, seeds: { ...book.seeds, [shopId]: seeds } }));
    await this.#redis?.hset(this.#keys.tokens(shopId), 'seeds', seeds.join(','));
    return true;
  }

  async #fromRedis(shopId: string): Promise<ShopTokens | undefined> {
    const fields = await this.#redis?.hgetall(this.#keys.tokens(shopId));
    const data = fields?.['data'];
    return data === undefined ? undefined : ShopTokens.parse(JSON.parse(data));
  }

  async #toRedis(tokens: ShopTokens, fencing: number): Promise<boolean> {
    if (this.#redis === undefined) return true;
    const { shopId, updatedAt, state, accessExpiresAt } = tokens;
    // `data` is what we read; the others are for a person with redis-cli.
    const fields = { data: JSON.stringify(tokens), updatedAt, state, accessExpiresAt };
    const stored = await storeScript.run(
      this.#redis,
      [this.#keys.tokens(shopId), this.#keys.shops],
      [shopId, updatedAt, fencing, ...Object.entries(fields).flat()],
    );
    return stored === 1;
  }

  async #toFile(tokens: ShopTokens): Promise<void> {
    await this.#file.update((book) => {
      if ((book.shops[tokens.shopId]?.updatedAt ?? 0) > tokens.updatedAt) return undefined;
      return { ...book, shops: { ...book.shops, [tokens.shopId]: tokens } };
    });
  }
}

function toError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
