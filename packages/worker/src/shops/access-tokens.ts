import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '@shopee-webhook/runtime';
import { ShopeeError, type ShopAuth, type ShopeeClient } from '@shopee-webhook/shopee';
import { withLock, type Locks, type ShopTokens, type TokenStore } from '@shopee-webhook/store';
import type { Alerts } from '../monitoring/alerts.ts';
import { UpstreamUnavailableError } from '../consumer/errors.ts';
import { shopUpstream } from '../upstreams/circuit-breakers.ts';
import { needsRefresh } from './token-expiry.ts';

export interface AccessTokensDeps {
  tokens: Pick<TokenStore, 'get' | 'list' | 'update' | 'registerShop'>;
  locks: Locks;
  shopee: Pick<ShopeeClient, 'refreshTokens'>;
  alerts: Alerts;
  logger: Logger;
  now?: () => number;
  /** How long to wait for another process that is changing the same shop's tokens, ms. */
  lockTimeoutMs?: number;
}

type Pair = Pick<ShopTokens, 'accessToken' | 'refreshToken' | 'accessExpiresAt' | 'refreshExpiresAt'>;

/** The lock is kept while a refresh goes on, however long; of a process that dies it stands this long at most. */
const leaseMs = 10_000;
const pollMs = 200;
const rejectedTtlMs = 60_000;

/**
 * Gives calls their shop's access token, and is the only one to renew it.
 *
 * A refresh token can be used once (Shopee guide 20), so: one refresh per shop at a time, in this process by a shared
 * promise and across processes by a lock; the new pair is stored (Redis and file, fsync'd) before anybody uses it, and
 * only in place of the one whose refresh token was sent: who lost the lock meanwhile replaces nothing newer.
 * Shopee answers a refresh token that it has already exchanged with the same new pair for about four hours (FAQ 144),
 * so an answer that was lost on the way, or with a crash before it was stored, comes back when the old token, which is
 * still what the store holds, is sent again.
 */
export class AccessTokens {
  readonly #options: AccessTokensDeps;
  readonly #now: () => number;
  readonly #refreshes = new Map<string, Promise<ShopTokens>>();
  /** Pairs that Shopee gave for a refresh token and the store could not take yet: they are stored before anything else happens. */
  readonly #unsaved = new Map<string, { pair: Pair; exchanged: string }>();

  /** Until when (ms) no token is asked for, because the last one was refused right after it was given. */
  readonly #rejectedUntil = new Map<string, number>();

  constructor(options: AccessTokensDeps) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
  }

  /**
   * Makes a call with the shop's access token, and once more with a new one when Shopee says that it is not valid.
   * Throws SideUnavailableError while the shop is unknown, not authorised, or being renewed by someone else.
   */
  async withToken<T>(shopId: string, call: (auth: ShopAuth) => Promise<T>): Promise<T> {
    const tokens = await this.getTokens(shopId);
    try {
      return await call({ shopId, accessToken: tokens.accessToken });
    } catch (error) {
      if (!isTokenRejected(error) || this.#now() < (this.#rejectedUntil.get(shopId) ?? 0)) throw error;
      const refreshed = await this.#refresh(tokens).catch((cause: unknown) => {
        throw toUnavailableError(shopId, cause);
      });
      return await this.#callWithRefreshed(refreshed, call);
    }
  }

  /** A token that is refused as soon as it is made: another one would be too, so none is asked for in the next minute. */
  async #callWithRefreshed<T>({ shopId, accessToken }: ShopTokens, call: (auth: ShopAuth) => Promise<T>): Promise<T> {
    try {
      return await call({ shopId, accessToken });
    } catch (error) {
      if (isTokenRejected(error)) this.#rejectedUntil.set(shopId, this.#now() + rejectedTtlMs);
      throw error;
    }
  }

  /** The shop's tokens, renewed first when the access token has run out. Throws as `use` does. */
  async getTokens(shopId: string): Promise<ShopTokens> {
    try {
      await this.#retrySave(shopId);
      const tokens = await this.#activeTokens(shopId);
      return tokens.accessExpiresAt <= this.#now() ? await this.#refresh(tokens) : tokens;
    } catch (error) {
      throw toUnavailableError(shopId, error);
    }
  }

  /** One round of the chore: renews every shop that is past three quarters of its access token's life. */
  async refreshDue(): Promise<void> {
    for (const tokens of await this.#options.tokens.list()) {
      try {
        await this.#retrySave(tokens.shopId);
        if (tokens.state === 'active' && needsRefresh(tokens, this.#now())) await this.#refresh(tokens);
      } catch (err) {
        // A shop that cannot be renewed now must not keep the others from it; the next round tries again.
        this.#options.logger.warn({ err, shop: tokens.shopId }, 'token not renewed');
      }
    }
  }

  /**
   * Changes what is known of a shop beside its tokens, under the same lock: a pair rotated meanwhile is not lost. Throws
   * SideUnavailableError when it cannot be stored now.
   */
  async change(shopId: string, change: (tokens: ShopTokens) => ShopTokens | undefined): Promise<void> {
    try {
      await this.#withShopLock(shopId, () => this.#options.tokens.update(shopId, change));
    } catch (error) {
      throw toUnavailableError(shopId, error);
    }
  }

  async #activeTokens(shopId: string): Promise<ShopTokens> {
    const tokens = await this.#options.tokens.get(shopId);
    if (tokens === undefined) {
      await this.#registerShop(shopId);
      throw new UpstreamUnavailableError(shopUpstream(shopId), 'unknown-shop');
    }
    if (tokens.state !== 'active') throw new UpstreamUnavailableError(shopUpstream(shopId), 'not-authorized');
    return tokens;
  }

  /** For the list of shops that could be connected. */
  async #registerShop(shopId: string): Promise<void> {
    await this.#options.tokens.registerShop(shopId).catch((err: unknown) => {
      this.#options.logger.warn({ err, shop: shopId }, 'unconnected shop not noted');
    });
  }

  /** All in this process who need the same shop renewed wait for one renewal. */
  #refresh(stale: ShopTokens): Promise<ShopTokens> {
    const inFlight = this.#refreshes.get(stale.shopId);
    if (inFlight !== undefined) return inFlight;
    const refresh = this.#refreshExclusive(stale).finally(() => this.#refreshes.delete(stale.shopId));
    this.#refreshes.set(stale.shopId, refresh);
    return refresh;
  }

  #refreshExclusive(stale: ShopTokens): Promise<ShopTokens> {
    const { shopId } = stale;
    return this.#withShopLock(shopId, async () => {
      // Read under the lock: who held it before us may have renewed.
      const current = await this.#activeTokens(shopId);
      if (current.accessToken !== stale.accessToken) return current;
      const pair = await this.#exchange(current);
      if (pair !== undefined) {
        this.#unsaved.set(shopId, { pair, exchanged: current.refreshToken });
        await this.#saveUnsaved(shopId);
      }
      return this.#activeTokens(shopId);
    });
  }

  /**
   * Sends the refresh token. The client sends it again by itself when the answer is lost on the way. Undefined when
   * somebody else has exchanged it meanwhile.
   */
  async #exchange(current: ShopTokens): Promise<Pair | undefined> {
    const { shopId, refreshToken } = current;
    try {
      const pair = await this.#options.shopee.refreshTokens({ refreshToken, shopId });
      return {
        accessToken: pair.accessToken,
        refreshToken: pair.refreshToken,
        accessExpiresAt: pair.expiresAt,
        refreshExpiresAt: pair.refreshExpiresAt,
      };
    } catch (error) {
      if (error instanceof ShopeeError && error.kind === 'reauthorize') return await this.#onRejected(current, error);
      // No network, a clock that is off, a partner key that ran out: not the shop's fault, its events wait.
      throw new UpstreamUnavailableError(shopUpstream(shopId), 'token-not-renewed', { cause: error });
    }
  }

  /** Shopee does not take the refresh token: either someone else has rotated it meanwhile, or the shop is lost. */
  async #onRejected({ shopId, shopName, refreshToken }: ShopTokens, error: ShopeeError): Promise<undefined> {
    const { tokens, alerts } = this.#options;
    const isExpired = await tokens.update(shopId, (latest) =>
      latest.refreshToken === refreshToken ? { ...latest, state: 'expired', reason: error.message } : undefined,
    );
    if (!isExpired) return undefined;
    await alerts.raise(`shop:${shopId}`, {
      severity: 'critical',
      title: `Shop ${shopName ?? shopId} must be connected again`,
      text: 'Shopee no longer accepts its refresh token. Its events wait and are handled once it is connected again.',
    });
    throw new UpstreamUnavailableError(shopUpstream(shopId), 'not-authorized', { cause: error });
  }

  /** Stores a pair that could not be stored when it came. */
  async #retrySave(shopId: string): Promise<void> {
    if (this.#unsaved.has(shopId)) await this.#withShopLock(shopId, () => Promise.resolve());
  }

  /**
   * Stores a pair before it is used, in place of the one that it was exchanged for: what else is known of the shop may have
   * changed. One that cannot be stored now is kept, and stored on the next occasion. Wants the lock.
   */
  async #saveUnsaved(shopId: string): Promise<void> {
    const unsaved = this.#unsaved.get(shopId);
    if (unsaved === undefined) return;
    const { pair, exchanged } = unsaved;
    // Another refresh token: the shop was connected again, or another process was given this or a newer pair.
    const isSaved = await this.#options.tokens.update(shopId, (known) =>
      known.refreshToken === exchanged ? { ...known, ...pair, ...reactivated(known) } : undefined,
    );
    this.#unsaved.delete(shopId);
    if (!isSaved) return;
    const until = new Date(pair.accessExpiresAt).toISOString();
    this.#options.logger.info({ shop: shopId, until }, 'token renewed');
  }

  /**
   * Runs `work` under the shop's lock, after a pair that is not stored yet; waits for another process that has it, though
   * not for long.
   */
  async #withShopLock<T>(shopId: string, work: () => Promise<T>): Promise<T> {
    const saveAndWork = async () => {
      await this.#saveUnsaved(shopId);
      return work();
    };
    const deadline = Date.now() + (this.#options.lockTimeoutMs ?? 10_000);
    for (;;) {
      const done = await withLock(this.#options.locks, `token:${shopId}`, { ttlMs: leaseMs, work: saveAndWork });
      if (done !== undefined) return done.result;
      if (Date.now() > deadline) {
        throw new UpstreamUnavailableError(shopUpstream(shopId), 'token-being-renewed', { retryAfterMs: 5000 });
      }
      await sleep(pollMs);
    }
  }
}

/** What a new pair makes of a shop that another process gave up because Shopee refused the old one. */
function reactivated({ state }: ShopTokens): Partial<ShopTokens> {
  return state === 'expired' ? { state: 'active', reason: undefined } : {};
}

function isTokenRejected(error: unknown): boolean {
  return error instanceof ShopeeError && error.kind === 'refresh-token';
}

/** A store or a lock that cannot be reached is no fault of the message. */
function toUnavailableError(shopId: string, error: unknown): UpstreamUnavailableError {
  if (error instanceof UpstreamUnavailableError) return error;
  return new UpstreamUnavailableError(shopUpstream(shopId), 'tokens-unavailable', { cause: error });
}
