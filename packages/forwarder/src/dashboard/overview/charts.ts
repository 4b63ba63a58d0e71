import type { HistoryClient, MinuteRow } from '@shopee-webhook/history';
import type { ChartBucket, ChartRange, Charts } from '@shopee-webhook/contracts/dashboard-api';

const minuteMs = 60_000;

/** The period of a chart, and the width of its buckets. */
const spans: Record<ChartRange, { minutes: number; bucketMinutes: number }> = {
  '1h': { minutes: 60, bucketMinutes: 1 },
  '24h': { minutes: 24 * 60, bucketMinutes: 15 },
  '7d': { minutes: 7 * 24 * 60, bucketMinutes: 120 },
};

/** The figures of a span in equal buckets without gaps; the last one is still filling. */
export async function buildCharts(history: HistoryClient, range: ChartRange, now: number): Promise<Charts> {
  const { minutes, bucketMinutes } = spans[range];
  const bucketMs = bucketMinutes * minuteMs;
  const last = Math.floor(now / bucketMs) * bucketMs;
  const first = last - minutes * minuteMs + bucketMs;
  const rows = await history.call('minutes', { from: first, to: last + bucketMs, bucketMinutes });
  const byTime = new Map(rows.map((row) => [row.at, row]));
  const buckets = Array.from({ length: minutes / bucketMinutes }, (_, index) => {
    const at = first + index * bucketMs;
    return toBucket(byTime.get(at), at, at !== last);
  });
  return { range, bucketMs, buckets };
}

/** What the gauges chore notes each minute. */
export type GaugeName = 'depth' | 'retrying' | 'deadLetters' | 'spool' | 'sheetReads' | 'sheetWrites' | 'shopeeCalls';

function toBucket(row: MinuteRow | undefined, at: number, complete: boolean): ChartBucket {
  const gauge = (name: GaugeName) => row?.gauges[name] ?? null;
  const { received = 0, duplicates = 0, handled = 0, failed = 0, dead: deadLettered = 0, notified = 0 } = row ?? {};
  return {
    at,
    complete,
    received,
    duplicates,
    handled,
    failed,
    deadLettered,
    notified,
    responseP50: row?.ackP50 ?? null,
    responseP95: row?.ackP95 ?? null,
    processingP50: row?.handleP50 ?? null,
    processingP95: row?.handleP95 ?? null,
    depth: gauge('depth'),
    retrying: gauge('retrying'),
    deadLetters: gauge('deadLetters'),
    spool: gauge('spool'),
    sheetReads: gauge('sheetReads'),
    sheetWrites: gauge('sheetWrites'),
    shopeeCalls: gauge('shopeeCalls'),
  };
}
