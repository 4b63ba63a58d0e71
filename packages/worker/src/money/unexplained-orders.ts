import { systemClock } from '@shopee-webhook/runtime';
import { incomeLabel, type Income } from '@shopee-webhook/shopee';
import type { AlertEngine } from '@shopee-webhook/store';

/** One order proves little: a figure may be corrected within the hour. */
const firesAt = 5;
const resolvesBelow = 3;
const dayMs = 86_400_000;
/** Of a shop: more say the same. */
const maxOrders = 5000;
const maxNamed = 10;

interface Finding {
  /** Monotonic ms. */
  at: number;
  unknownFields: readonly string[];
}

export interface UnexplainedOrdersDeps {
  alerts: Pick<AlertEngine, 'raise' | 'resolve' | 'isActive'>;
  monotonicMs?: () => number;
}

/** The orders of the last day whose income does not add up; an alert for a shop with many says that Shopee changed something. */
export class UnexplainedOrders {
  readonly #deps: UnexplainedOrdersDeps;
  readonly #shops = new Map<string, Map<string, Finding>>();

  constructor(deps: UnexplainedOrdersDeps) {
    this.#deps = deps;
  }

  /** Takes note of an order's income whenever it was written. */
  record(shopId: string, orderSn: string, { amounts: { unexplained }, unknownFields }: Income): void {
    if (unexplained === undefined) return;
    const orders = this.#shops.get(shopId) ?? new Map<string, Finding>();
    this.#shops.set(shopId, orders);
    // To the end, so that the oldest stands first.
    orders.delete(orderSn);
    if (unexplained === 0) return;
    orders.set(orderSn, { at: this.#now(), unknownFields });
    for (const sn of orders.keys()) {
      if (orders.size <= maxOrders) break;
      orders.delete(sn);
    }
  }

  /** How many there are, by shop. */
  counts(): ReadonlyMap<string, number> {
    this.#forgetOld();
    return new Map([...this.#shops].map(([shopId, orders]) => [shopId, orders.size]));
  }

  /** Raises and resolves the alerts. */
  async check(): Promise<void> {
    const { alerts } = this.#deps;
    for (const [shopId, count] of this.counts()) {
      const key = `unexplained:${shopId}`;
      if (count >= firesAt || (count >= resolvesBelow && alerts.isActive(key))) {
        await alerts.raise(key, {
          severity: 'warning',
          title: `Shop ${shopId}: income does not add up`,
          text: this.#text(shopId, count),
        });
      } else await alerts.resolve(key);
    }
  }

  #text(shopId: string, count: number): string {
    const fields = [...(this.#shops.get(shopId)?.values() ?? [])].flatMap(({ unknownFields }) => unknownFields);
    const names = [...new Set(fields)].sort();
    const named = names.slice(0, maxNamed).join(', ') + (names.length > maxNamed ? ' …' : '');
    const cause = names.length === 0 ? '' : ` Shopee fills fields of unknown effect: ${named}.`;
    return (
      `${String(count)} orders of the last day have an amount in the column “${incomeLabel('unexplained')}”: their escrow ` +
      `is not the sum of what it is made of.${cause} Compare one of them with its income in Seller Center; ` +
      'a newer version may read what is new.'
    );
  }

  #forgetOld(): void {
    const since = this.#now() - dayMs;
    for (const orders of this.#shops.values()) {
      for (const [sn, { at }] of orders) {
        if (at >= since) break;
        orders.delete(sn);
      }
    }
  }

  #now(): number {
    return (this.#deps.monotonicMs ?? systemClock.monotonicMs)();
  }
}
