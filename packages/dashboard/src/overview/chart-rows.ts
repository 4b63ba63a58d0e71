import type { ChartBucket, ChartRange, Charts } from '@shopee-webhook/contracts/dashboard-api';

type Figure = Exclude<keyof ChartBucket, 'at' | 'complete'>;

/** The line that goes on from a figure's own into the bucket that is still filling. */
export function partialName(figure: string): string {
  return `${figure} now`;
}

export type ChartRow = Record<string, number | null> & { at: number };

/**
 * The buckets as a chart draws them: each figure's values of the finished buckets, and in a second line, drawn dashed, the
 * last finished and the one that is still filling. `perMinute` figures are counts, shown as rates.
 */
export function toChartRows(
  charts: Charts,
  figures: readonly Figure[],
  options: { perMinute?: boolean } = {},
): ChartRow[] {
  const { buckets, bucketMs } = charts;
  const firstUnfinished = buckets.findIndex((bucket) => !bucket.complete);
  const dashedFrom = firstUnfinished === -1 ? buckets.length : firstUnfinished - 1;
  const scale = options.perMinute === true ? 60_000 / bucketMs : 1;
  return buckets.map((bucket, index) => {
    const row: ChartRow = { at: bucket.at };
    for (const figure of figures) {
      const value = bucket[figure];
      const scaled = value === null ? null : Math.round(value * scale * 1000) / 1000;
      row[figure] = bucket.complete ? scaled : null;
      row[partialName(figure)] = index >= dashedFrom ? scaled : null;
    }
    return row;
  });
}

/** The lines worth drawing: one that is 0 all the time would lie over the others' ground. The first always is. */
export function visibleSeries<Series extends { name: string }>(
  rows: readonly ChartRow[],
  series: readonly Series[],
): readonly Series[] {
  const isFlat = ({ name }: Series) =>
    rows.every((row) => (row[name] ?? 0) === 0 && (row[partialName(name)] ?? 0) === 0);
  return series.filter((one, index) => index === 0 || !isFlat(one));
}

/** Minutes between two marks of the time axis. */
const markMinutes: Record<ChartRange, number> = { '1h': 10, '24h': 180, '7d': 24 * 60 };

/** Where the time axis has its marks: the first bucket after each round time of the viewer's clock. */
export function roundTicks(rows: readonly ChartRow[], range: ChartRange): number[] {
  const spanAt = (at: number): number => {
    const localMinutes = at / 60_000 - new Date(at).getTimezoneOffset();
    return Math.floor(localMinutes / markMinutes[range]);
  };
  return rows.map(({ at }) => at).filter((at, index, all) => spanAt(at) !== spanAt(all[index - 1] ?? at - 1));
}
