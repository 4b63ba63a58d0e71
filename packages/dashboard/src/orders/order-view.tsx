import type { ReactNode } from 'react';
import { Alert, Button, EmptyState, Group, Paper, SimpleGrid, Stack, Text, Title } from '@mantine/core';
import { IconExternalLink, IconRefresh, IconTable } from '@tabler/icons-react';
import { useMutation, useQuery } from '@tanstack/react-query';
import type { SheetOrder } from '@shopee-webhook/contracts/worker-rpc';
import type { EventItem, OrderLookup, QueuedEvent } from '@shopee-webhook/contracts/dashboard-api';
import { useLocation } from 'wouter';
import { send } from '../api/client.ts';
import { EventTable } from '../events/event-table.tsx';
import { useReprocess } from '../events/use-reprocess.ts';
import { useLiveRefetch } from '../live/live-provider.tsx';
import { QueryBoundary } from '../parts/query-boundary.tsx';
import { DescriptionList } from '../parts/description-list.tsx';
import { LinkButton } from '../parts/link-button.tsx';
import { notifySuccess, notifyError } from '../parts/notify.ts';
import { useIsMobile } from '../parts/use-is-mobile.ts';
import { orderQuery } from '../api/queries.ts';
import { ShopeeOrder } from './shopee-order.tsx';

export function OrderView({ sn, shop }: { sn: string; shop: string | undefined }) {
  const query = useQuery(orderQuery(sn, shop));
  // Only after a final step: each refetch costs a call to Shopee.
  useLiveRefetch(
    (step) => step.sn === sn && (step.step === 'handled' || step.step === 'dead-lettered'),
    () => query.refetch(),
  );
  return (
    <QueryBoundary query={query} lines={8}>
      {(order) => <Order order={order} />}
    </QueryBoundary>
  );
}

function Order({ order }: { order: OrderLookup }) {
  const [, navigate] = useLocation();
  const isMobile = useIsMobile();
  const refresh = useMutation({
    mutationFn: () =>
      send<QueuedEvent>(
        `/orders/${encodeURIComponent(order.sn)}/refresh`,
        order.shop === null ? {} : { shop: order.shop },
      ),
    onSuccess: () => notifySuccess('The order will be fetched from Shopee and written to the sheet.', 'Queued'),
    onError: notifyError('Could not refresh'),
  });
  return (
    <Stack gap="lg">
      <Group justify="space-between">
        <div>
          <Title order={2} size="h3">
            {order.sn}
          </Title>
          <Text c="dimmed" size="sm">
            {order.shopName ?? (order.shop === null ? 'Unknown shop: select one above.' : order.shop)}
          </Text>
        </div>
        <Group gap="xs">
          <Button
            size="xs"
            loading={refresh.isPending}
            onClick={() => refresh.mutate()}
            leftSection={<IconRefresh size={14} />}
          >
            Refresh
          </Button>
          {order.sheet.row !== null && <LinkButton href={order.sheet.row.link} label="Open the row" icon={IconTable} />}
          {order.sellerCenter !== null && (
            <LinkButton href={order.sellerCenter} label="Open in Shopee" icon={IconExternalLink} />
          )}
        </Group>
      </Group>
      {order.sheet.row === null && <NotInSheet order={order} onRefresh={() => refresh.mutate()} />}
      <SimpleGrid cols={{ base: 1, lg: 2 }}>
        <SourcePanel title="Shopee" error={order.shopee.error} missing="Shopee does not know this order.">
          {order.shopee.order !== null && <ShopeeOrder order={order.shopee.order} />}
        </SourcePanel>
        <SourcePanel title="Sheet" error={order.sheet.error} missing="Not in the sheet">
          {order.sheet.row !== null && <SheetRow row={order.sheet.row} />}
        </SourcePanel>
      </SimpleGrid>
      <Paper withBorder>
        <Title order={3} size="h5" p="md">
          Events
        </Title>
        <EventTable
          events={order.events}
          columns={isMobile ? 'mobile' : 'all'}
          onSelect={(id) => navigate(`/events/${encodeURIComponent(id)}`)}
        />
      </Paper>
    </Stack>
  );
}

/** Why the order is not in the sheet, by its newest event, and how to fix it. */
function NotInSheet({ order, onRefresh }: { order: OrderLookup; onRefresh: () => void }) {
  const newest = order.events.find(({ state }) => state !== 'handled');
  const isDead = newest?.state === 'dead';
  const reprocess = useReprocess(newest?.id ?? '');
  // A sheet that cannot be read may well have it.
  if (order.sheet.error !== null && newest === undefined) return null;
  return (
    <Alert color={isDead ? 'red' : 'orange'} title={notInSheetTitle(order, newest)}>
      <Stack gap="sm" align="flex-start">
        {isDead ? (
          <Text size="sm">
            {newest.reason}: {newest.error}
          </Text>
        ) : (
          <Text size="sm">{notInSheetReason(newest)}</Text>
        )}
        <Group gap="xs">
          {isDead && (
            <Button size="xs" loading={reprocess.isPending} onClick={() => reprocess.mutate()}>
              Replay
            </Button>
          )}
          <Button size="xs" variant="default" onClick={onRefresh} disabled={order.shop === null}>
            Fetch again
          </Button>
        </Group>
      </Stack>
    </Alert>
  );
}

function notInSheetTitle({ sheet }: OrderLookup, newest: EventItem | undefined): string {
  const verb = sheet.error === null ? 'Not in the sheet' : 'Maybe not in the sheet';
  return newest?.state === 'dead' ? `${verb}: its event failed` : `${verb} yet`;
}

function notInSheetReason(newest: EventItem | undefined): string {
  if (newest === undefined) return 'No event of this order is waiting. Fetch it to write its row.';
  if (newest.state === 'discarded') return 'Its event was discarded. Fetch the order to write its row.';
  return newest.error ?? 'Its event is still being processed.';
}

function SourcePanel(props: { title: string; error: string | null; missing: string; children: ReactNode }) {
  const { title, error, missing, children } = props;
  const isEmpty = children === null || children === false;
  return (
    <Paper withBorder p="md" component="section" aria-label={title}>
      <Title order={3} size="h5" mb="md">
        {title}
      </Title>
      {error !== null && (
        <Alert color="orange" title="No response">
          {error}
        </Alert>
      )}
      {error === null && isEmpty ? <EmptyState size="sm" title={missing} /> : children}
    </Paper>
  );
}

/** The row by its columns; zero columns are listed in one line. */
function SheetRow({ row: { row, cells } }: { row: SheetOrder }) {
  const filled = cells.filter(({ value }) => value !== 0 && value !== '' && value !== null);
  const zeros = cells.filter(({ value }) => value === 0).map(({ title }) => title);
  return (
    <Stack gap="md">
      <DescriptionList
        labelWidth={170}
        items={[['Row', row], ...filled.map(({ title, value }) => [title, String(value)] as [string, string])]}
      />
      {zeros.length > 0 && (
        <Text size="xs" c="dimmed">
          Zero: {zeros.join(', ')}
        </Text>
      )}
    </Stack>
  );
}
