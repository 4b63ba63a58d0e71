import { setTimeout as sleep } from 'node:timers/promises';
import { type Logger, systemClock } from '@shopee-webhook/runtime';
import { ShopeeError, type ShopAuth, type ShopeeClient } from '@shopee-webhook/shopee';
import { type AlertEngine, type Locks, type ShopTokens, type TokenStore, withLock } from '@shopee-webhook/store';
import { UpstreamUnavailableError } from '../upstreams/errors.ts';
import { shopUpstream } from '../upstreams/circuit-breakers.ts';
import { needsRefresh } from './token-expiry.ts';

export interface AccessTokensDeps {
  tokens: Pick<TokenStore, 'get' | 'list' | 'update' | 'registerShop'>;
  locks: Locks;
  shopee: Pick<ShopeeClient, 'refreshTokens'>;
  alerts: AlertEngine;
  logger: Logger;
  now?: () => number;
  /** How long to wait for another process that is updating the same shop's tokens, ms. */
  lockTimeoutMs?: number;
}

type Pair = Pick<ShopTokens, 'accessToken' | 'refreshToken' | 'accessExpiresAt' | 'refreshExpiresAt'>;

/** The lock is renewed during a refresh; after a crash it expires within this time. */
const leaseMs = 10_000;
const pollMs = 200;
const rejectedTtlMs = 60_000;

/**
 * Provides calls with their shop's access token, and is the only place that refreshes it.
 *
 * A refresh token can be used once (Shopee guide 20), so: one refresh per shop at a time, in this process by a shared
 * promise and across processes by a lock; the new pair is stored (Redis and file, fsync'd) before anybody uses it, and
 * only in place of the one whose refresh token was sent: a holder that lost the lock replaces nothing newer.
 * Shopee responds to an already exchanged refresh token with the same new pair for about four hours (FAQ 144), so a
 * response lost on the network or in a crash is received again by resending the old token, which the store still holds.
 */
export class AccessTokens {
  readonly #options: AccessTokensDeps;
  readonly #now: () => number;
  readonly #refreshes = new Map<string, Promise<ShopTokens>>();
  /** New pairs that could not be stored yet: they are stored before anything else happens. */
  readonly #unsaved = new Map<string, { pair: Pair; exchanged: string }>();

  /** Until when (ms, monotonic) no token is requested, because a fresh one was rejected. */
  readonly #rejectedUntil = new Map<string, number>();

  constructor(options: AccessTokensDeps) {
    this.#options = options;
    this.#now = options.now ?? systemClock.wallMs;
  }

  /**
   * Makes a call with the shop's access token, and once more with a refreshed one when Shopee rejects it.
   * Throws UpstreamUnavailableError while the shop is unknown, not authorized, or being refreshed by another process.
   */
  async withToken<T>(shopId: string, call: (auth: ShopAuth) => Promise<T>): Promise<T> {
    const tokens = await this.getTokens(shopId);
    try {
      return await call({ shopId, accessToken: tokens.accessToken });
    } catch (error) {
      if (!isTokenRejected(error) || systemClock.monotonicMs() < (this.#rejectedUntil.get(shopId) ?? 0)) throw error;
      const refreshed = await this.#refresh(tokens).catch((cause: unknown) => {
        throw toUnavailableError(shopId, cause);
      });
      return await this.#callWithRefreshed(refreshed, call);
    }
  }

  /** A fresh token that is rejected: the next one would be too, so none is requested within the next minute. */
  async #callWithRefreshed<T>({ shopId, accessToken }: ShopTokens, call: (auth: ShopAuth) => Promise<T>): Promise<T> {
    try {
      return await call({ shopId, accessToken });
    } catch (error) {
      if (isTokenRejected(error)) this.#rejectedUntil.set(shopId, systemClock.monotonicMs() + rejectedTtlMs);
      throw error;
    }
  }

  /** The shop's tokens, refreshed first if the access token has expired. Throws as `withToken` does. */
  async getTokens(shopId: string): Promise<ShopTokens> {
    try {
      await this.#retrySave(shopId);
      const tokens = await this.#activeTokens(shopId);
      return tokens.accessExpiresAt <= this.#now() ? await this.#refresh(tokens) : tokens;
    } catch (error) {
      throw toUnavailableError(shopId, error);
    }
  }

  /** Refreshes every shop that is past three quarters of its access token's lifetime. */
  async refreshDue(): Promise<void> {
    for (const tokens of await this.#options.tokens.list()) {
      try {
        await this.#retrySave(tokens.shopId);
        if (tokens.state === 'active' && needsRefresh(tokens, this.#now())) await this.#refresh(tokens);
      } catch (err) {
        // One shop's failure must not block the others; the next tick tries again.
        this.#options.logger.warn({ err, shop: tokens.shopId }, 'token refresh failed');
      }
    }
  }

  /**
   * Updates a shop's other fields under the same lock, so that a pair rotated meanwhile is not lost. Throws
   * UpstreamUnavailableError when it cannot be stored now.
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

  /** Adds the shop to the list of shops that could be connected. */
  async #registerShop(shopId: string): Promise<void> {
    await this.#options.tokens.registerShop(shopId).catch((err: unknown) => {
      this.#options.logger.warn({ err, shop: shopId }, 'could not record shop');
    });
  }

  /** Concurrent callers in this process share one refresh (single-flight). */
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
      // Read under the lock: the previous holder may have refreshed.
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
   * Sends the refresh token. The client resends it when the response is lost. Undefined when another process has
   * exchanged it meanwhile.
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
      // Network error, wrong clock, expired partner key: not the shop's fault, its events wait.
      throw new UpstreamUnavailableError(shopUpstream(shopId), 'token-refresh-failed', { cause: error });
    }
  }

  /** Shopee rejects the refresh token: another process rotated it meanwhile, or the shop must be reconnected. */
  async #onRejected({ shopId, shopName, refreshToken }: ShopTokens, error: ShopeeError): Promise<undefined> {
    const { tokens, alerts } = this.#options;
    const isExpired = await tokens.update(shopId, (latest) =>
      latest.refreshToken === refreshToken ? { ...latest, state: 'expired', reason: error.message } : undefined,
    );
    if (!isExpired) return undefined;
    await alerts.raise(`shop:${shopId}`, {
      severity: 'critical',
      title: `Shop ${shopName ?? shopId} must be reconnected`,
      text: 'Shopee rejected its refresh token. Its events wait and are processed once it is reconnected.',
    });
    throw new UpstreamUnavailableError(shopUpstream(shopId), 'not-authorized', { cause: error });
  }

  /** Stores a pair that could not be stored when it was received. */
  async #retrySave(shopId: string): Promise<void> {
    if (this.#unsaved.has(shopId)) await this.#withShopLock(shopId, () => Promise.resolve());
  }

  /**
   * Stores a pair before it is used, in place of the one it was exchanged for; other fields of the shop are left as they
   * are. A pair that cannot be stored now is stored on the next occasion. Requires the lock.
   */
  async #saveUnsaved(shopId: string): Promise<void> {
    const unsaved = this.#unsaved.get(shopId);
    if (unsaved === undefined) return;
    const { pair, exchanged } = unsaved;
    // Another refresh token: the shop was reconnected, or another process received this or a newer pair.
    const isSaved = await this.#options.tokens.update(shopId, (known) =>
      known.refreshToken === exchanged ? { ...known, ...pair, ...reactivated(known) } : undefined,
    );
    this.#unsaved.delete(shopId);
    if (!isSaved) return;
    const until = new Date(pair.accessExpiresAt).toISOString();
    this.#options.logger.info({ shop: shopId, until }, 'token refreshed');
  }

  /**
   * Runs `work` under the shop's lock, after storing any unsaved pair; waits for a limited time while another process
   * holds it.
   */
  async #withShopLock<T>(shopId: string, work: () => Promise<T>): Promise<T> {
    const saveAndWork = async () => {
      await this.#saveUnsaved(shopId);
      return work();
    };
    const deadline = systemClock.monotonicMs() + (this.#options.lockTimeoutMs ?? 10_000);
    for (;;) {
      const done = await withLock(this.#options.locks, `token:${shopId}`, { ttlMs: leaseMs, work: saveAndWork });
      if (done !== undefined) return done.result;
      if (systemClock.monotonicMs() > deadline) {
        throw new UpstreamUnavailableError(shopUpstream(shopId), 'token-refresh-in-progress', { retryAfterMs: 5000 });
      }
      await sleep(pollMs);
    }
  }
}

/** A new pair reactivates a shop that another process marked expired. */
function reactivated({ state }: ShopTokens): Partial<ShopTokens> {
  return state === 'expired' ? { state: 'active', reason: undefined } : {};
}

function isTokenRejected(error: unknown): boolean {
  return error instanceof ShopeeError && error.kind === 'refresh-token';
}

/** An unreachable store or lock is not the message's fault. */
function toUnavailableError(shopId: string, error: unknown): UpstreamUnavailableError {
  if (error instanceof UpstreamUnavailableError) return error;
  return new UpstreamUnavailableError(shopUpstream(shopId), 'tokens-unavailable', { cause: error });
}
