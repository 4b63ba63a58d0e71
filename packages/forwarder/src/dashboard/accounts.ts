import type { DayAccount } from '@shopee-webhook/runtime';
import type { HistoryClient } from '../history/history-client.ts';
import type { ShopAccount } from './api-types.ts';
import type { ShopNames } from './shop-names.ts';
import type { WorkerLink } from './worker-link.ts';

const dayMs = 24 * 3_600_000;
const daysShown = 7;
const timeoutMs = 5_000;

/** The «no order missing» account of each shop, at most a minute old: what the reconcile job found, less what was repaired. */
export class Accounts {
  readonly #parts: { link: WorkerLink; history: HistoryClient; shops: ShopNames };
  #accounts: ShopAccount[] = [];

  constructor(parts: { link: WorkerLink; history: HistoryClient; shops: ShopNames }) {
    this.#parts = parts;
  }

  get list(): ShopAccount[] {
    return this.#accounts;
  }

  /** One look; throws while the worker is away, and what was known stays. */
  async look(): Promise<void> {
    const { link, shops } = this.#parts;
    const { accounts } = await link.ask('accounts', {}, timeoutMs);
    await shops.list();
    const byShop = Map.groupBy(accounts, ({ shopId }) => shopId);
    this.#accounts = await Promise.all([...byShop].map(([shop, days]) => this.#accountOf(shop, days)));
  }

  async #accountOf(shop: string, all: readonly DayAccount[]): Promise<ShopAccount> {
    const { history, shops } = this.#parts;
    const newest =
      all
        .map(({ date }) => date)
        .toSorted()
        .at(-1) ?? '';
    const oldest = Date.parse(newest) - (daysShown - 1) * dayMs;
    const days = all.filter(({ date }) => Date.parse(date) >= oldest).toSorted((a, b) => a.date.localeCompare(b.date));
    const checkedAt = Math.max(...days.map(({ takenAt }) => takenAt));
    const found = days.flatMap(({ missing }) => missing);
    const repaired = found.length === 0 ? 0 : await history.call('handledAfter', shop, found, earliest(days));
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

function earliest(days: readonly DayAccount[]): number {
  return Math.min(...days.map(({ takenAt }) => takenAt));
}
