import type { JobStatus } from '@shopee-webhook/runtime';
import type { JobItem } from './api-types.ts';
import { duration } from './flow.ts';
import { count } from './words.ts';

type Figures = Readonly<Record<string, number>>;

interface JobWords {
  title: string;
  takes: JobItem['takes'];
  /** What a run found, as one says it. */
  tell: (figures: Figures, result: JobStatus['result']) => string;
}

const words: Readonly<Record<string, JobWords>> = {
  reconcile: { title: 'Reconcile', takes: ['from'], tell: compared },
  'reconcile-week': { title: 'Weekly account', takes: [], tell: compared },
  'lost-pushes': { title: 'Lost pushes', takes: [], tell: lostPushes },
  payouts: { title: 'Payouts', takes: ['from'], tell: payouts },
  'push-health': { title: 'Push subscription', takes: [], tell: pushHealth },
  backfill: { title: 'Backfill', takes: ['shop', 'from', 'to'], tell: backfilled },
};

/** How a job stands, in words. */
export function jobItemOf(job: JobStatus, { scheduled }: { scheduled: boolean }): JobItem {
  const { name, about, everyMs, running, beganAt, endedAt, nextAt, result, ok, error } = job;
  const { title, takes, tell } = words[name] ?? { title: name, takes: [], tell: listed };
  const isOff = everyMs !== null && !scheduled;
  const figures = figuresOf(result);
  const unasked = unaskedOf(result);
  return {
    name,
    title,
    meaning: about,
    state: running ? 'running' : isOff ? 'off' : 'idle',
    schedule: everyMs === null ? null : everyWord(everyMs),
    lastRunAt: endedAt,
    lastMs: beganAt === null || endedAt === null || endedAt < beganAt ? null : endedAt - beganAt,
    nextRunAt: isOff ? null : nextAt,
    lastResult: resultOf(),
    progress: running ? progressOf(result, figures, beganAt) : null,
    takes,
    canStop: running,
  };

  function resultOf(): JobItem['lastResult'] {
    if (ok === null) return null;
    const text = ok ? [tell(figures, result), ...unasked].join(' ') : (error ?? 'failed');
    return { ok, partly: ok && unasked.length > 0, text, figures };
  }
}

function everyWord(ms: number): string {
  if (ms === 3_600_000) return 'Every hour';
  return ms === 86_400_000 ? 'Every day' : `Every ${duration(ms / 1000)}`;
}

/** The numbers of a result, without times and places. */
function figuresOf(result: JobStatus['result']): Record<string, number> {
  const noFigures = new Set(['from', 'to', 'share', 'leftMs', 'suspendedAt', 'awaitedAt', 'pages']);
  return Object.fromEntries(
    Object.entries(result ?? {}).filter(
      (entry): entry is [string, number] => typeof entry[1] === 'number' && !noFigures.has(entry[0]),
    ),
  );
}

/** A sentence for each shop that the run could not look at: what it found says nothing about those. */
function unaskedOf(result: JobStatus['result']): string[] {
  const failed = result?.['failed'];
  if (typeof failed !== 'object' || failed === null) return [];
  return Object.entries(failed).map(([shop, why]) => `Left out: shop ${shop}, ${String(why)}.`);
}

function compared({ checked = 0, missing = 0, stale = 0, repaired = 0 }: Figures): string {
  if (checked === 0) return 'No order changed in that time.';
  const orders = `${count(checked, 'order')} compared`;
  if (missing + stale === 0) return `${orders}: the sheet has them all as Shopee does.`;
  return `${orders}: ${shown(missing)} missing, ${shown(stale)} out of date; ${shown(repaired)} queued for repair.`;
}

function lostPushes({ fetched = 0, queued = 0, known = 0 }: Figures): string {
  if (fetched === 0) return 'None was lost.';
  return `${shown(fetched)} fetched: ${shown(queued)} queued, ${shown(known)} known already.`;
}

function payouts({ released = 0, awaited = 0 }: Figures): string {
  const waits = awaited === 0 ? '' : ` ${count(awaited, 'completed order')} still to be paid out, fetched again.`;
  return released === 0 ? `No new payout.${waits}` : `${count(released, 'order')} paid out.${waits}`;
}

function pushHealth(_figures: Figures, result: JobStatus['result']): string {
  const status = result?.['status'];
  return typeof status === 'string' && status !== '' ? `Shopee says: ${status}.` : 'Shopee answered.';
}

function backfilled(figures: Figures, result: JobStatus['result']): string {
  if (!isDryRun(result)) return listed(figures);
  const { listed: atShopee = 0, missing = 0 } = figures;
  return `Dry run: ${shown(atShopee)} at Shopee, ${shown(missing)} not in the sheet; nothing was written.`;
}

function isDryRun(result: JobStatus['result']): boolean {
  return result?.['dryRun'] === true;
}

/** The figures by their names; a 0 says nothing but in the first. */
function listed(figures: Figures): string {
  const parts = Object.entries(figures)
    .filter(([, value], index) => value !== 0 || index === 0)
    .map(([name, value]) => `${shown(value)} ${wordOf(name)}`);
  return parts.length === 0 ? 'done' : parts.join(', ');
}

function shown(value: number): string {
  return value.toLocaleString('en-US');
}

function wordOf(name: string): string {
  return name === 'perMinute' ? 'a minute' : name;
}

function progressOf(
  result: JobStatus['result'],
  figures: Record<string, number>,
  beganAt: number | null,
): JobItem['progress'] {
  const share = result?.['share'];
  const leftMs = result?.['leftMs'];
  const left = typeof leftMs === 'number' ? `, ${duration(leftMs / 1000)} left` : '';
  return {
    done: typeof share === 'number' ? Math.round(share * 1000) / 10 : 0,
    total: typeof share === 'number' ? 100 : null,
    text: `${isDryRun(result) ? 'Dry run: ' : ''}${listed(figures)}${left}`,
    startedAt: beganAt ?? 0,
  };
}
