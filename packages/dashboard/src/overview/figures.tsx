import type { ReactNode } from 'react';
import { Anchor, Paper, SimpleGrid, Stack, Text } from '@mantine/core';
import type { Overview, Takings } from '@shopee-webhook/forwarder/api-types';
import { Link } from 'wouter';
import { countOf, durationOf, plural } from '../format.ts';

/** What today brought, in numbers. */
export function Figures({ overview }: { overview: Overview }) {
  const { today, ackP50, ackP95, handleP50, handleP95 } = overview;
  return (
    <SimpleGrid minColWidth={146} autoFlow="auto-fit" spacing="md" component="section" aria-label="Today">
      {today.takings.length === 0 ? (
        <Figure label="Orders today" value="0" />
      ) : (
        today.takings.map((takings) => <TakingsFigures key={takings.currency} takings={takings} />)
      )}
      <Figure
        label="Events today"
        value={countOf(today.received)}
        hint={`${countOf(today.handled)} handled · ${plural(today.duplicates, 'repeat')}`}
        href="/events?range=24h"
      />
      <Figure
        label="Failures today"
        value={countOf(today.failed)}
        hint={plural(today.dead, 'dead letter')}
        href="/dead-letters"
      />
      <Figure label="Answered to Shopee in" value={timeOf(ackP50)} hint={`95 of 100 within ${timeOf(ackP95)}`} />
      <Figure label="In the sheet after" value={timeOf(handleP50)} hint={`95 of 100 within ${timeOf(handleP95)}`} />
    </SimpleGrid>
  );
}

function TakingsFigures({ takings }: { takings: Takings }) {
  const { currency, orders, cancelled, grossText, netText, netOrders } = takings;
  const placed = `${plural(orders, 'order')}${cancelled > 0 ? `, ${countOf(cancelled)} cancelled` : ''}`;
  const net = netOrders === 0 ? 'no income known yet' : `net ${netText} of ${countOf(netOrders)}`;
  return <Figure label={`Sales today, ${currency}`} value={grossText} hint={`${placed} · ${net}`} />;
}

function Figure({ label, value, hint, href }: { label: string; value: ReactNode; hint?: string; href?: string }) {
  return (
    <Paper withBorder p="md">
      <Stack gap={2}>
        <Text size="xs" c="dimmed" fw={500}>
          {href === undefined ? (
            label
          ) : (
            <Anchor component={Link} href={href} c="dimmed" inherit>
              {label}
            </Anchor>
          )}
        </Text>
        <Text fz={{ base: 18, sm: 20 }} fw={650} lh={1.3}>
          {value}
        </Text>
        {hint !== undefined && (
          <Text size="xs" c="dimmed">
            {hint}
          </Text>
        )}
      </Stack>
    </Paper>
  );
}

function timeOf(ms: number | null): string {
  return ms === null ? '–' : durationOf(ms);
}
