import { SideUnavailableError } from '../errors.ts';
import type { Gate, Pass } from './gate.ts';

/** What an error says about the side that was called. */
export interface Outage {
  /** A word for statistics: `outage`, `rate-limit`, `unknown-shop`… */
  why: string;
  /** ms epoch. */
  retryAt?: number | undefined;
}

/**
 * Makes a call behind its gate and tells the gate how it went. An outage becomes a SideUnavailableError that says when
 * to come back; any other error passes as it is and says nothing about the side.
 */
export async function guarded<T>(
  { gate, pass, outageOf }: { gate: Gate; pass: Pass; outageOf: (error: unknown) => Outage | undefined },
  call: () => Promise<T>,
): Promise<T> {
  try {
    const result = await call();
    pass.ok();
    return result;
  } catch (error) {
    const outage = outageOf(error);
    if (outage === undefined) throw error;
    pass.failed(error, outage.retryAt);
    throw new SideUnavailableError(gate.side, outage.why, { retryAfterMs: gate.failedMs(), cause: error });
  }
}
