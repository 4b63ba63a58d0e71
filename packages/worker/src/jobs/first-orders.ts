import { systemClock } from '@shopee-webhook/runtime';
import type { ReconciliationReport } from '@shopee-webhook/store';

/**
 * The shops whose orders this worker wrote, until a reconciliation has listed orders of theirs: a new shop's first report
 * need not wait for the hour.
 */
export class FirstOrders {
  /** Shop → when its first order was written, by the monotonic clock, ms. */
  readonly #writtenAt = new Map<string, number>();
  readonly #reported = new Set<string>();
  readonly #monotonic: () => number;

  constructor(monotonic: () => number = systemClock.monotonicMs) {
    this.#monotonic = monotonic;
  }

  record(shopId: string): void {
    if (!this.#reported.has(shopId) && !this.#writtenAt.has(shopId)) this.#writtenAt.set(shopId, this.#monotonic());
  }

  /** Whether a shop's first orders were written at least `minAgeMs` ago and no report lists any; true once for each shop. */
  async areUnreported(minAgeMs: number, reports: () => Promise<readonly ReconciliationReport[]>): Promise<boolean> {
    const shops = [...this.#writtenAt].filter(([, at]) => this.#monotonic() - at >= minAgeMs).map(([shopId]) => shopId);
    if (shops.length === 0) return false;
    const known = await reports();
    for (const shopId of shops) {
      this.#writtenAt.delete(shopId);
      this.#reported.add(shopId);
    }
    return shops.some((shop) => !known.some(({ shopId, listed }) => shopId === shop && listed > 0));
  }
}
