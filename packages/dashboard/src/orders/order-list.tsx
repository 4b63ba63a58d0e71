import { Anchor, Badge, EmptyState, Group, Paper, Select, SimpleGrid, Table, Text } from '@mantine/core';
import { IconReceipt2 } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import type { OrderList, OrderListItem } from '@shopee-webhook/contracts/dashboard-api';
import { Link, useSearchParams } from 'wouter';
import { ordersQuery, shopsQuery } from '../api/queries.ts';
import { formatCount, formatDayMinute } from '../format/format.ts';
import { toIsoDate, startOfDay } from '../format/zone.ts';
import { useLiveRefetch } from '../live/live-provider.tsx';
import { Mono } from '../parts/mono.tsx';
import { Pager } from '../parts/pager.tsx';
import { QueryBoundary } from '../parts/query-boundary.tsx';
import { RelativeTime, useNow } from '../parts/relative-time.tsx';
import { useIsMobile } from '../parts/use-is-mobile.ts';
import { OrderStatusBadge } from './order-status-badge.tsx';

const dayMs = 24 * 3_600_000;
const changing = new Set(['handled', 'dead-lettered', 'queued', 'replayed', 'discarded', 'imported']);

const spans = [
  { value: '1', label: 'Today' },
  { value: '7', label: 'Last 7 days' },
  { value: '30', label: 'Last 30 days' },
  { value: '90', label: 'Last 90 days' },
];

const statuses = [
  'UNPAID',
  'READY_TO_SHIP',
  'PROCESSED',
  'SHIPPED',
  'TO_CONFIRM_RECEIVE',
  'COMPLETED',
  'IN_CANCEL',
  'CANCELLED',
  'TO_RETURN',
];

/** The newest orders with filters and totals, from the local history. */
export function OrderListView() {
  const [parameters, setParameters] = useSearchParams();
  const text = (name: string): string | undefined => parameters.get(name) ?? undefined;
  const days = Number(text('days') ?? 7);
  const inSheet = text('sheet');
  const today = startOfDay(toIsoDate(useNow()));
  const query = useQuery(
    ordersQuery({
      shop: text('shop'),
      status: text('status'),
      ...(inSheet === 'yes' || inSheet === 'no' ? { inSheet } : {}),
      ...(text('ship') === 'today' ? { shipBefore: today + dayMs } : {}),
      from: today - (days - 1) * dayMs,
      before: text('before'),
    }),
  );
  useLiveRefetch(
    (step) => changing.has(step.step),
    () => query.refetch(),
    2_000,
  );
  const show = (change: Record<string, string | null>): void =>
    setParameters((old) => {
      const next = new URLSearchParams(old);
      next.delete('before');
      for (const [name, value] of Object.entries(change)) {
        if (value === null) next.delete(name);
        else next.set(name, value);
      }
      return next;
    });
  return (
    <>
      <Filters
        days={String(days)}
        ship={text('ship')}
        inSheet={inSheet}
        status={text('status')}
        shop={text('shop')}
        onChange={show}
      />
      <QueryBoundary query={query} lines={8}>
        {(list) => (
          <>
            <Totals list={list} />
            <Paper withBorder>
              {list.orders.length === 0 ? (
                <EmptyState
                  py="xl"
                  icon={<IconReceipt2 />}
                  title="No orders"
                  description="No orders match this period and filters."
                />
              ) : (
                <OrderTable list={list} />
              )}
              <Group justify="flex-end" p="sm">
                <Pager
                  isFirst={text('before') === undefined}
                  next={list.next}
                  onFirst={() => show({})}
                  onNext={(before) => show({ before })}
                />
              </Group>
            </Paper>
          </>
        )}
      </QueryBoundary>
    </>
  );
}

function Filters(props: {
  days: string;
  ship: string | undefined;
  inSheet: string | undefined;
  status: string | undefined;
  shop: string | undefined;
  onChange: (change: Record<string, string | null>) => void;
}) {
  const { days, ship, inSheet, status, shop, onChange } = props;
  const { data } = useQuery(shopsQuery);
  const shops = (data?.shops ?? []).map(({ shop: value, name }) => ({ value, label: name ?? value }));
  return (
    <Group gap="xs">
      <Select
        aria-label="Time"
        data={spans}
        value={days}
        onChange={(value) => onChange({ days: value })}
        allowDeselect={false}
        flex={{ base: '1 1 140px', sm: '0 0 150px' }}
      />
      <Select
        aria-label="Status"
        placeholder="Any status"
        data={statuses}
        value={status ?? null}
        onChange={(value) => onChange({ status: value })}
        clearable
        flex={{ base: '1 1 140px', sm: '0 0 200px' }}
      />
      <Select
        aria-label="Ship by"
        placeholder="Any deadline"
        data={[{ value: 'today', label: 'To ship today' }]}
        value={ship ?? null}
        onChange={(value) => onChange({ ship: value })}
        clearable
        flex={{ base: '1 1 140px', sm: '0 0 160px' }}
      />
      <Select
        aria-label="In the sheet"
        placeholder="In the sheet or not"
        data={[
          { value: 'yes', label: 'In the sheet' },
          { value: 'no', label: 'Not in the sheet' },
        ]}
        value={inSheet ?? null}
        onChange={(value) => onChange({ sheet: value })}
        clearable
        flex={{ base: '1 1 140px', sm: '0 0 180px' }}
      />
      {shops.length > 1 && (
        <Select
          aria-label="Shop of the orders"
          placeholder="Any shop"
          data={shops}
          value={shop ?? null}
          onChange={(value) => onChange({ shop: value })}
          clearable
          flex={{ base: '1 1 140px', sm: '0 0 180px' }}
        />
      )}
    </Group>
  );
}

function Totals({ list: { totals, netLabel } }: { list: OrderList }) {
  const { orders, missing, sums } = totals;
  const figures: [string, string][] = [
    ['Orders', formatCount(orders)],
    ['Not in the sheet', formatCount(missing)],
    ...sums.flatMap(({ currency, grossText, netText, netOrders, paidOrders }): [string, string][] => [
      [`Sales, ${currency}`, grossText],
      [
        `${netLabel}, ${currency}${netOrders < paidOrders ? ` (${formatCount(netOrders)} of ${formatCount(paidOrders)} orders)` : ''}`,
        netText ?? '–',
      ],
    ]),
  ];
  return (
    <SimpleGrid minColWidth={150} autoFlow="auto-fit">
      {figures.map(([label, value]) => (
        <Paper key={label} withBorder p="md">
          <Text size="xs" c="dimmed" fw={500}>
            {label}
          </Text>
          <Text fz={20} fw={650}>
            {value}
          </Text>
        </Paper>
      ))}
    </SimpleGrid>
  );
}

function OrderTable({ list: { orders, netLabel } }: { list: OrderList }) {
  const isMobile = useIsMobile();
  return (
    <Table.ScrollContainer minWidth={isMobile ? 0 : 860} scrollAreaProps={{ viewportProps: { tabIndex: 0 } }}>
      <Table highlightOnHover verticalSpacing={8} fz="sm">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Placed</Table.Th>
            <Table.Th>Order</Table.Th>
            {!isMobile && <Table.Th>Shop</Table.Th>}
            {!isMobile && <Table.Th>Status</Table.Th>}
            {!isMobile && <Table.Th>Ship by</Table.Th>}
            {!isMobile && <Table.Th ta="right">Total</Table.Th>}
            {!isMobile && <Table.Th ta="right">{netLabel}</Table.Th>}
            <Table.Th>In the sheet</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {orders.map((order) => (
            <OrderRow key={`${order.shop} ${order.sn}`} order={order} isMobile={isMobile} />
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

function OrderRow({ order, isMobile }: { order: OrderListItem; isMobile: boolean }) {
  const { sn, shop, shopName, at, status, shipBy, totalText, netText, inSheet, row } = order;
  return (
    <Table.Tr>
      <Table.Td {...(isMobile ? {} : { style: { whiteSpace: 'nowrap' } })}>{formatDayMinute(at)}</Table.Td>
      <Table.Td>
        <Anchor
          component={Link}
          size="sm"
          display="inline-block"
          py={3}
          href={`/orders/${encodeURIComponent(sn)}?shop=${shop}`}
        >
          <Mono>{sn}</Mono>
        </Anchor>
        {isMobile && (
          <Group gap={6}>
            {status !== null && <OrderStatusBadge status={status} />}
            {netText ?? totalText}
          </Group>
        )}
      </Table.Td>
      {!isMobile && <Table.Td>{shopName ?? shop}</Table.Td>}
      {!isMobile && <Table.Td>{status !== null && <OrderStatusBadge status={status} />}</Table.Td>}
      {!isMobile && <Table.Td>{shipBy !== null && <ShipBy at={shipBy} status={status} />}</Table.Td>}
      {!isMobile && <Table.Td ta="right">{totalText ?? '–'}</Table.Td>}
      {!isMobile && <Table.Td ta="right">{netText ?? '–'}</Table.Td>}
      <Table.Td>
        <Badge variant="dot" tt="none" miw="max-content" color={inSheet ? 'green' : 'red'}>
          {inSheet ? (row === null ? 'Yes' : `Row ${String(row)}`) : 'No'}
        </Badge>
      </Table.Td>
    </Table.Tr>
  );
}

const notShipped = new Set(['READY_TO_SHIP', 'PROCESSED', 'RETRY_SHIP']);

/** Only what is still to be shipped has a deadline. */
function ShipBy({ at, status }: { at: number; status: string | null }) {
  const now = useNow();
  if (status === null || !notShipped.has(status)) return null;
  return <RelativeTime at={at} c={at < now ? 'red' : 'inherit'} />;
}
