import type { Lease, Locks } from '@shopee-webhook/store';
import { SheetUnavailableError } from '../rows/sheet-row.ts';

const retryAfterMs = 1000;

/** The locks as the sheet writer sees them: a Redis that does not answer is a short pause and not a fault of its own. */
export function sheetLocks(locks: Locks): Locks {
  return {
    async acquire(name, ttlMs) {
      const lease = await locks.acquire(name, ttlMs).catch(redisUnavailable);
      return lease === undefined ? undefined : toRetryingLease(lease);
    },
  };
}

function toRetryingLease(lease: Lease): Lease {
  return {
    fencingToken: lease.fencingToken,
    previousHolderCrashed: lease.previousHolderCrashed,
    get held() {
      return lease.held;
    },
    renew: () => lease.renew().catch(redisUnavailable),
    release: () => lease.release(),
  };
}

function redisUnavailable(cause: unknown): never {
  throw new SheetUnavailableError('Redis, which keeps the sheet’s lock, does not answer', { retryAfterMs, cause });
}
