import { z } from 'zod';
import { createHash } from 'node:crypto';
import { systemClock } from '@shopee-webhook/runtime/clock';
import type { RedisConnection } from '../redis/connection.ts';
import { TokenFileError } from '../redis/errors.ts';
import type { Keys } from '../redis/keys.ts';
import { ShopTokens, TokenFile } from './token-file.ts';
import { storeTokensScript } from './token-scripts.ts';

type TokenKeys = Pick<Keys, 'tokens' | 'shops' | 'knownShops'>;

/** What a caller knows of a pair; `updatedAt` is the store's. */
export type NewShopTokens = Omit<ShopTokens, 'updatedAt'>;

/** When a store may replace what is there: always; only what was read at that time; only what is older. */
type WriteMode = 'new' | 'older' | number;

interface Provenance {
  mode: WriteMode;
  /** SHA-256 of the environment's refresh token. */
  seed?: string | undefined;
}

const maxSeeds = 20;
const refreshTokenLifetimeMs = 30 * 24 * 3_600_000;

/**
 * The shops' tokens, in Redis and in DATA_DIR/tokens.json. Both are written before a save resolves; the newer one counts,
 * and the other is brought up to date. Without Redis the file serves alone, and one process may refresh.
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
    this.#now = parts.now ?? systemClock.wallMs;
  }

  /** A shop's tokens; undefined when it was never connected. Served from the file while Redis is unavailable, and the other way round. */
  async get(shopId: string): Promise<ShopTokens | undefined> {
    const [filed, stored] = await Promise.all([
      this.#fromFile(shopId),
      this.#fromRedis(shopId).catch((error: unknown) => toError(error)),
    ]);
    if (stored instanceof Error) {
      if (filed === undefined || filed instanceof Error) throw stored;
      return filed;
    }
    if (filed instanceof Error) {
      if (stored === undefined) throw filed;
      return stored;
    }
    const newer = (stored?.updatedAt ?? 0) >= (filed?.updatedAt ?? 0) ? stored : filed;
    if (newer === undefined || this.#redis === undefined) return filed;
    if (newer !== filed && newer.updatedAt !== filed?.updatedAt) await this.#toFile(newer, { mode: 'older' });
    if (newer !== stored) await this.#toRedis(newer, { mode: 'older' });
    return newer;
  }

  /** All shops that were ever connected, by id. */
  async list(): Promise<ShopTokens[]> {
    const [filed, stored] = await Promise.allSettled([
      this.#file.read(),
      this.#redis?.smembers(this.#keys.shops) ?? [],
    ]);
    if (filed.status === 'rejected' && stored.status === 'rejected') throw toError(filed.reason);
    const ids = new Set([
      ...(filed.status === 'fulfilled' ? Object.keys(filed.value.shops) : []),
      ...(stored.status === 'fulfilled' ? stored.value : []),
    ]);
    const all = await Promise.all([...ids].sort().map((id) => this.get(id)));
    return all.filter((tokens) => tokens !== undefined);
  }

  /** Ids of shops that authorized the app or have events here, and were never connected. */
  async listShopsWithoutTokens(): Promise<string[]> {
    const [filed, stored] = await Promise.allSettled([
      this.#file.read(),
      this.#redis?.smembers(this.#keys.knownShops) ?? [],
    ]);
    if (filed.status === 'rejected' && stored.status === 'rejected') throw toError(filed.reason);
    const announced = new Set([
      ...(filed.status === 'fulfilled' ? filed.value.knownShops : []),
      ...(stored.status === 'fulfilled' ? stored.value : []),
    ]);
    const connected = new Set((await this.list()).map(({ shopId }) => shopId));
    return [...announced].filter((id) => !connected.has(id)).toSorted();
  }

  /** Notes a shop for `unconnected`; one that has tokens is not shown there. */
  async registerShop(shopId: string): Promise<void> {
    await this.#redis?.sadd(this.#keys.knownShops, shopId);
    await this.#file.update((book) =>
      book.knownShops.includes(shopId) ? undefined : { ...book, knownShops: [...book.knownShops, shopId] },
    );
  }

  /** Takes a shop out of `unconnected`: it took its authorization back. */
  async unregisterShop(shopId: string): Promise<void> {
    await this.#redis?.srem(this.#keys.knownShops, shopId);
    await this.#file.update((book) =>
      book.knownShops.includes(shopId)
        ? { ...book, knownShops: book.knownShops.filter((id) => id !== shopId) }
        : undefined,
    );
  }

  /**
   * Stores a new pair durably in both places before it resolves; use it only then. One place is enough if the other fails,
   * for a rotated pair must not be lost; both failing throws.
   */
  async save(tokens: NewShopTokens): Promise<void> {
    await this.#store(tokens, { mode: 'new' });
  }

  /**
   * Stores what `change` makes of a shop's tokens, as durably as `save`; it is called again when another process stored meanwhile, so
   * that a process that was frozen stores over nobody. It returns undefined to leave them as they are: the answer is then
   * false, as for a shop that was never connected.
   */
  async update(shopId: string, change: (tokens: ShopTokens) => NewShopTokens | undefined): Promise<boolean> {
    for (;;) {
      const tokens = await this.get(shopId);
      if (tokens === undefined) return false;
      const changed = change(tokens);
      if (changed === undefined) return false;
      if (await this.#store(changed, { mode: tokens.updatedAt })) return true;
    }
  }

  /**
   * Empties a shop's tokens in both places; what was taken from the environment is still not taken again. Only a new
   * connection brings tokens back.
   */
  async revoke(shopId: string, reason: string): Promise<void> {
    const nothing = { accessToken: '', refreshToken: '', accessExpiresAt: 0, refreshExpiresAt: 0 };
    await this.update(shopId, ({ shopName, region }) => {
      return { shopId, ...nothing, shopName, region, state: 'revoked', reason };
    });
  }

  /**
   * Takes the pair from the environment, once for each distinct refresh token: Shopee's rotate, so that the one in the
   * environment is used up after its first refresh. True when it was taken. The access token's age is unknown, so it is
   * marked for a refresh before its first use.
   */
  async seedFromEnv(env: { shopId: string; accessToken: string; refreshToken: string }): Promise<boolean> {
    const { shopId, accessToken, refreshToken } = env;
    const seed = createHash('sha256').update(refreshToken).digest('hex');
    // Redis may have come back empty, so what the file knows counts as well.
    const filed = await this.#file.read().catch(() => undefined);
    if (filed?.seeds[shopId]?.includes(seed) === true) return false;
    const { shopName, region, authorizationExpiresAt } = (await this.get(shopId)) ?? {};
    const refreshExpiresAt = this.#now() + refreshTokenLifetimeMs;
    const pair = { shopId, accessToken, refreshToken, accessExpiresAt: 0, refreshExpiresAt, state: 'active' as const };
    return this.#store({ ...pair, shopName, region, authorizationExpiresAt }, { mode: 'new', seed });
  }

  /** Redis first: it decides between processes. */
  async #store(tokens: NewShopTokens, from: Provenance): Promise<boolean> {
    const next = ShopTokens.parse({ ...tokens, updatedAt: this.#now() });
    if (this.#redis === undefined) return (await this.#toFile(next, from)) !== undefined;
    const time = await this.#toRedis(next, from).catch((error: unknown) => toError(error));
    if (time === undefined) return false;
    try {
      // The file only follows what Redis decided, unless it has to stand in for it. Whether a seed is used up it cannot say:
      // another machine may have written it to Redis alone. So that waits.
      if (time instanceof Error) return from.seed === undefined && (await this.#toFile(next, from)) !== undefined;
      await this.#toFile({ ...next, updatedAt: time }, { ...from, mode: 'older' });
    } catch (cause) {
      if (time instanceof Error) throw new AggregateError([time, cause], 'tokens could be stored nowhere', { cause });
    }
    return true;
  }

  async #fromRedis(shopId: string): Promise<ShopTokens | undefined> {
    if (this.#redis === undefined) return undefined;
    const [data, updatedAt] = await this.#redis.hmget(this.#keys.tokens(shopId), 'data', 'updatedAt');
    if (typeof data !== 'string') return undefined;
    return ShopTokens.parse({ ...z.looseObject({}).parse(JSON.parse(data)), updatedAt: Number(updatedAt) });
  }

  /** The time it got; undefined when it was rejected. */
  async #toRedis(tokens: ShopTokens, from: Provenance): Promise<number | undefined> {
    if (this.#redis === undefined) return tokens.updatedAt;
    const { shopId, updatedAt, state } = tokens;
    const time = await storeTokensScript.run(
      this.#redis,
      [this.#keys.tokens(shopId), this.#keys.shops],
      [shopId, JSON.stringify(tokens), updatedAt, state, from.mode, from.seed ?? '', maxSeeds],
    );
    return Number(time) === 0 ? undefined : Number(time);
  }

  async #fromFile(shopId: string): Promise<ShopTokens | TokenFileError | undefined> {
    try {
      return (await this.#file.read()).shops[shopId];
    } catch (error) {
      if (error instanceof TokenFileError) return error;
      throw error;
    }
  }

  /** As toRedis; the lock file stands in for the script. */
  async #toFile(tokens: ShopTokens, { mode, seed }: Provenance): Promise<number | undefined> {
    const { shopId } = tokens;
    let time: number | undefined;
    await this.#file.update((book) => {
      const at = book.shops[shopId]?.updatedAt ?? 0;
      const used = book.seeds[shopId] ?? [];
      if (seed !== undefined && used.includes(seed)) return undefined;
      const seeds = { ...book.seeds, [shopId]: seed === undefined ? used : [seed, ...used].slice(0, maxSeeds) };
      if (mode === 'older' ? at >= tokens.updatedAt : mode !== 'new' && at !== mode) {
        // Somebody who read the pair from Redis was quicker to bring it here; that its seed is used up he did not know.
        return mode === 'older' && seed !== undefined ? { ...book, seeds } : undefined;
      }
      time = mode === 'older' ? tokens.updatedAt : Math.max(tokens.updatedAt, at + 1);
      return { ...book, shops: { ...book.shops, [shopId]: { ...tokens, updatedAt: time } }, seeds };
    });
    return time;
  }
}

function toError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
