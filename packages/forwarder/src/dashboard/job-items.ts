import type { JobStatus } from '@shopee-webhook/runtime';
import type { JobItem } from './api-types.ts';
import { duration } from './flow.ts';

interface JobWords {
  title: string;
  takes: JobItem['takes'];
}

const words: Readonly<Record<string, JobWords>> = {
  reconcile: { title: 'Reconcile', takes: ['from'] },
  'reconcile-week': { title: 'Weekly account', takes: [] },
  'lost-pushes': { title: 'Lost pushes', takes: [] },
  payouts: { title: 'Payouts', takes: ['from'] },
  'push-health': { title: 'Push subscription', takes: [] },
  backfill: { title: 'Backfill', takes: ['shop', 'from', 'to'] },
};

/** How a job stands, in words. */
export function jobItemOf(job: JobStatus, { scheduled }: { scheduled: boolean }): JobItem {
  const { name, about, everyMs, running, beganAt, endedAt, nextAt, result, ok, error } = job;
  const { title, takes } = words[name] ?? { title: name, takes: [] };
  const isOff = everyMs !== null && !scheduled;
  const figures = figuresOf(result);
  const unread = unreadShops(result);
  return {
    name,
    title,
    meaning: about,
    state: running ? 'running' : isOff ? 'off' : 'idle',
    schedule: everyMs === null ? null : `every ${duration(everyMs / 1000)}`,
    lastRunAt: endedAt,
    lastMs: beganAt === null || endedAt === null || endedAt < beganAt ? null : endedAt - beganAt,
    nextRunAt: isOff ? null : nextAt,
    lastResult:
      ok === null
        ? null
        : { ok: ok && unread === '', text: ok ? `${textOf(figures)}${unread}` : (error ?? 'failed'), figures },
    progress: running ? progressOf(result, figures, beganAt) : null,
    takes,
    canStop: running,
  };
}

/** The numbers of a result, without times and places. */
function figuresOf(result: JobStatus['result']): Record<string, number> {
  const noFigures = new Set(['from', 'to', 'share', 'leftMs', 'suspendedAt']);
  return Object.fromEntries(
    Object.entries(result ?? {}).filter(
      (entry): entry is [string, number] => typeof entry[1] === 'number' && !noFigures.has(entry[0]),
    ),
  );
}

/** The shops that a run left out, and why; a run that was good for some only did not go well. */
function unreadShops(result: JobStatus['result']): string {
  const failed = result?.['failed'];
  if (typeof failed !== 'object' || failed === null) return '';
  return Object.entries(failed)
    .map(([shop, error]) => `; shop ${shop} not read: ${String(error)}`)
    .join('');
}

function textOf(figures: Record<string, number>): string {
  const parts = Object.entries(figures).map(([name, value]) => `${value.toLocaleString('en-US')} ${wordOf(name)}`);
  return parts.length === 0 ? 'done' : parts.join(', ');
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
    text: `${textOf(figures)}${left}`,
    startedAt: beganAt ?? 0,
  };
}
