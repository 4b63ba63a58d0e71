import { LocalLocks, type Lease, type Locks } from '@shopee-webhook/store';

export interface AwayLocksOptions {
  shared: Locks;
  /** For how long Redis has been away, ms; 0 while it is there. */
  awayMs: () => number;
}

/**
 * Every lease that Redis knows has run out by then: token renewals hold theirs for 60 s, the sheet writer for 30 s, and
 * both stop at once when they can no longer renew it.
 */
const aloneAfterMs = 60_000;

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

  acquire(name: string, ttlMs: number): Promise<Lease | undefined> {
    const { shared, awayMs } = this.#options;
    return awayMs() >= aloneAfterMs ? this.#local.acquire(name, ttlMs) : shared.acquire(name, ttlMs);
  }
}
