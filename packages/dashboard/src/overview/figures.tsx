import type { ReactNode } from 'react';
import { Anchor, Paper, Text } from '@mantine/core';
import type { Overview } from '@shopee-webhook/forwarder/api-types';
import { Link } from 'wouter';
import { countOf, durationOf, plural } from '../format.ts';
import classes from './figures.module.css';
import { TakingsFigure } from './takings-figure.tsx';

/** What today brought, in numbers. */
export function Figures({ overview }: { overview: Overview }) {
  const { today, ackP50, ackP95, handleP50, handleP95 } = overview;
  return (
    <section className={classes['figures']} aria-label="Today">
      <Paper withBorder p="md">
        <TakingsFigure takings={today.takings} />
      </Paper>
      <Figure
        label="Events today"
        value={countOf(today.received)}
        hint={`${countOf(today.handled)} handled, ${plural(today.duplicates, 'repeat')}`}
        href="/events?range=24h"
      />
      <Figure
        label="Failures today"
        value={countOf(today.failed)}
        hint={plural(today.dead, 'dead letter')}
        href="/dead-letters"
      />
      <Figure label="Answered to Shopee in" value={timeOf(ackP50)} hint={`95% within ${timeOf(ackP95)}`} />
      <Figure label="In the sheet after" value={timeOf(handleP50)} hint={`95% within ${timeOf(handleP95)}`} />
    </section>
  );
}

function Figure({ label, value, hint, href }: { label: string; value: ReactNode; hint: string; href?: string }) {
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

function timeOf(ms: number | null): string {
  return ms === null ? '–' : durationOf(ms);
}
