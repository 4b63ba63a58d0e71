import { type HealthChecks, systemClock } from '@shopee-webhook/runtime';
import { formatMoney, incomeLabel, midnightIn, timeZoneOf } from '@shopee-webhook/shopee';
import type { ResponseStats } from '../../ingest/response-stats.ts';
import type { HistoryClient, MinuteRow } from '@shopee-webhook/history';
import type { QueueStatsReader } from '../../monitoring/queue-stats.ts';
import type { QueueStats } from '@shopee-webhook/contracts';
import type { Notifier } from '@shopee-webhook/notifier';
import type { ActiveAlert, Overview, ShopReconciliation, Sales } from '@shopee-webhook/contracts/dashboard-api';
import { buildSystemStatus } from './system-status.ts';
import type { MoneyReports } from '../money/money-reports.ts';
import { buildHeadline } from './headline.ts';
import type { ShopNames } from '../../shops/shop-names.ts';
import type { WorkerMonitor } from '../workers/worker-monitor.ts';

export interface OverviewDeps {
  history: HistoryClient;
  queueStats: QueueStatsReader;
  health: HealthChecks;
  /** The active alerts. */
  alerts: () => ActiveAlert[];
  responseStats: ResponseStats;
  notifier: Notifier;
  worker: WorkerMonitor;
  shops: ShopNames;
  /** Whether a person paused the consumers. */
  isPaused: () => boolean;
  /** What the last reconcile found. */
  reconciliations: () => ShopReconciliation[];
  /** What the last payout check found. */
  moneyFigures: MoneyReports['figures'];
  /** Shopee's API is a test environment or the sandbox. */
  isSandbox: boolean;
}

/** So wide that any span falls into one. */
const oneBucket = 1e9;
const cacheTtlMs = 1_000;
const minuteMs = 60_000;

/** Puts the overview together, at most once a second for however many people watch. */
export class OverviewBuilder {
  readonly #deps: OverviewDeps;
  #cached: { at: number; overview: Promise<Overview> } | undefined;

  constructor(deps: OverviewDeps) {
    this.#deps = deps;
  }

  overview(): Promise<Overview> {
    const now = systemClock.monotonicMs();
    if (this.#cached === undefined || now - this.#cached.at >= cacheTtlMs) {
      this.#cached = { at: now, overview: this.#build(systemClock.wallMs()) };
    }
    return this.#cached.overview;
  }

  async #build(now: number): Promise<Overview> {
    const { history, queueStats, shops, alerts, reconciliations } = this.#deps;
    const [minute, hour, queue, [newest], known, hasOrder] = await Promise.all([
      this.#sum(Math.floor(now / minuteMs) * minuteMs - minuteMs, Math.floor(now / minuteMs) * minuteMs),
      this.#sum(now - 60 * minuteMs, now),
      queueStats.read(),
      history.call('events', {}, { limit: 1 }),
      shops.list(),
      history.call('hasOrders'),
    ]);
    const timeZone = timeZoneOf(known[0]?.region);
    const today = midnightIn(timeZone, now);
    const [sums, sales, toShipToday] = await Promise.all([
      this.#sum(today, now),
      this.#sales(now),
      hasOrder ? this.#countToShip(today) : null,
    ]);
    const components = this.#systemStatus({ now, minute, queue, lastPushAt: newest?.at });
    const { pending, oldestPendingSeconds, deadLetters } = summarizeQueue(queue);
    const recent = reconciliations();
    return {
      at: now,
      headline: buildHeadline({
        components,
        pending,
        oldestPendingSeconds,
        deadLetters,
        missing: recent.length === 0 ? null : recent.reduce((sum, { missing }) => sum + missing, 0),
        hasEvents: newest !== undefined,
      }),
      pending,
      oldestPendingSeconds,
      deadLetters,
      timeZone,
      isSandbox: this.#deps.isSandbox,
      reconciliations: recent,
      money: { ...this.#deps.moneyFigures(), toShipToday, costMissing: null },
      today: { ...toCounts(sums), sales },
      components,
      queue,
      responseP50: hour.ackP50,
      responseP95: hour.ackP95,
      processingP50: hour.handleP50,
      processingP95: hour.handleP95,
      alerts: alerts(),
      setupDone:
        newest !== undefined && known.some(({ state }) => state === 'active') && (hasOrder || this.#isSheetHealthy()),
    };
  }

  #systemStatus(inputs: { now: number; minute: MinuteRow; queue: QueueStats; lastPushAt: number | undefined }) {
    const { responseStats, health, worker, isPaused, notifier } = this.#deps;
    return buildSystemStatus({
      ...inputs,
      responses: responseStats.minutes(),
      health: health.report(),
      worker: worker.view,
      paused: isPaused(),
      notifier: notifier.status(),
    });
  }

  #isSheetHealthy(): boolean {
    const { reachable, checks } = this.#deps.worker.view;
    return reachable && checks['google-sheets']?.status !== 'failing';
  }

  async #sales(now: number): Promise<Sales[]> {
    const { history } = this.#deps;
    const regions = await history.call('regions', now - 48 * 60 * minuteMs);
    const rows = await Promise.all(
      regions.map((region) => history.call('sales', region, midnightIn(timeZoneOf(region), now))),
    );
    return rows.flat().map((row) => ({
      ...row,
      grossText: formatMoney(row.gross, row.currency),
      netText: formatMoney(row.net, row.currency),
      netLabel: incomeLabel('escrow_amount_after_adjustment'),
    }));
  }

  /** Orders to be handed over by the end of the day that begins at `today`. */
  async #countToShip(today: number): Promise<number> {
    const totals = await this.#deps.history.call('orderTotals', { shipBefore: today + 24 * 60 * minuteMs });
    return totals.reduce((sum, { orders }) => sum + orders, 0);
  }

  async #sum(from: number, to: number): Promise<MinuteRow> {
    const [sum] = await this.#deps.history.call('minutes', { from, to, bucketMinutes: oneBucket });
    return sum ?? emptyMinute;
  }
}

const emptyMinute: MinuteRow = {
  at: 0,
  received: 0,
  duplicates: 0,
  handled: 0,
  failed: 0,
  dead: 0,
  notified: 0,
  ackP50: null,
  ackP95: null,
  handleP50: null,
  handleP95: null,
  gauges: {},
};

function toCounts({ received, handled, duplicates, failed, dead, notified }: MinuteRow) {
  return { received, handled, duplicates, failed, deadLettered: dead, notified };
}

/** What waits and what failed, each one figure for every place that shows it. Unknown is null, never 0. */
function summarizeQueue({ queue, spool }: QueueStats) {
  const { depth, retrying, processing, oldestSeconds, deadLetter } = queue;
  return {
    pending:
      depth === null || retrying === null || processing === null ? null : depth + retrying + processing + spool.depth,
    oldestPendingSeconds: oldestSeconds === null ? null : Math.max(oldestSeconds, spool.oldestSeconds),
    deadLetters: deadLetter === null ? null : deadLetter + spool.deadLetter,
  };
}
