import { timeWindows, type ShopeeClient } from '@shopee-webhook/shopee';
import type { ActivityEntry, Queue, TokenStore } from '@shopee-webhook/store';
import { setTimeout as sleep } from 'node:timers/promises';
import { systemClock } from '@shopee-webhook/runtime';
import type { SheetReader } from '@shopee-webhook/sheets';
import type { OrderProcessor } from '../orders/process-order-batch.ts';
import { errorText, UpstreamUnavailableError } from '../upstreams/errors.ts';
import { parseEvent, type HandlerResult } from '../orders/parsed-event.ts';
import type { AccessTokens } from '../shops/access-tokens.ts';
import { DayProgress } from './day-progress.ts';
import type { Job, JobResult, JobRun } from './job.ts';
import { orderPages } from './order-pages.ts';
import { needsOperator, retryTransient } from './retry.ts';
import { syntheticDelivery, syntheticPush } from './order-refresh.ts';

export interface BackfillDeps {
  /** With lower priority than live events. */
  shopee: Pick<ShopeeClient, 'getOrderList'>;
  accessTokens: Pick<AccessTokens, 'withToken'>;
  tokens: Pick<TokenStore, 'list'>;
  /** Fetches with the same low priority. */
  orders: Pick<OrderProcessor, 'process'>;
  reader: Pick<SheetReader, 'readEntries'>;
  /** The queue of live events; undefined without Redis. */
  queue: Pick<Queue, 'depth'> | undefined;
  findSpreadsheet: (shopId: string) => string | undefined;
  /** Best effort: for the order list of the dashboard. */
  recordActivity: (steps: ActivityEntry[]) => Promise<boolean>;
  now?: () => number;
}

/** The saved progress of a backfill; the next run with the same range resumes here. */
interface BackfillCheckpoint {
  from: number;
  to: number;
  shops: string[];
  dryRun: boolean;
  /** Index in `shops`. */
  shop: number;
  /** Start of the current window, unix seconds. */
  windowFrom: number;
  /** Orders of completed days. */
  done: number;
  listed: number;
  written: number;
  failed: number;
  /** Orders missing from the sheet; only counted by a dry run. */
  missing: number;
  failures: string[];
  /** Shop → error of shops that were skipped. */
  failedShops: Record<string, string>;
  startedAt: number;
}

const day = 86_400;
/** Pages being fetched and written concurrently. */
const maxPagesInFlight = 8;
/** It pauses while more live events than this are queued. */
const maxQueueDepth = 200;
const maxAttempts = 8;

/**
 * Imports past orders into the sheet: shop by shop and day by day, eight pages concurrently, so that some are fetched
 * while others are written. A day is complete when each of its orders is written or has failed permanently; after a crash
 * the same range resumes at the first incomplete day.
 */
export function backfillJob(options: BackfillDeps): Job {
  return {
    name: 'backfill',
    description: 'Imports past orders. Resumes after an interruption.',
    async run(run): Promise<JobResult> {
      const checkpoint = await startOrResume(options, run);
      for (; checkpoint.shop < checkpoint.shops.length && !run.signal.aborted; checkpoint.shop += 1) {
        const shopId = checkpoint.shops[checkpoint.shop] ?? '';
        try {
          await backfillShop(options, run, { checkpoint, shopId });
        } catch (error) {
          if (run.signal.aborted || checkpoint.shops.length === 1) throw error;
          checkpoint.failedShops[shopId] = errorText(error);
        }
        if (run.signal.aborted) break;
        checkpoint.windowFrom = checkpoint.from;
      }
      if (run.signal.aborted) throw new BackfillInterrupted(checkpoint);
      return toResult(checkpoint, true, options);
    },
  };
}

/** A run that was stopped; its checkpoint is in the job's record. */
class BackfillInterrupted extends Error {
  override readonly name = 'BackfillInterrupted';

  constructor({ shops, shop, windowFrom }: BackfillCheckpoint) {
    const date = new Date(windowFrom * 1000).toISOString().slice(0, 10);
    super(`stopped at ${date} of shop ${String(shops[shop])}; run the same backfill to resume`);
  }
}

/** A new checkpoint, or that of the same range when it was interrupted. */
async function startOrResume(
  { tokens, now = systemClock.wallMs }: BackfillDeps,
  run: JobRun,
): Promise<BackfillCheckpoint> {
  const { from, to, shop, dryRun, restart } = run.options;
  if (typeof from !== 'number') throw new Error('option from is missing');
  const end = typeof to === 'number' ? to : Math.floor(now() / 1000);
  if (end <= from) throw new Error('to must be after from');
  const active = (await tokens.list()).filter(({ state }) => state === 'active').map(({ shopId }) => shopId);
  const shops = typeof shop === 'string' ? [shop] : active.toSorted();
  if (shops.length === 0) throw new Error('no shop is connected');
  const fresh: BackfillCheckpoint = {
    from,
    to: end,
    shops,
    dryRun: dryRun === true,
    shop: 0,
    windowFrom: from,
    done: 0,
    listed: 0,
    written: 0,
    failed: 0,
    missing: 0,
    failures: [],
    failedShops: {},
    startedAt: now(),
  };
  const before = run.interrupted?.['checkpoint'];
  if (restart === true || !isCheckpoint(before) || before.from !== from) return fresh;
  const sameEnd = typeof to === 'number' ? before.to === to : true;
  if (!sameEnd || before.dryRun !== fresh.dryRun || before.shops.join() !== shops.join()) return fresh;
  // Incomplete days are listed and written again.
  const written = before.dryRun ? 0 : Math.max(0, before.done - before.failed);
  return { ...fresh, ...before, to: end, listed: before.done, written };
}

async function backfillShop(
  options: BackfillDeps,
  run: JobRun,
  { checkpoint, shopId }: { checkpoint: BackfillCheckpoint; shopId: string },
): Promise<void> {
  const spreadsheetId = options.findSpreadsheet(shopId);
  if (spreadsheetId === undefined) throw new Error(`SPREADSHEET_ID has no spreadsheet for shop ${shopId}`);
  const known = checkpoint.dryRun ? await options.reader.readEntries(spreadsheetId, 'Orders') : undefined;
  const { signal } = run;
  const accessTokens: Pick<AccessTokens, 'withToken'> = {
    withToken: (shop, call) => retryTransient(() => options.accessTokens.withToken(shop, call), { signal }),
  };
  const days = new DayProgress({
    maxPages: maxPagesInFlight,
    onDayDone: ({ to, orders }) => {
      // Pages cut short by a stop count as written here.
      if (signal.aborted) return;
      checkpoint.windowFrom = to;
      checkpoint.done += orders;
      run.progress(toResult(checkpoint, false, options));
    },
  });
  try {
    // Adjacent windows share a second: its orders are not counted twice.
    let before = await previouslyListed({ ...options, accessTokens }, shopId, checkpoint);
    for (const { from, to } of timeWindows(checkpoint.windowFrom, checkpoint.to, day)) {
      const listed = new Set<string>();
      const today = days.begin(to);
      for await (const page of orderPages({ ...options, accessTokens }, shopId, { from, to, field: 'create_time' })) {
        if (signal.aborted) return;
        const sns = page.orders.map(({ sn }) => sn).filter((sn) => !before.has(sn));
        for (const sn of sns) listed.add(sn);
        checkpoint.listed += sns.length;
        today.orders += sns.length;
        if (known !== undefined) checkpoint.missing += sns.filter((sn) => !known.has(`${shopId}:${sn}`)).length;
        else if (sns.length > 0) {
          await waitWhileQueueBusy(options, run);
          await days.hasCapacity();
          days.add(today, writeOrders(options, run, { shopId, sns, checkpoint }));
        }
      }
      days.listed(today);
      if (signal.aborted) return;
      before = listed;
    }
  } finally {
    await days.ended();
  }
}

/** Orders of the shared second that the day before the checkpoint has already counted. */
async function previouslyListed(
  parts: Pick<BackfillDeps, 'shopee' | 'accessTokens'>,
  shopId: string,
  { from, windowFrom }: BackfillCheckpoint,
): Promise<Set<string>> {
  const listed = new Set<string>();
  if (windowFrom === from) return listed;
  const border = { from: windowFrom - 1, to: windowFrom, field: 'create_time' } as const;
  for await (const page of orderPages(parts, shopId, border)) for (const { sn } of page.orders) listed.add(sn);
  return listed;
}

/** Live events have priority. */
async function waitWhileQueueBusy({ queue }: BackfillDeps, run: JobRun): Promise<void> {
  if (queue === undefined) return;
  while (!run.signal.aborted && (await queue.depth()) > maxQueueDepth) await sleep(500);
}

async function writeOrders(
  options: BackfillDeps,
  run: JobRun,
  { shopId, sns, checkpoint }: { shopId: string; sns: string[]; checkpoint: BackfillCheckpoint },
): Promise<void> {
  let remaining = sns;
  for (let attempt = 1; remaining.length > 0 && !run.signal.aborted; attempt += 1) {
    const events = remaining.map((sn) => parseEvent(syntheticDelivery(syntheticPush({ shopId, sn }), 'backfill')));
    const chunks = [events.slice(0, 50), events.slice(50)].filter((chunk) => chunk.length > 0);
    const results = (await Promise.all(chunks.map((chunk) => options.orders.process(shopId, chunk)))).flat();
    await options.recordActivity(results.flatMap(toImported));
    const retryable: string[] = [];
    let waitMs = 0;
    for (const [index, result] of results.entries()) {
      const sn = remaining[index] ?? '';
      if (result.kind === 'done') checkpoint.written += 1;
      else if (needsOperator(result.error)) throw result.error;
      else if (result.error instanceof UpstreamUnavailableError || attempt < maxAttempts) {
        retryable.push(sn);
        const after = result.error instanceof UpstreamUnavailableError ? result.error.retryAfterMs : undefined;
        waitMs = Math.max(waitMs, after ?? Math.min(30_000, 500 * 2 ** attempt));
      } else {
        checkpoint.failed += 1;
        if (checkpoint.failures.length < 20) checkpoint.failures.push(sn);
      }
    }
    remaining = retryable;
    run.progress(toResult(checkpoint, false, options));
    if (remaining.length > 0) await sleep(waitMs, undefined, { signal: run.signal }).catch(() => undefined);
  }
}

/** The order's figures as a step of their own: the events of a backfill are nobody's history. */
function toImported({ kind, activity = [] }: HandlerResult): ActivityEntry[] {
  if (kind !== 'done') return [];
  return activity.filter(({ step }) => step === 'handled').map((entry) => ({ ...entry, step: 'imported' }));
}

/** The result shown to operators, with the checkpoint for a later run. */
function toResult(
  checkpoint: BackfillCheckpoint,
  done: boolean,
  { now = systemClock.wallMs }: BackfillDeps,
): JobResult {
  const span = Math.max(1, (checkpoint.to - checkpoint.from) * checkpoint.shops.length);
  const passed = checkpoint.shop * (checkpoint.to - checkpoint.from) + (checkpoint.windowFrom - checkpoint.from);
  const share = done ? 1 : Math.min(1, passed / span);
  const ms = now() - checkpoint.startedAt;
  return {
    share,
    ...(checkpoint.dryRun ? { dryRun: true } : {}),
    listed: checkpoint.listed,
    written: checkpoint.written,
    failed: checkpoint.failed,
    missing: checkpoint.missing,
    failures: checkpoint.failures,
    failedShops: checkpoint.failedShops,
    perMinute: Math.round((checkpoint.dryRun ? checkpoint.listed : checkpoint.written) / Math.max(1 / 60, ms / 60_000)),
    leftMs: share === 0 ? null : Math.round((ms / share) * (1 - share)),
    ...(done ? {} : { checkpoint: { ...checkpoint } }),
  };
}

function isCheckpoint(value: unknown): value is BackfillCheckpoint {
  return typeof value === 'object' && value !== null && 'windowFrom' in value && 'shops' in value && 'done' in value;
}
