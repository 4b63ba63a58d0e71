import '@mantine/charts/styles.css';
import { memo, useState } from 'react';
import { Group, SegmentedControl, SimpleGrid, Stack, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { ChartRange } from '@shopee-webhook/contracts/dashboard-api';
import { formatDuration, formatPercent, formatShortCount } from '../format/format.ts';
import { QueryBoundary } from '../parts/query-boundary.tsx';
import { chartsQuery } from '../api/queries.ts';
import { ChartPanel } from './chart-panel.tsx';
import { toChartRows } from './chart-rows.ts';

const ranges: { value: ChartRange; label: string }[] = [
  { value: '1h', label: '1 hour' },
  { value: '24h', label: '24 hours' },
  { value: '7d', label: '7 days' },
];

/** Trends: rates, latencies, queue depth and quotas. Memoized: the page around it changes with every pulse. */
export const ChartSection = memo(function ChartSection() {
  const [range, setRange] = useState<ChartRange>('1h');
  const query = useQuery(chartsQuery(range));
  return (
    <Stack gap="md" component="section" aria-label="Charts">
      <Group justify="space-between">
        <Title order={2} size="h4">
          Trends
        </Title>
        <SegmentedControl
          size="xs"
          data={ranges}
          value={range}
          onChange={(value) => setRange(value)}
          aria-label="Time range of the charts"
        />
      </Group>
      <QueryBoundary query={query} lines={8}>
        {(charts) => (
          <SimpleGrid cols={{ base: 1, lg: 2 }} spacing="md">
            <ChartPanel
              title="Events per minute"
              range={charts.range}
              rows={toChartRows(charts, ['received', 'handled', 'failed'], { perMinute: true })}
              format={formatShortCount}
              series={[
                { name: 'received', label: 'Received', color: 'blue.6' },
                { name: 'handled', label: 'Processed', color: 'teal.6' },
                { name: 'failed', label: 'Failed', color: 'red.6' },
              ]}
            />
            <ChartPanel
              title="Time to sheet"
              range={charts.range}
              rows={toChartRows(charts, ['processingP50', 'processingP95'])}
              format={formatDuration}
              series={[
                { name: 'processingP50', label: 'p50 (median)', color: 'violet.6' },
                { name: 'processingP95', label: 'p95', color: 'grape.4' },
              ]}
            />
            <ChartPanel
              title="Response time to Shopee"
              range={charts.range}
              rows={toChartRows(charts, ['responseP50', 'responseP95'])}
              format={formatDuration}
              series={[
                { name: 'responseP50', label: 'p50 (median)', color: 'cyan.6' },
                { name: 'responseP95', label: 'p95', color: 'blue.4' },
              ]}
            />
            <ChartPanel
              title="Backlog"
              range={charts.range}
              rows={toChartRows(charts, ['depth', 'retrying', 'spool'])}
              format={formatShortCount}
              series={[
                { name: 'depth', label: 'Queued', color: 'indigo.6' },
                { name: 'retrying', label: 'Retrying', color: 'orange.6' },
                { name: 'spool', label: 'Spooled', color: 'gray.6' },
              ]}
            />
            <ChartPanel
              title="Google quota used"
              range={charts.range}
              rows={toChartRows(charts, ['sheetWrites', 'sheetReads'])}
              format={formatPercent}
              top={1}
              series={[
                { name: 'sheetWrites', label: 'Writes', color: 'green.6' },
                { name: 'sheetReads', label: 'Reads', color: 'lime.6' },
              ]}
            />
            <ChartPanel
              title="Shopee calls per minute"
              range={charts.range}
              rows={toChartRows(charts, ['shopeeCalls'])}
              format={formatShortCount}
              series={[{ name: 'shopeeCalls', label: 'Calls', color: 'brand.6' }]}
            />
          </SimpleGrid>
        )}
      </QueryBoundary>
    </Stack>
  );
});
