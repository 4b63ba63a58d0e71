import type { JobStatus } from '@shopee-webhook/contracts/worker-rpc';
import type { JobItem } from '@shopee-webhook/contracts/dashboard-api';
import { formatDuration } from '../overview/system-status.ts';
import { pluralize } from '../overview/pluralize.ts';

type Counts = Readonly<Record<string, number>>;

interface JobText {
  title: string;
  parameters: JobItem['parameters'];
  /** What a run found, as a sentence. */
  summarize: (counts: Counts, result: JobStatus['result']) => string;
}

const jobTexts: Readonly<Record<string, JobText>> = {
  reconcile: { title: 'Reconcile', parameters: ['from'], summarize: comparedText },
  'reconcile-all': { title: 'Deep comparison', parameters: [], summarize: comparedText },
  'merge-duplicates': { title: 'Merge duplicates', parameters: [], summarize: mergedText },
  'reconcile-week': { title: 'Weekly reconciliation', parameters: [], summarize: comparedText },
  'lost-pushes': { title: 'Lost pushes', parameters: [], summarize: lostPushesText },
  payouts: { title: 'Payouts', parameters: ['from'], summarize: payoutsText },
  'payout-check': { title: 'Payout check', parameters: [], summarize: formatCounts },
  wallet: { title: 'Wallet', parameters: [], summarize: formatCounts },
  adjustments: { title: 'Adjustments', parameters: [], summarize: adjustmentsText },
  'push-health': { title: 'Push subscription', parameters: [], summarize: pushHealthText },
  backfill: { title: 'Backfill', parameters: ['shop', 'from', 'to'], summarize: backfillText },
};

/** A job's state and last result, for the page Jobs. */
export function toJobItem(job: JobStatus, { scheduled }: { scheduled: boolean }): JobItem {
  const { name, description, intervalMs, running, startedAt, endedAt, nextAt, result, ok, error } = job;
  const { title, parameters, summarize } = jobTexts[name] ?? { title: name, parameters: [], summarize: formatCounts };
  const isOff = intervalMs !== null && !scheduled;
  const counts = toCounts(result);
  const skipped = skippedShops(result);
  return {
    name,
    title,
    description,
    state: running ? 'running' : isOff ? 'off' : 'idle',
    schedule: intervalMs === null ? null : formatInterval(intervalMs),
    lastRunAt: endedAt,
    lastMs: startedAt === null || endedAt === null || endedAt < startedAt ? null : endedAt - startedAt,
    nextRunAt: isOff ? null : nextAt,
    lastResult: toResult(),
    progress: running ? toProgress(result, counts, startedAt) : null,
    parameters,
    canStop: running,
  };

  function toResult(): JobItem['lastResult'] {
    if (ok === null) return null;
    const summary = summarize(counts, result);
    const found = skipped.length === 0 ? summary : [summary.replace(/\.?$/, '.'), ...skipped].join(' ');
    const text = ok ? found : (error ?? 'failed');
    return { ok, partial: ok && skipped.length > 0, text, counts };
  }
}

function formatInterval(ms: number): string {
  if (ms === 3_600_000) return 'Every hour';
  return ms === 86_400_000 ? 'Every day' : `Every ${formatDuration(ms / 1000)}`;
}

/** The numbers of a result, without times and places. */
function toCounts(result: JobStatus['result']): Record<string, number> {
  const notCounts = new Set(['from', 'to', 'share', 'leftMs', 'suspendedAt', 'pendingCheckedAt', 'pages']);
  return Object.fromEntries(
    Object.entries(result ?? {}).filter(
      (entry): entry is [string, number] => typeof entry[1] === 'number' && !notCounts.has(entry[0]),
    ),
  );
}

/** A sentence for each shop that the run could not read: what it found says nothing about those. */
function skippedShops(result: JobStatus['result']): string[] {
  // In a backfill's result `failed` is a count of orders.
  return [result?.['failed'], result?.['failedShops']].flatMap((shops) =>
    typeof shops === 'object' && shops !== null
      ? Object.entries(shops).map(([shop, reason]) => `Skipped: shop ${shop}, ${String(reason)}.`)
      : [],
  );
}

function comparedText({ checked = 0, missing = 0, stale = 0, restored = 0, repaired = 0 }: Counts): string {
  if (checked + restored === 0) return 'No order changed in that time.';
  const orders = `${pluralize(checked, 'order')} compared`;
  if (missing + stale + restored === 0) return `${orders}: all match Shopee.`;
  const taken = restored === 0 ? '' : `${formatNumber(restored)} taken back by a restored version of the file, `;
  return `${orders}: ${taken}${formatNumber(missing)} missing, ${formatNumber(stale)} out of date; ${formatNumber(repaired)} queued for repair.`;
}

function mergedText({ merged = 0, left = 0 }: Counts): string {
  const rest = left === 0 ? '' : ` ${pluralize(left, 'order')} still in several rows: run it again.`;
  return merged === 0 ? `Every order stands once.${rest}` : `${pluralize(merged, 'row')} merged or repaired.${rest}`;
}

function lostPushesText({ fetched = 0, queued = 0, known = 0 }: Counts): string {
  if (fetched === 0) return 'No lost pushes.';
  return `${formatNumber(fetched)} fetched: ${formatNumber(queued)} queued, ${formatNumber(known)} already known.`;
}

function adjustmentsText({ requested = 0 }: Counts): string {
  return requested === 0 ? 'No order was due.' : `${pluralize(requested, 'paid-out order')} requested again.`;
}

function payoutsText({ released = 0, pending = 0 }: Counts): string {
  const rest = pending === 0 ? '' : ` ${pluralize(pending, 'completed order')} still to be paid out, fetched again.`;
  return released === 0 ? `No new payout.${rest}` : `${pluralize(released, 'order')} paid out.${rest}`;
}

function pushHealthText(_counts: Counts, result: JobStatus['result']): string {
  const status = result?.['status'];
  return typeof status === 'string' && status !== '' ? `Status at Shopee: ${status}.` : 'Shopee gave no status.';
}

function backfillText(counts: Counts, result: JobStatus['result']): string {
  if (!isDryRun(result)) return formatCounts(counts);
  const { listed: atShopee = 0, missing = 0 } = counts;
  return `Dry run: ${formatNumber(atShopee)} at Shopee, ${formatNumber(missing)} not in the sheet; nothing was written.`;
}

function isDryRun(result: JobStatus['result']): boolean {
  return result?.['dryRun'] === true;
}

/** The counts by their names; a 0 is shown only as the first. */
function formatCounts(counts: Counts): string {
  const parts = Object.entries(counts)
    .filter(([, value], index) => value !== 0 || index === 0)
    .map(([name, value]) => `${formatNumber(value)} ${labelFor(name)}`);
  return parts.length === 0 ? 'done' : parts.join(', ');
}

function formatNumber(value: number): string {
  return value.toLocaleString('en-US');
}

function labelFor(name: string): string {
  return name === 'perMinute' ? 'a minute' : name;
}

function toProgress(
  result: JobStatus['result'],
  counts: Record<string, number>,
  startedAt: number | null,
): JobItem['progress'] {
  const share = result?.['share'];
  const leftMs = result?.['leftMs'];
  const left = typeof leftMs === 'number' ? `, ${formatDuration(leftMs / 1000)} left` : '';
  return {
    done: typeof share === 'number' ? Math.round(share * 1000) / 10 : 0,
    total: typeof share === 'number' ? 100 : null,
    text: `${isDryRun(result) ? 'Dry run: ' : ''}${formatCounts(counts)}${left}`,
    startedAt: startedAt ?? 0,
  };
}
