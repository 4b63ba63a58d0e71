import { memo, useEffect, useRef } from 'react';
import { Anchor, EmptyState, Group, Table, Text } from '@mantine/core';
import { IconInbox } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import type { EventItem } from '@shopee-webhook/contracts/dashboard-api';
import { Link, useSearch } from 'wouter';
import { formatDuration, formatExactTime, formatTime } from '../format/format.ts';
import { EventIcon } from '../parts/event-icon.tsx';
import { Mono } from '../parts/mono.tsx';
import { StateBadge } from '../parts/state-badge.tsx';
import { eventQuery } from '../api/queries.ts';
import { toAttempts } from './attempts.ts';
import classes from './event-table.module.css';

type Columns = 'all' | 'few' | 'mobile';

export interface EventTableProps {
  events: readonly EventItem[];
  selected?: string | undefined;
  /** `few`: beside an open event; `mobile`: the order number is under the title. */
  columns?: Columns;
  onSelect?: (id: string) => void;
}

export function EventTable({ events, selected, columns = 'all', onSelect }: EventTableProps) {
  const parameters = useSearch();
  if (events.length === 0) {
    return (
      <EmptyState
        py="xl"
        icon={<IconInbox />}
        title="No events"
        description="No events match this period and filters."
      />
    );
  }
  return (
    <Table.ScrollContainer minWidth={minWidths[columns]} scrollAreaProps={{ viewportProps: { tabIndex: 0 } }}>
      <Table highlightOnHover verticalSpacing={7} className={classes['table']}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Time</Table.Th>
            <Table.Th>Event</Table.Th>
            {columns !== 'mobile' && <Table.Th>Order</Table.Th>}
            {columns === 'all' && <Table.Th>Shop</Table.Th>}
            <Table.Th>State</Table.Th>
            {columns === 'all' && <Table.Th ta="right">Attempts</Table.Th>}
            {columns === 'all' && <Table.Th ta="right">Processing time</Table.Th>}
            {columns === 'all' && <Table.Th ta="right">Row</Table.Th>}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody
          onClick={({ target, defaultPrevented }) => {
            // Modified clicks open a new tab.
            if (!(target instanceof Element) || (target.closest('a') !== null && !defaultPrevented)) return;
            const id = target.closest('tr')?.dataset['id'];
            if (id !== undefined) onSelect?.(id);
          }}
        >
          {events.map((event) => (
            <Row
              key={event.seq}
              event={event}
              selected={event.id === selected}
              columns={columns}
              opensInList={onSelect !== undefined}
              href={`/events/${encodeURIComponent(event.id)}${parameters === '' ? '' : `?${parameters}`}`}
            />
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

const minWidths = { all: 760, few: 480, mobile: 0 } as const;
const columnCounts = { all: 8, few: 4, mobile: 3 } as const;

interface RowProps {
  event: EventItem;
  selected: boolean;
  columns: Columns;
  /** A click opens it in the list; otherwise its link leads to the Events page. */
  opensInList: boolean;
  href: string;
}

/** Memoized: a list of fifty is refetched all the time. */
const Row = memo(function Row({ event, selected, columns, opensInList, href }: RowProps) {
  const row = useRef<HTMLTableRowElement>(null);
  useEffect(() => {
    // Keep the selected row in view when navigating by key.
    if (selected) row.current?.scrollIntoView({ block: 'nearest' });
  }, [selected]);
  return (
    <>
      <Table.Tr ref={row} className={classes['row']} data-selected={selected || undefined} data-id={event.id}>
        <Table.Td className={classes['narrow']}>
          <Mono title={formatExactTime(event.at)}>{formatTime(event.at)}</Mono>
        </Table.Td>
        <Table.Td>
          <Group gap={8} wrap="nowrap">
            <EventIcon code={event.code} />
            <Anchor
              component={Link}
              href={href}
              c="inherit"
              size="sm"
              {...(opensInList ? { onClick: (click) => click.preventDefault() } : {})}
              {...(selected ? { 'aria-current': true } : {})}
            >
              {event.title}
            </Anchor>
          </Group>
          {columns === 'mobile' && event.sn !== null && <Mono c="dimmed">{event.sn}</Mono>}
        </Table.Td>
        {columns !== 'mobile' && (
          <Table.Td className={classes['narrow']}>{event.sn !== null && <Mono>{event.sn}</Mono>}</Table.Td>
        )}
        {columns === 'all' && <Table.Td className={classes['cut']}>{event.shopName ?? event.shop}</Table.Td>}
        <Table.Td className={classes['narrow']}>
          <StateBadge state={event.state} />
        </Table.Td>
        {columns === 'all' && <Table.Td ta="right">{event.attempts}</Table.Td>}
        {columns === 'all' && (
          <Table.Td ta="right">{event.processingMs === null ? '' : formatDuration(event.processingMs)}</Table.Td>
        )}
        {columns === 'all' && <Table.Td ta="right">{event.row}</Table.Td>}
      </Table.Tr>
      {selected && <AttemptRows id={event.id} columns={columnCounts[columns]} />}
    </>
  );
});

/** The attempts of the selected event, under its row. */
function AttemptRows({ id, columns }: { id: string; columns: number }) {
  const { data } = useQuery(eventQuery(id));
  return toAttempts(data?.steps ?? []).map(({ number, at, outcome, ms, reason, error }) => (
    <Table.Tr key={number} className={classes['child']}>
      <Table.Td className={classes['narrow']}>
        <Mono c="dimmed">{formatTime(at)}</Mono>
      </Table.Td>
      <Table.Td colSpan={columns - 1}>
        <Text size="sm" pl={26}>
          ↳ Attempt {number}: {outcomeLabels[outcome].verb}
          {ms !== null && ` after ${formatDuration(ms)}`}
          {outcomeLabels[outcome].rest}
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

const outcomeLabels = {
  running: { verb: 'in progress', rest: '' },
  handled: { verb: 'processed', rest: '' },
  retried: { verb: 'failed', rest: ', will retry' },
  'dead-lettered': { verb: 'dead-lettered', rest: '' },
  requeued: { verb: 'requeued', rest: ', consumer stopped' },
} as const;
