import type { Money, MoneyFigures, MoneyOrderList } from '@shopee-webhook/contracts/dashboard-api';
import type { MoneyReport } from '@shopee-webhook/contracts/worker-rpc';
import { formatMoney } from '@shopee-webhook/shopee';
import type { ShopNames } from '../../shops/shop-names.ts';
import type { WorkerClient } from '../workers/worker-client.ts';

const timeoutMs = 5_000;

/** What the last payout check found, at most a minute old. */
export class MoneyReports {
  readonly #deps: { workerClient: Pick<WorkerClient, 'call'>; shops: Pick<ShopNames, 'list' | 'nameOf'> };
  #reports: readonly MoneyReport[] = [];

  constructor(deps: { workerClient: Pick<WorkerClient, 'call'>; shops: Pick<ShopNames, 'list' | 'nameOf'> }) {
    this.#deps = deps;
  }

  /** Throws while the worker is unreachable: nothing is known then. */
  async refresh(): Promise<void> {
    try {
      this.#reports = (await this.#deps.workerClient.call('money', {}, timeoutMs)).reports;
    } catch (error) {
      this.#reports = [];
      throw error;
    }
  }

  figures(): Pick<MoneyFigures, 'payoutsOverdue' | 'payoutsDiffering' | 'unexplained' | 'checkedAt'> {
    return {
      payoutsOverdue: count(this.#reports.map(({ overdue }) => overdue)),
      payoutsDiffering: count(this.#reports.map(({ differs }) => differs)),
      unexplained: count(this.#reports.map(({ unexplained }) => unexplained)),
      checkedAt: this.#checkedAt(),
    };
  }

  /** As of now. Throws while the worker is unreachable. */
  async view(): Promise<Money> {
    const { shops } = this.#deps;
    const [known] = await Promise.all([shops.list(), this.refresh()]);
    const list = (of: (report: MoneyReport) => MoneyReport['unexplained']) => this.#list(of);
    return {
      checkedAt: this.#checkedAt(),
      overdue: list(({ overdue }) => overdue),
      differs: list(({ differs }) => differs),
      unexplained: list(({ unexplained }) => unexplained),
      months: this.#reports
        .flatMap(({ shopId, walletMonths }) =>
          walletMonths.map(({ month, currency, transactions, ...amounts }) => ({
            shop: shopId,
            shopName: shops.nameOf(shopId),
            month,
            openingText: formatMoney(amounts.opening, currency),
            addedText: formatMoney(amounts.added, currency),
            deductedText: formatMoney(amounts.deducted, currency),
            gapText: amounts.gap === 0 ? null : formatMoney(amounts.gap, currency),
            closingText: formatMoney(amounts.closing, currency),
            transactions,
          })),
        )
        .toSorted((left, right) => right.month.localeCompare(left.month) || left.shop.localeCompare(right.shop)),
      shops: known.map(({ shopId }) => ({ shop: shopId, name: shops.nameOf(shopId) })),
    };
  }

  #list(of: (report: MoneyReport) => MoneyReport['unexplained']): MoneyOrderList | null {
    const groups = this.#reports.map((report) => ({ shopId: report.shopId, group: of(report) }));
    const total = count(groups.map(({ group }) => group));
    if (total === null) return null;
    return {
      orders: total,
      sumTexts: groups.flatMap(({ group }) =>
        (group?.sums ?? []).map(({ currency, amount }) => (amount === null ? null : formatMoney(amount, currency))),
      ),
      named: groups
        .flatMap(({ shopId, group }) =>
          (group?.named ?? []).map(({ sn, currency, amount, at, reason }) => ({
            shop: shopId,
            shopName: this.#deps.shops.nameOf(shopId),
            sn,
            amountText: amount === null ? null : formatMoney(amount, currency),
            at,
            reason,
          })),
        )
        .toSorted((left, right) => left.at - right.at),
    };
  }

  /** Of the shop that was checked longest ago. */
  #checkedAt(): number | null {
    return this.#reports.length === 0 ? null : Math.min(...this.#reports.map(({ checkedAt }) => checkedAt));
  }
}

/** Null when there is no report, or one that does not know. */
function count(groups: readonly MoneyReport['unexplained'][]): number | null {
  let total = 0;
  for (const group of groups) {
    if (group === null) return null;
    total += group.orders;
  }
  return groups.length === 0 ? null : total;
}
