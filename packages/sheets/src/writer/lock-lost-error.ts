/** Another process may be writing by now, so nothing more is written. */
export class LockLostError extends Error {
  override name = 'LockLostError';
}
