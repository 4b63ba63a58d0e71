import type { ChartBucket, ChartRange, Charts } from '@shopee-webhook/contracts/dashboard-api';
import { zoneOffsetMs } from '../format/zone.ts';

/** A line of a chart. */
export type Figure = Exclude<keyof ChartBucket, 'at' | 'complete'>;

/** Name of a figure's dashed line, which continues it into the incomplete bucket. */
export function partialName(figure: string): string {
  return `${figure} now`;
}

export type ChartRow = Record<string, number | null> & { at: number };

/**
 * The buckets as chart rows: each figure's values of complete buckets, and in a second, dashed line the last complete and the
 * incomplete one. `perMinute` figures are counts, shown as rates.
 */
export function toChartRows(
  charts: Charts,
  figures: readonly Figure[],
  options: { perMinute?: boolean } = {},
): ChartRow[] {
  const { buckets, bucketMs } = charts;
  const firstIncomplete = buckets.findIndex((bucket) => !bucket.complete);
  const dashedFrom = firstIncomplete === -1 ? buckets.length : firstIncomplete - 1;
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

/** The lines to draw: one that is always 0 is left out, unless it is the first. */
export function visibleSeries<Series extends { name: string }>(
  rows: readonly ChartRow[],
  series: readonly Series[],
): readonly Series[] {
  const isFlat = ({ name }: Series) =>
    rows.every((row) => (row[name] ?? 0) === 0 && (row[partialName(name)] ?? 0) === 0);
  return series.filter((one, index) => index === 0 || !isFlat(one));
}

/** Minutes between two ticks of the time axis. */
const tickMinutes: Record<ChartRange, number> = { '1h': 10, '24h': 180, '7d': 24 * 60 };

/** Ticks of the time axis: the first bucket after each round time of the shown zone. */
export function roundTicks(rows: readonly ChartRow[], range: ChartRange): number[] {
  const spanAt = (at: number): number => {
    const localMinutes = (at + zoneOffsetMs(at)) / 60_000;
    return Math.floor(localMinutes / tickMinutes[range]);
  };
  return rows.map(({ at }) => at).filter((at, index, all) => spanAt(at) !== spanAt(all[index - 1] ?? at - 1));
}
