import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '@shopee-webhook/runtime';
import { ShopeeError, type ShopAuth, type ShopeeClient } from '@shopee-webhook/shopee';
import {
  withLock,
  type Lease,
  type Locks,
  type NewShopTokens,
  type ShopTokens,
  type TokenStore,
} from '@shopee-webhook/store';
import type { Alarms } from '../alarms.ts';
import { SideUnavailableError } from '../errors.ts';
import { shopSide } from '../outages/gates.ts';
import { isDue } from './token-life.ts';

export interface TokenKeeperOptions {
  tokens: Pick<TokenStore, 'get' | 'list' | 'save' | 'announce'>;
  locks: Locks;
  shopee: Pick<ShopeeClient, 'refreshTokens'>;
  alarms: Alarms;
  logger: Logger;
  now?: () => number;
  /** How long to wait for another process that is changing the same shop's tokens, ms. */
  patienceMs?: number;
}

/** The lock is kept while a refresh goes on, however long; of a process that dies it stands this long at most. */
const leaseMs = 10_000;
const pollMs = 200;
const uselessMs = 60_000;

/**
 * Gives calls their shop's access token, and is the only one to renew it.
 *
 * A refresh token can be used once (Shopee guide 20), so: one refresh per shop at a time, in this process by a shared
 * promise and across processes by a lock; the new pair is stored (Redis and file, fsync'd) before anybody uses it.
 * Shopee answers a refresh token that it has already exchanged with the same new pair for about four hours (FAQ 144),
 * so an answer that was lost on the way, or with a crash before it was stored, comes back when the old token, which is
 * still what the store holds, is sent again.
 */
export class TokenKeeper {
  readonly #options: TokenKeeperOptions;
  readonly #now: () => number;
  readonly #renewals = new Map<string, Promise<ShopTokens>>();
  /** Pairs that Shopee gave and the store could not take yet: they are stored before anything else happens. */
  readonly #unsaved = new Map<string, { pair: NewShopTokens; fencing: number }>();

  /** Until when (ms) no token is asked for, because the last one was refused right after it was given. */
  readonly #uselessUntil = new Map<string, number>();

  constructor(options: TokenKeeperOptions) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
  }

  /**
   * Makes a call with the shop's access token, and once more with a new one when Shopee says that it is not valid.
   * Throws SideUnavailableError while the shop is unknown, not authorised, or being renewed by someone else.
   */
  async use<T>(shopId: string, call: (auth: ShopAuth) => Promise<T>): Promise<T> {
    const tokens = await this.tokensOf(shopId);
    try {
      return await call({ shopId, accessToken: tokens.accessToken });
    } catch (error) {
      if (!isTokenRefused(error) || this.#now() < (this.#uselessUntil.get(shopId) ?? 0)) throw error;
      const renewed = await this.#renew(tokens).catch((cause: unknown) => {
        throw asUnavailable(shopId, cause);
      });
      return await this.#useRenewed(renewed, call);
    }
  }

  /** A token that is refused as soon as it is made: another one would be too, so none is asked for in the next minute. */
  async #useRenewed<T>({ shopId, accessToken }: ShopTokens, call: (auth: ShopAuth) => Promise<T>): Promise<T> {
    try {
      return await call({ shopId, accessToken });
    } catch (error) {
      if (isTokenRefused(error)) this.#uselessUntil.set(shopId, this.#now() + uselessMs);
      throw error;
    }
  }

  /** The shop's tokens, renewed first when the access token has run out. Throws as `use` does. */
  async tokensOf(shopId: string): Promise<ShopTokens> {
    try {
      await this.#saveUnsaved(shopId);
      const tokens = await this.#activeTokens(shopId);
      return tokens.accessExpiresAt <= this.#now() ? await this.#renew(tokens) : tokens;
    } catch (error) {
      throw asUnavailable(shopId, error);
    }
  }

  /** One round of the chore: renews every shop that is past three quarters of its access token's life. */
  async renewDue(): Promise<void> {
    for (const tokens of await this.#options.tokens.list()) {
      if (tokens.state !== 'active') continue;
      try {
        await this.#saveUnsaved(tokens.shopId);
        if (isDue(tokens, this.#now())) await this.#renew(tokens);
      } catch (err) {
        // A shop that cannot be renewed now must not keep the others from it; the next round tries again.
        this.#options.logger.warn({ err, shop: tokens.shopId }, 'token not renewed');
      }
    }
  }

  /** Changes what is known of a shop beside its tokens, under the same lock: a pair rotated meanwhile is not lost. */
  async change(shopId: string, change: (tokens: ShopTokens) => ShopTokens | undefined): Promise<void> {
    await this.#locked(shopId, async (lease) => {
      const tokens = await this.#options.tokens.get(shopId);
      const changed = tokens === undefined ? undefined : change(tokens);
      if (changed !== undefined) await this.#options.tokens.save(changed, { fencing: lease.fencing });
    });
  }

  async #activeTokens(shopId: string): Promise<ShopTokens> {
    const tokens = await this.#options.tokens.get(shopId);
    if (tokens === undefined) {
      await this.#announce(shopId);
      throw new SideUnavailableError(shopSide(shopId), 'unknown-shop');
    }
    if (tokens.state !== 'active') throw new SideUnavailableError(shopSide(shopId), 'not-authorized');
    return tokens;
  }

  /** For the list of shops that could be connected. */
  async #announce(shopId: string): Promise<void> {
    await this.#options.tokens.announce(shopId).catch((err: unknown) => {
      this.#options.logger.warn({ err, shop: shopId }, 'unconnected shop not noted');
    });
  }

  /** All in this process who need the same shop renewed wait for one renewal. */
  #renew(stale: ShopTokens): Promise<ShopTokens> {
    const going = this.#renewals.get(stale.shopId);
    if (going !== undefined) return going;
    const renewal = this.#renewAlone(stale).finally(() => this.#renewals.delete(stale.shopId));
    this.#renewals.set(stale.shopId, renewal);
    return renewal;
  }

  #renewAlone(stale: ShopTokens): Promise<ShopTokens> {
    const { shopId } = stale;
    return this.#locked(shopId, async (lease) => {
      // Read under the lock: who held it before us may have renewed.
      const current = await this.#activeTokens(shopId);
      if (current.accessToken !== stale.accessToken) return current;
      const renewed = await this.#exchange(current, lease);
      // Frozen in between (SIGSTOP, a long pause) we may have lost the lock, and a newer pair may stand there by now.
      const latest = await this.#activeTokens(shopId);
      if (latest.refreshToken !== current.refreshToken) return latest;
      this.#unsaved.set(shopId, { pair: renewed, fencing: lease.fencing });
      await this.#saveUnsaved(shopId);
      this.#options.logger.info(
        { shop: shopId, until: new Date(renewed.accessExpiresAt).toISOString() },
        'token renewed',
      );
      return this.#activeTokens(shopId);
    });
  }

  /** Sends the refresh token. The client sends it again by itself when the answer is lost on the way. */
  async #exchange(current: ShopTokens, lease: Lease): Promise<NewShopTokens> {
    const { shopId, refreshToken } = current;
    try {
      const pair = await this.#options.shopee.refreshTokens({ refreshToken, shopId });
      return {
        ...current,
        accessToken: pair.accessToken,
        refreshToken: pair.refreshToken,
        accessExpiresAt: pair.expiresAt,
        refreshExpiresAt: pair.refreshExpiresAt,
      };
    } catch (error) {
      if (error instanceof ShopeeError && error.kind === 'reauthorize')
        return await this.#refused(current, error, lease);
      // No network, a clock that is off, a partner key that ran out: not the shop's fault, its events wait.
      throw new SideUnavailableError(shopSide(shopId), 'token-not-renewed', { cause: error });
    }
  }

  /** Shopee does not take the refresh token: either someone else has rotated it meanwhile, or the shop is lost. */
  async #refused(current: ShopTokens, error: ShopeeError, lease: Lease): Promise<NewShopTokens> {
    const { tokens, alarms } = this.#options;
    const { shopId } = current;
    const latest = await tokens.get(shopId);
    if (latest !== undefined && latest.refreshToken !== current.refreshToken) return latest;
    await tokens.save({ ...current, state: 'expired', reason: error.message }, { fencing: lease.fencing });
    await alarms.begin(`shop:${shopId}`, {
      severity: 'critical',
      title: `Shop ${current.shopName ?? shopId} must be connected again`,
      text: 'Shopee no longer accepts its refresh token. Its events wait and are handled once it is connected again.',
    });
    throw new SideUnavailableError(shopSide(shopId), 'not-authorized', { cause: error });
  }

  /** Stores a pair before it is used. One that cannot be stored now is kept, and stored on the next occasion. */
  async #saveUnsaved(shopId: string): Promise<void> {
    const unsaved = this.#unsaved.get(shopId);
    if (unsaved === undefined) return;
    await this.#options.tokens.save(unsaved.pair, { fencing: unsaved.fencing });
    this.#unsaved.delete(shopId);
  }

  /** Runs `work` under the shop's lock; waits for another process that has it, though not for long. */
  async #locked<T>(shopId: string, work: (lease: Lease) => Promise<T>): Promise<T> {
    const patientUntil = Date.now() + (this.#options.patienceMs ?? 10_000);
    for (;;) {
      const done = await withLock(this.#options.locks, `token:${shopId}`, { ttlMs: leaseMs, work });
      if (done !== undefined) return done.result;
      if (Date.now() > patientUntil) {
        throw new SideUnavailableError(shopSide(shopId), 'token-being-renewed', { retryAfterMs: 5000 });
      }
      await sleep(pollMs);
    }
  }
}

function isTokenRefused(error: unknown): boolean {
  return error instanceof ShopeeError && error.kind === 'refresh-token';
}

/** A store or a lock that cannot be reached is no fault of the message. */
function asUnavailable(shopId: string, error: unknown): SideUnavailableError {
  if (error instanceof SideUnavailableError) return error;
  return new SideUnavailableError(shopSide(shopId), 'tokens-unavailable', { cause: error });
}
