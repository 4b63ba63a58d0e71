import { setTimeout as sleep } from 'node:timers/promises';
import { LocalLocks, type Lease, type Locks } from '@shopee-webhook/store';

export interface FallbackLocksOptions {
  shared: Locks;
  /** For how long Redis has been away, ms; 0 while it is there. */
  redisUnavailableMs: () => number;
  /** A minute when left out. */
  localAfterMs?: number | undefined;
}

/**
 * Every lease that Redis knows has run out by then: token renewals hold theirs for 10 s, the sheet writer for 15 s, and
 * both stop at once when they can no longer renew it.
 */
const defaultLocalAfterMs = 60_000;
const releaseRetryMs = 500;

/**
 * The locks that Redis keeps; and while Redis has been away for a minute, locks within this process, so that the HTTP
 * fallback works on. That is safe as long as the forwarder posts to one worker, for consumers of other workers take
 * nothing without Redis.
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
 * Redis keeps a lock over its own restart: one that could not be given up while it was away would bar everybody,
 * ourselves too, until its time is over. So it is given up as soon as Redis is back.
 */
function releaseWithRetry(lease: Lease, ttlMs: number): Lease {
  const release = async () => {
    const deadline = Date.now() + ttlMs;
    while (Date.now() < deadline) {
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
      // Nobody waits for a Redis that is away.
      await Promise.race([first, sleep(releaseRetryMs, undefined, { ref: false })]);
    },
  };
}

/** A lock of our own is lost when Redis is back: from then on others may take the real one. */
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
