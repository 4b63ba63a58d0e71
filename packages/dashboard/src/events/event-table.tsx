import { memo } from 'react';
import { Anchor, EmptyState, Group, Table, Text, Tooltip } from '@mantine/core';
import { IconInbox } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import type { EventItem } from '@shopee-webhook/forwarder/api-types';
import { Link, useSearch } from 'wouter';
import { durationOf, exactTimeOf, timeOf } from '../format.ts';
import { EventSign } from '../parts/event-sign.tsx';
import { Mono } from '../parts/mono.tsx';
import { StateBadge } from '../parts/state-badge.tsx';
import { eventQuery } from '../queries.ts';
import { attemptsOf } from './attempts.ts';
import classes from './event-table.module.css';

export interface EventTableProps {
  events: readonly EventItem[];
  selected?: string | undefined;
  /** Beside an open event: only the columns that tell rows apart. */
  compact?: boolean;
  onSelect?: (event: EventItem) => void;
}

export function EventTable({ events, selected, compact = false, onSelect }: EventTableProps) {
  const parameters = useSearch();
  if (events.length === 0) {
    return (
      <EmptyState
        py="xl"
        icon={<IconInbox />}
        title="No events here"
        description="Nothing came in this time that matches. Try a longer time or fewer filters."
      />
    );
  }
  return (
    <Table.ScrollContainer minWidth={compact ? 480 : 760} scrollAreaProps={{ viewportProps: { tabIndex: 0 } }}>
      <Table highlightOnHover verticalSpacing={7} className={classes['table']}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Time</Table.Th>
            <Table.Th>Event</Table.Th>
            <Table.Th>Order</Table.Th>
            {!compact && <Table.Th>Shop</Table.Th>}
            <Table.Th>State</Table.Th>
            {!compact && <Table.Th ta="right">Attempts</Table.Th>}
            {!compact && <Table.Th ta="right">Handled in</Table.Th>}
            {!compact && <Table.Th ta="right">Row</Table.Th>}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {events.map((event) => (
            <Row
              key={event.seq}
              event={event}
              selected={event.id === selected}
              compact={compact}
              onSelect={onSelect}
              href={`/events/${encodeURIComponent(event.id)}${parameters === '' ? '' : `?${parameters}`}`}
            />
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

interface RowProps {
  event: EventItem;
  selected: boolean;
  compact: boolean;
  href: string;
  onSelect: ((event: EventItem) => void) | undefined;
}

const Row = memo(function Row({ event, selected, compact, href, onSelect }: RowProps) {
  return (
    <>
      <Table.Tr
        className={classes['row']}
        data-selected={selected || undefined}
        onClick={(click) => {
          // The link does it itself, and opens a new tab when asked to.
          if (click.target instanceof Element && click.target.closest('a') !== null) return;
          onSelect?.(event);
        }}
      >
        <Table.Td className={classes['narrow']}>
          <Tooltip label={exactTimeOf(event.at)} openDelay={400}>
            <span>
              <Mono>{timeOf(event.at)}</Mono>
            </span>
          </Tooltip>
        </Table.Td>
        <Table.Td>
          <Group gap={8} wrap="nowrap">
            <EventSign code={event.code} />
            <Anchor component={Link} href={href} c="inherit" size="sm" {...(selected ? { 'aria-current': true } : {})}>
              {event.title}
            </Anchor>
          </Group>
        </Table.Td>
        <Table.Td className={classes['narrow']}>{event.sn !== null && <Mono>{event.sn}</Mono>}</Table.Td>
        {!compact && <Table.Td className={classes['cut']}>{event.shopName ?? event.shop}</Table.Td>}
        <Table.Td className={classes['narrow']}>
          <StateBadge state={event.state} />
        </Table.Td>
        {!compact && <Table.Td ta="right">{event.attempts}</Table.Td>}
        {!compact && <Table.Td ta="right">{event.handleMs === null ? '' : durationOf(event.handleMs)}</Table.Td>}
        {!compact && <Table.Td ta="right">{event.row}</Table.Td>}
      </Table.Tr>
      {selected && <AttemptRows id={event.id} columns={compact ? 4 : 8} />}
    </>
  );
});

/** The attempts of the chosen event, under its row. */
function AttemptRows({ id, columns }: { id: string; columns: number }) {
  const { data } = useQuery(eventQuery(id));
  return attemptsOf(data?.steps ?? []).map(({ number, at, outcome, ms, reason, error }) => (
    <Table.Tr key={number} className={classes['child']}>
      <Table.Td className={classes['narrow']}>
        <Mono c="dimmed">{timeOf(at)}</Mono>
      </Table.Td>
      <Table.Td colSpan={columns - 1}>
        <Text size="sm" pl={26}>
          ↳ Attempt {number}: {outcomeWords[outcome]}
          {ms !== null && ` after ${durationOf(ms)}`}
          {reason !== null && ` · ${reason}`}
        </Text>
        {error !== null && (
          <Text size="xs" c="dimmed" pl={26} lineClamp={2}>
            {error}
          </Text>
        )}
      </Table.Td>
    </Table.Tr>
  ));
}

const outcomeWords = {
  running: 'in hand',
  handled: 'handled',
  retried: 'failed, to be tried again',
  'dead-lettered': 'given up',
  returned: 'given back, its consumer stopped',
} as const;
