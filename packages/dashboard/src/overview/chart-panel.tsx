import { AreaChart, ChartTooltip } from '@mantine/charts';
import { ColorSwatch, Group, Paper, Text, useMantineTheme, getThemeColor } from '@mantine/core';
import type { ChartRange } from '@shopee-webhook/contracts/dashboard-api';
import { formatDay, formatMinute, formatTime } from '../format/format.ts';
import { visibleSeries, roundTicks, partialName, type ChartRow, type Figure } from './chart-rows.ts';

interface Series {
  name: Figure;
  label: string;
  color: string;
}

export interface ChartPanelProps {
  title: string;
  range: ChartRange;
  rows: ChartRow[];
  series: readonly Series[];
  format: (value: number) => string;
  /** Fixed upper end of the axis. */
  top?: number;
}

/** One chart with its legend. The incomplete bucket is dashed. */
export function ChartPanel({ title, range, rows, series, format, top }: ChartPanelProps) {
  const drawn = visibleSeries(rows, series);
  const dashed = drawn.map(({ name, color }) => ({ name: partialName(name), color, strokeDasharray: '3 4' }));
  const hasValues = rows.some((row) =>
    series.some(({ name }) => (row[name] ?? row[partialName(name)] ?? null) !== null),
  );
  return (
    <Paper withBorder p="md" component="figure" m={0}>
      <Group justify="space-between" mb="sm" component="figcaption">
        <Text size="sm" fw={600}>
          {title}
        </Text>
        <Legend series={series} />
      </Group>
      {hasValues ? (
        <AreaChart
          h={180}
          data={rows}
          dataKey="at"
          series={[...drawn, ...dashed]}
          curveType="monotone"
          withDots={false}
          connectNulls={false}
          strokeWidth={1.6}
          fillOpacity={0.12}
          gridAxis="x"
          tickLine="none"
          valueFormatter={format}
          xAxisProps={{
            ticks: roundTicks(rows, range),
            tickFormatter: (at: number) => formatTick(at, range),
            minTickGap: 8,
            interval: 'equidistantPreserveStart',
          }}
          yAxisProps={{
            width: 60,
            // Non-breaking: recharts wraps at spaces.
            tickFormatter: (value: number) => (value === 0 ? '0' : format(value).replace(' ', '\u00a0')),
            allowDecimals: top !== undefined,
            ...(top === undefined ? {} : { domain: [0, top] }),
          }}
          areaProps={{ isAnimationActive: false }}
          tooltipAnimationDuration={0}
          tooltipProps={{
            content: ({ label, payload }) => renderTooltip({ at: Number(label), payload, series, format }),
          }}
        />
      ) : (
        <Text c="dimmed" size="sm" h={180} ta="center" pt={72}>
          No data for this period.
        </Text>
      )}
    </Paper>
  );
}

function Legend({ series }: { series: readonly Series[] }) {
  const theme = useMantineTheme();
  return (
    <Group gap="md">
      {series.map(({ name, label, color }) => (
        <Group key={name} gap={6}>
          <ColorSwatch color={getThemeColor(color, theme)} size={10} withShadow={false} />
          <Text size="xs" c="dimmed">
            {label}
          </Text>
        </Group>
      ))}
    </Group>
  );
}

/** Each series once: from its solid line or, in the incomplete bucket, from the dashed one. */
function renderTooltip(shown: {
  at: number;
  payload: readonly { payload?: unknown }[];
  series: readonly Series[];
  format: (value: number) => string;
}) {
  const { at, payload, series, format } = shown;
  const row = payload[0]?.payload as ChartRow | undefined;
  if (row === undefined) return null;
  const values = series.map(({ name, color }) => ({ name, color, value: row[name] ?? row[partialName(name)] }));
  return (
    <ChartTooltip
      label={formatTime(at)}
      payload={values.filter(({ value }) => value !== null && value !== undefined)}
      series={[...series]}
      valueFormatter={format}
    />
  );
}

function formatTick(at: number, range: ChartRange): string {
  return range === '7d' ? formatDay(at) : formatMinute(at).slice(-5);
}
