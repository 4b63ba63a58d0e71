import type { ReactNode } from 'react';
import { Anchor, Paper, Text } from '@mantine/core';
import type { Overview } from '@shopee-webhook/contracts/dashboard-api';
import { Link } from 'wouter';
import { formatCount, formatDuration, pluralize } from '../format/format.ts';
import classes from './kpi-cards.module.css';
import { SalesCard } from './sales-card.tsx';

/** Today's key figures. */
export function KpiCards({ overview }: { overview: Overview }) {
  const { today, deadLetters, responseP50, responseP95, processingP50, processingP95 } = overview;
  return (
    <section className={classes['figures']} aria-label="Today">
      <Paper withBorder p="md">
        <SalesCard sales={today.sales} />
      </Paper>
      <KpiCard
        label="Events today"
        value={formatCount(today.received)}
        hint={`${formatCount(today.handled)} processed, ${pluralize(today.duplicates, 'duplicate')}`}
        href="/events?range=24h"
      />
      <KpiCard
        label="Failed attempts today"
        value={formatCount(today.failed)}
        hint={deadLetters === null ? 'Dead letters: –' : `${pluralize(deadLetters, 'dead letter')} open`}
        href="/dead-letters"
      />
      <KpiCard
        label="Response time"
        value={formatOptionalDuration(responseP50)}
        hint={`p95 ${formatOptionalDuration(responseP95)}`}
      />
      <KpiCard
        label="Time to sheet"
        value={formatOptionalDuration(processingP50)}
        hint={`p95 ${formatOptionalDuration(processingP95)}`}
      />
    </section>
  );
}

/** A figure with its name; with `href` it opens its list. */
export function KpiCard(props: { label: string; value: ReactNode; hint: ReactNode; href?: string }) {
  const { label, value, hint, href } = props;
  return (
    <Paper withBorder p="md">
      <Text size="xs" c="dimmed" fw={500}>
        {href === undefined ? (
          label
        ) : (
          <Anchor component={Link} href={href} c="dimmed" inherit>
            {label}
          </Anchor>
        )}
      </Text>
      <Text fz={{ base: 20, sm: 24 }} fw={650} lh={1.35}>
        {value}
      </Text>
      <Text size="xs" c="dimmed">
        {hint}
      </Text>
    </Paper>
  );
}

function formatOptionalDuration(ms: number | null): string {
  return ms === null ? '–' : formatDuration(ms);
}
