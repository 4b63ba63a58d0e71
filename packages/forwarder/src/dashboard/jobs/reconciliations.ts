import type { ReconciliationReport } from '@shopee-webhook/store';
import type { HistoryClient } from '@shopee-webhook/history';
import type { ShopReconciliation } from '@shopee-webhook/contracts/dashboard-api';
import type { ShopNames } from '../../shops/shop-names.ts';
import type { WorkerClient } from '../workers/worker-client.ts';

const dayMs = 24 * 3_600_000;
const maxDays = 7;
const timeoutMs = 5_000;

/** The «no order missing» account of each shop, at most a minute old: what the reconcile job found, less what was repaired. */
export class Reconciliations {
  readonly #deps: { workerClient: WorkerClient; history: HistoryClient; shops: ShopNames };
  #reconciliations: ShopReconciliation[] = [];

  constructor(deps: { workerClient: WorkerClient; history: HistoryClient; shops: ShopNames }) {
    this.#deps = deps;
  }

  get list(): ShopReconciliation[] {
    return this.#reconciliations;
  }

  /** Throws while the worker is unreachable; the known reconciliations stay. */
  async refresh(): Promise<void> {
    const { workerClient, shops } = this.#deps;
    const { reconciliations } = await workerClient.call('reconciliations', {}, timeoutMs);
    await shops.list();
    const byShop = Map.groupBy(reconciliations, ({ shopId }) => shopId);
    this.#reconciliations = await Promise.all([...byShop].map(([shop, days]) => this.#summarize(shop, days)));
  }

  async #summarize(shop: string, all: readonly ReconciliationReport[]): Promise<ShopReconciliation> {
    const { history, shops } = this.#deps;
    const newest =
      all
        .map(({ date }) => date)
        .toSorted()
        .at(-1) ?? '';
    const oldest = Date.parse(newest) - (maxDays - 1) * dayMs;
    const days = all.filter(({ date }) => Date.parse(date) >= oldest).toSorted((a, b) => a.date.localeCompare(b.date));
    const checkedAt = Math.max(...days.map(({ checkedAt }) => checkedAt));
    const found = days.flatMap(({ missing }) => missing);
    const repaired = found.length === 0 ? 0 : await history.call('countHandledAfter', shop, found, earliest(days));
    const sum = (name: 'listed' | 'inSheet') => days.reduce((total, one) => total + one[name], 0);
    return {
      shop,
      shopName: shops.nameOf(shop),
      from: Date.parse(days[0]?.date ?? newest),
      to: Date.parse(newest) + dayMs,
      checkedAt,
      ordersAtShopee: sum('listed'),
      ordersInSheet: sum('inSheet') + repaired,
      repaired,
      missing: found.length - repaired,
      days: days.map(({ date, listed, inSheet, missing }) => ({ date, listed, inSheet, missing: missing.length })),
    };
  }
}

function earliest(days: readonly ReconciliationReport[]): number {
  return Math.min(...days.map(({ checkedAt }) => checkedAt));
}
