import { useState, type PointerEvent } from 'react';
import { Button, Group, Paper, Skeleton, Text } from '@mantine/core';
import type { Histogram } from '@shopee-webhook/contracts/dashboard-api';
import { formatDayMinute, pluralize, formatTime } from '../format/format.ts';
import { useNow } from '../parts/relative-time.tsx';
import classes from './event-histogram.module.css';

export interface EventHistogramProps {
  histogram: Histogram | undefined;
  /** A time range is selected. */
  zoomed: boolean;
  onZoomIn: (from: number, to: number) => void;
  onResetZoom: () => void;
}

/** Events over time; drag to zoom in. */
export function EventHistogram({ histogram, zoomed, onZoomIn, onResetZoom }: EventHistogramProps) {
  const [hovered, setHovered] = useState<number>();
  const [from, setFrom] = useState<number>();
  const now = useNow();
  if (histogram === undefined) return <Skeleton h={104} radius="md" />;

  const { buckets, bucketMs, total } = histogram;
  const max = Math.max(1, ...buckets.map(({ count }) => count));
  const indexAt = ({ currentTarget, clientX }: PointerEvent<HTMLDivElement>): number => {
    const { left, width } = currentTarget.getBoundingClientRect();
    return Math.max(0, Math.min(buckets.length - 1, Math.floor(((clientX - left) / width) * buckets.length)));
  };
  const release = (event: PointerEvent<HTMLDivElement>): void => {
    if (from === undefined) return;
    const [first = 0, last = 0] = [from, indexAt(event)].toSorted((a, b) => a - b);
    setFrom(undefined);
    onZoomIn(buckets[first]?.at ?? 0, (buckets[last]?.at ?? 0) + bucketMs);
  };
  const bucket = hovered === undefined ? undefined : buckets[hovered];
  const [low = -1, high = -1] =
    from === undefined || hovered === undefined ? [] : [from, hovered].toSorted((a, b) => a - b);

  return (
    <Paper withBorder px="md" py="sm">
      <Group justify="space-between" mb={6} mih={24}>
        <Text size="sm" fw={600}>
          {pluralize(total, 'event')}
        </Text>
        {bucket !== undefined && (
          <Text size="xs" c="dimmed">
            {formatTime(bucket.at)} – {formatTime(bucket.at + bucketMs)}: {pluralize(bucket.count, 'event')}
            {bucket.deadLettered > 0 && `, ${pluralize(bucket.deadLettered, 'dead letter')}`}
          </Text>
        )}
        {bucket === undefined && zoomed && (
          <Button size="compact-xs" variant="default" onClick={onResetZoom}>
            Reset zoom
          </Button>
        )}
      </Group>
      <div
        className={classes['bars']}
        role="img"
        aria-label={`Events over time: ${pluralize(total, 'event')}, at most ${String(max)} in one bar`}
        onPointerMove={(event) => setHovered(indexAt(event))}
        onPointerLeave={() => {
          setHovered(undefined);
          setFrom(undefined);
        }}
        onPointerDown={(event) => setFrom(indexAt(event))}
        onPointerUp={release}
      >
        {buckets.map(({ at, count, deadLettered }, index) => (
          <div key={at} className={classes['bar']} data-selected={(index >= low && index <= high) || undefined}>
            <div className={classes['dead']} style={{ height: `${String((100 * deadLettered) / max)}%` }} />
            <div className={classes['count']} style={{ height: `${String((100 * (count - deadLettered)) / max)}%` }} />
          </div>
        ))}
      </div>
      <Group justify="space-between" mt={4}>
        <Text size="xs" c="dimmed">
          {formatDayMinute(buckets[0]?.at ?? 0)}
        </Text>
        <Text size="xs" c="dimmed">
          {formatDayMinute(Math.min(now, (buckets.at(-1)?.at ?? 0) + bucketMs))}
        </Text>
      </Group>
    </Paper>
  );
}
