import { setTimeout as sleep } from 'node:timers/promises';
import { systemClock } from '@shopee-webhook/runtime';
import { LocalLocks, type Lease, type Locks } from '@shopee-webhook/store';

export interface FallbackLocksOptions {
  shared: Locks;
  /** How long Redis has been unavailable, ms; 0 while it responds. */
  redisUnavailableMs: () => number;
  /** Default: one minute. */
  localAfterMs?: number | undefined;
}

/**
 * Every lease in Redis has expired by then: token refreshes hold theirs for 10 s, the sheet writer for 15 s, and both
 * stop as soon as they cannot renew it.
 */
const defaultLocalAfterMs = 60_000;
const releaseRetryMs = 500;

/**
 * Locks in Redis, and after a minute without Redis locks within this process, so that the HTTP fallback keeps working.
 * That is safe as long as the forwarder posts to one worker: consumers of other workers take nothing without Redis.
 */
export class FallbackLocks implements Locks {
  readonly #options: FallbackLocksOptions;
  readonly #local = new LocalLocks();

  constructor(options: FallbackLocksOptions) {
    this.#options = options;
  }

  async acquire(name: string, ttlMs: number): Promise<Lease | undefined> {
    const { shared, redisUnavailableMs, localAfterMs = defaultLocalAfterMs } = this.#options;
    const isLocal = () => redisUnavailableMs() >= localAfterMs;
    if (isLocal()) {
      const localLease = await this.#local.acquire(name, ttlMs);
      return localLease === undefined ? undefined : asLocalLease(localLease, isLocal);
    }
    const lease = await shared.acquire(name, ttlMs);
    return lease === undefined ? undefined : releaseWithRetry(lease, ttlMs);
  }
}

/**
 * A lock survives a restart of Redis: one that could not be released during an outage would block everybody, ourselves
 * included, until it expires. So the release is retried until Redis is back.
 */
function releaseWithRetry(lease: Lease, ttlMs: number): Lease {
  const release = async () => {
    const deadline = systemClock.monotonicMs() + ttlMs;
    while (systemClock.monotonicMs() < deadline) {
      const isReleased = await lease.release().then(
        () => true,
        () => false,
      );
      if (isReleased) return;
      await sleep(releaseRetryMs, undefined, { ref: false });
    }
  };
  return {
    fencingToken: lease.fencingToken,
    previousHolderCrashed: lease.previousHolderCrashed,
    get held() {
      return lease.held;
    },
    renew: () => lease.renew(),
    async release() {
      const first = release();
      // Nobody waits for an unavailable Redis.
      await Promise.race([first, sleep(releaseRetryMs, undefined, { ref: false })]);
    },
  };
}

/** A local lock is lost once Redis is back: others may then acquire the shared one. */
function asLocalLease(lease: Lease, isLocal: () => boolean): Lease {
  return {
    fencingToken: lease.fencingToken,
    previousHolderCrashed: lease.previousHolderCrashed,
    get held() {
      return isLocal() && lease.held;
    },
    renew: async () => isLocal() && lease.renew(),
    release: () => lease.release(),
  };
}
