import { setTimeout as sleep } from 'node:timers/promises';
import { LocalLocks, type Lease, type Locks } from '@shopee-webhook/store';

export interface AwayLocksOptions {
  shared: Locks;
  /** For how long Redis has been away, ms; 0 while it is there. */
  awayMs: () => number;
  /** A minute when left out. */
  aloneAfterMs?: number | undefined;
}

/**
 * Every lease that Redis knows has run out by then: token renewals hold theirs for 10 s, the sheet writer for 15 s, and
 * both stop at once when they can no longer renew it.
 */
const defaultAloneAfterMs = 60_000;
const releasePauseMs = 500;

/**
 * The locks that Redis keeps; and while Redis has been away for a minute, locks within this process, so that the HTTP
 * fallback works on. That is safe as long as the forwarder posts to one worker, for consumers of other workers take
 * nothing without Redis.
 */
export class AwayLocks implements Locks {
  readonly #options: AwayLocksOptions;
  readonly #local = new LocalLocks();

  constructor(options: AwayLocksOptions) {
    this.#options = options;
  }

  async acquire(name: string, ttlMs: number): Promise<Lease | undefined> {
    const { shared, awayMs, aloneAfterMs = defaultAloneAfterMs } = this.#options;
    const isAlone = () => awayMs() >= aloneAfterMs;
    if (isAlone()) {
      const own = await this.#local.acquire(name, ttlMs);
      return own === undefined ? undefined : endedWithRedis(own, isAlone);
    }
    const lease = await shared.acquire(name, ttlMs);
    return lease === undefined ? undefined : releasedInTheEnd(lease, ttlMs);
  }
}

/**
 * Redis keeps a lock over its own restart: one that could not be given up while it was away would bar everybody,
 * ourselves too, until its time is over. So it is given up as soon as Redis is back.
 */
function releasedInTheEnd(lease: Lease, ttlMs: number): Lease {
  const release = async () => {
    const giveUpAt = Date.now() + ttlMs;
    while (Date.now() < giveUpAt) {
      const done = await lease.release().then(
        () => true,
        () => false,
      );
      if (done) return;
      await sleep(releasePauseMs, undefined, { ref: false });
    }
  };
  return {
    fencing: lease.fencing,
    abandoned: lease.abandoned,
    get held() {
      return lease.held;
    },
    renew: () => lease.renew(),
    async release() {
      const first = release();
      // Nobody waits for a Redis that is away.
      await Promise.race([first, sleep(releasePauseMs, undefined, { ref: false })]);
    },
  };
}

/** A lock of our own is lost when Redis is back: from then on others may take the real one. */
function endedWithRedis(lease: Lease, isAlone: () => boolean): Lease {
  return {
    fencing: lease.fencing,
    abandoned: lease.abandoned,
    get held() {
      return isAlone() && lease.held;
    },
    renew: async () => isAlone() && lease.renew(),
    release: () => lease.release(),
  };
}
