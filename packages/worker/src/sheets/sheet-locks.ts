import type { Lease, Locks } from '@shopee-webhook/store';
import { SheetUnavailableError } from './sheet-row.ts';

const retryAfterMs = 1000;

/** The locks as the sheet writer sees them: a Redis that does not answer is a short pause and not a fault of its own. */
export function sheetLocks(locks: Locks): Locks {
  return {
    async acquire(name, ttlMs) {
      const lease = await locks.acquire(name, ttlMs).catch(away);
      return lease === undefined ? undefined : patient(lease);
    },
  };
}

function patient(lease: Lease): Lease {
  return {
    fencing: lease.fencing,
    abandoned: lease.abandoned,
    get held() {
      return lease.held;
    },
    renew: () => lease.renew().catch(away),
    release: () => lease.release(),
  };
}

function away(cause: unknown): never {
  throw new SheetUnavailableError('Redis, which keeps the sheet’s lock, does not answer', { retryAfterMs, cause });
}
