import type { HealthChecks } from '@shopee-webhook/runtime';
import { formatMoney, timeZoneOf } from '@shopee-webhook/shopee';
import type { AnswerCounts } from '../answer-counts.ts';
import type { HistoryClient } from '../history/history-client.ts';
import type { MinuteRow } from '../history/rows.ts';
import type { QueueReporter, QueueReport } from '../queue-report.ts';
import type { Notifier } from '../telegram/notifier.ts';
import type { Alarm, Overview, ShopAccount, Takings } from './api-types.ts';
import { flowOf } from './flow.ts';
import { midnightIn } from './midnight.ts';
import { sentenceOf } from './sentence.ts';
import type { ShopNames } from './shop-names.ts';
import type { WorkerWatch } from './worker-watch.ts';

export interface OverviewSources {
  history: HistoryClient;
  reporter: QueueReporter;
  health: HealthChecks;
  /** The troubles under way. */
  alarms: () => Alarm[];
  answers: AnswerCounts;
  notifier: Notifier;
  worker: WorkerWatch;
  shops: ShopNames;
  /** Whether a person paused the consumers. */
  isPaused: () => boolean;
  /** What the last reconcile found. */
  accounts: () => ShopAccount[];
  now?: () => number;
}

/** So wide that any span falls into one. */
const oneBucket = 1e9;
const rememberedMs = 1_000;
const minuteMs = 60_000;

/** Puts the overview together, at most once a second for however many people watch. */
export class OverviewMaker {
  readonly #sources: OverviewSources;
  #known: { at: number; overview: Promise<Overview> } | undefined;

  constructor(sources: OverviewSources) {
    this.#sources = sources;
  }

  overview(): Promise<Overview> {
    const now = this.#now();
    if (this.#known === undefined || now - this.#known.at >= rememberedMs) {
      this.#known = { at: now, overview: this.#make(now) };
    }
    return this.#known.overview;
  }

  async #make(now: number): Promise<Overview> {
    const { history, reporter, shops, alarms, accounts } = this.#sources;
    const [minute, hour, queue, [newest], known, hasOrder] = await Promise.all([
      this.#sum(Math.floor(now / minuteMs) * minuteMs - minuteMs, Math.floor(now / minuteMs) * minuteMs),
      this.#sum(now - 60 * minuteMs, now),
      reporter.report(),
      history.call('events', {}, { limit: 1 }),
      shops.list(),
      history.call('hasOrders'),
    ]);
    const today = midnightIn(timeZoneOf(known[0]?.region), now);
    const [sums, takings] = await Promise.all([this.#sum(today, now), this.#takings(now)]);
    const flow = this.#flow({ now, minute, queue, lastPushAt: newest?.at });
    const oldestWaitingSeconds = Math.max(queue.queue.oldestSeconds ?? 0, queue.spool.oldestSeconds);
    const shopAccounts = accounts();
    return {
      at: now,
      sentence: sentenceOf({
        flow,
        waiting: waitingOf(queue),
        oldestWaitingSeconds,
        deadLetters: (queue.queue.deadLetter ?? 0) + queue.spool.deadLetter,
        missing: shopAccounts.reduce((sum, { missing }) => sum + missing, 0),
        hasEvents: newest !== undefined,
      }),
      oldestWaitingSeconds,
      accounts: shopAccounts,
      today: { ...countsOf(sums), takings },
      flow,
      queue,
      ackP50: hour.ackP50,
      ackP95: hour.ackP95,
      handleP50: hour.handleP50,
      handleP95: hour.handleP95,
      alarms: alarms(),
      setupDone:
        newest !== undefined && known.some(({ state }) => state === 'active') && (hasOrder || this.#isSheetFine()),
    };
  }

  #flow(facts: { now: number; minute: MinuteRow; queue: QueueReport; lastPushAt: number | undefined }) {
    const { answers, health, worker, isPaused, notifier } = this.#sources;
    return flowOf({
      ...facts,
      answers: answers.minutes(),
      own: health.report(),
      worker: worker.view,
      paused: isPaused(),
      notifier: notifier.status(),
    });
  }

  #isSheetFine(): boolean {
    const { reachable, checks } = this.#sources.worker.view;
    return reachable && checks['google-sheets']?.status !== 'failing';
  }

  async #takings(now: number): Promise<Takings[]> {
    const { history } = this.#sources;
    const regions = await history.call('regions', now - 48 * 60 * minuteMs);
    const rows = await Promise.all(
      regions.map((region) => history.call('takings', region, midnightIn(timeZoneOf(region), now))),
    );
    return rows.flat().map((row) => ({
      ...row,
      grossText: formatMoney(row.gross, row.currency),
      netText: formatMoney(row.net, row.currency),
    }));
  }

  async #sum(from: number, to: number): Promise<MinuteRow> {
    const [sum] = await this.#sources.history.call('minutes', { from, to, bucketMinutes: oneBucket });
    return sum ?? nothing;
  }

  #now(): number {
    return this.#sources.now?.() ?? Date.now();
  }
}

const nothing: MinuteRow = {
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

function countsOf({ received, handled, duplicates, failed, dead, notified }: MinuteRow) {
  return { received, handled, duplicates, failed, dead, notified };
}

function waitingOf({ queue, spool }: QueueReport): number {
  return (queue.depth ?? 0) + (queue.retrying ?? 0) + (queue.processing ?? 0) + spool.depth;
}
