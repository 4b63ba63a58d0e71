/** A call that did not come back in time. */
export class DeadlineError extends Error {
  override readonly name = 'DeadlineError';
}

/** So many turns of the event loop for replies that came while this process stood still. */
const turns = 3;

/**
 * Settles as `work` does, or rejects with DeadlineError after `ms`. The reply of a call may lie unread in the socket while
 * this process is busy: when the time is up, what came is read first, then the call is judged.
 */
export async function withDeadline<T>(work: Promise<T>, ms: number): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    afterPolls(turns, () => reject(new DeadlineError(`no reply within ${String(ms)} ms`)));
  }, ms);
  try {
    return await Promise.race([work, promise]);
  } finally {
    clearTimeout(timer);
  }
}

/** An immediate runs after the event loop has polled for what came in. */
function afterPolls(count: number, then: () => void): void {
  setImmediate(() => (count > 1 ? afterPolls(count - 1, then) : then()));
}
