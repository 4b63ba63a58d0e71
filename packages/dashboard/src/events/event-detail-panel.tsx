import type { ReactNode } from 'react';
import { Alert, Anchor, Box, Button, CloseButton, Group, SimpleGrid, Stack, Tabs, Text, Title } from '@mantine/core';
import { IconExternalLink, IconFlask, IconRefresh, IconTable } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import type { EventDetail } from '@shopee-webhook/contracts/dashboard-api';
import { Link } from 'wouter';
import { formatDuration, formatExactTime } from '../format/format.ts';
import { useLiveRefetch } from '../live/live-provider.tsx';
import { QueryBoundary } from '../parts/query-boundary.tsx';
import { EventIcon } from '../parts/event-icon.tsx';
import { DescriptionList } from '../parts/description-list.tsx';
import { CopyButton } from '../parts/copy-button.tsx';
import { JsonView } from '../parts/json-view.tsx';
import { LinkButton } from '../parts/link-button.tsx';
import { Mono } from '../parts/mono.tsx';
import { StateBadge } from '../parts/state-badge.tsx';
import { notifyInfo } from '../parts/notify.ts';
import { usePageHotkeys } from '../parts/use-page-hotkeys.ts';
import { eventQuery } from '../api/queries.ts';
import { openDryRun } from './dry-run.tsx';
import { SignatureView } from './signature-view.tsx';
import { StepTimeline } from './step-timeline.tsx';
import { useReprocess } from './use-reprocess.ts';

/** One event: its timeline, its payload, and its actions. */
export function EventDetailPanel({ id, onClose }: { id: string; onClose?: () => void }) {
  const query = useQuery(eventQuery(id));
  useLiveRefetch(
    (step) => step.id === id,
    () => query.refetch(),
    250,
  );
  if (query.data !== undefined) return <Detail detail={query.data} onClose={onClose} />;
  return (
    <Group wrap="nowrap" align="flex-start" gap="sm">
      <Box flex={1} miw={0}>
        <QueryBoundary query={query} lines={6}>
          {() => null}
        </QueryBoundary>
      </Box>
      <ClosePanelButton onClose={onClose} />
    </Group>
  );
}

/** Only beside the list: the drawer has its own close button. */
function ClosePanelButton({ onClose }: { onClose: (() => void) | undefined }) {
  return onClose !== undefined && <CloseButton visibleFrom="lg" onClick={onClose} aria-label="Close the event" />;
}

function Detail({ detail, onClose }: { detail: EventDetail; onClose: (() => void) | undefined }) {
  const { event, steps, payload, signature } = detail;
  return (
    <Stack gap="md">
      <Group wrap="nowrap" align="flex-start" gap="sm">
        <Box mt={4}>
          <EventIcon code={event.code} size={22} />
        </Box>
        <Box flex={1} miw={0}>
          <Title order={2} size="h4">
            {event.title}
          </Title>
          <Text size="sm" c="dimmed">
            {formatExactTime(event.at)}
          </Text>
        </Box>
        <StateBadge state={event.state} />
        <ClosePanelButton onClose={onClose} />
      </Group>
      <Actions detail={detail} />
      <EventDetails detail={detail} />
      {event.error !== null && event.state !== 'handled' && (
        <Alert color={event.state === 'dead' ? 'red' : 'orange'} title={event.reason ?? 'Failed'}>
          {event.error}
        </Alert>
      )}
      <Tabs defaultValue="timeline" keepMounted={false}>
        <Tabs.List mb="md">
          <Tabs.Tab value="timeline">Timeline</Tabs.Tab>
          <Tabs.Tab value="payload">Payload</Tabs.Tab>
          <Tabs.Tab value="signature">Signature</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="timeline">
          <StepTimeline steps={steps} />
        </Tabs.Panel>
        <Tabs.Panel value="payload">
          {payload === null ? (
            <Text size="sm" c="dimmed">
              This push is not stored here: another forwarder received it or it has expired.
            </Text>
          ) : (
            <JsonView text={payload} label="payload" />
          )}
        </Tabs.Panel>
        <Tabs.Panel value="signature">
          <SignatureView signature={signature} />
        </Tabs.Panel>
      </Tabs>
    </Stack>
  );
}

function Actions({ detail: { event, links, can } }: { detail: EventDetail }) {
  const process = useReprocess(event.id);
  usePageHotkeys([['r', () => (can.process ? process.mutate() : notifyDisabledReason(event))]]);
  return (
    <Group gap={6}>
      <Button
        size="xs"
        px={8}
        disabled={!can.process}
        loading={process.isPending}
        onClick={() => process.mutate()}
        leftSection={<IconRefresh size={14} />}
      >
        Reprocess
      </Button>
      <Button
        size="xs"
        px={8}
        variant="default"
        disabled={!can.dryRun}
        onClick={() => openDryRun(event.id)}
        leftSection={<IconFlask size={14} />}
      >
        Dry run
      </Button>
      {links.row !== null && <LinkButton href={links.row} label="Open the row" icon={IconTable} />}
      {links.sellerCenter !== null && (
        <LinkButton href={links.sellerCenter} label="Open in Shopee" icon={IconExternalLink} />
      )}
    </Group>
  );
}

/** Explains why the hotkey does nothing. */
function notifyDisabledReason({ state }: EventDetail['event']): void {
  const inFlight = state === 'waiting' || state === 'working' || state === 'retrying';
  notifyInfo(inFlight ? 'This event is already queued.' : 'The push is not stored here; refresh the order instead.');
}

function EventDetails({ detail: { event, source } }: { detail: EventDetail }) {
  const items: [string, ReactNode][] = [['Event', <CopyableId key="id" value={event.id} />]];
  if (event.sn !== null) items.push(['Order', <OrderLink key="sn" sn={event.sn} shop={event.shop} />]);
  if (event.shop !== null) items.push(['Shop', `${event.shopName ?? ''} ${event.shop}`.trim()]);
  if (source !== null) items.push(['Source', source]);
  if (event.responseMs !== null) items.push(['Response time', formatDuration(event.responseMs)]);
  if (event.processingMs !== null) items.push(['Processing time', formatDuration(event.processingMs)]);
  if (event.duplicates > 0) items.push(['Redeliveries', event.duplicates]);
  return (
    <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="md" verticalSpacing={6}>
      <DescriptionList items={items.slice(0, 3)} labelWidth={52} />
      <DescriptionList items={items.slice(3)} labelWidth={110} />
    </SimpleGrid>
  );
}

function CopyableId({ value }: { value: string }) {
  return (
    <Group gap={4} wrap="nowrap">
      <Mono truncate>{value}</Mono>
      <CopyButton value={value} />
    </Group>
  );
}

function OrderLink({ sn, shop }: { sn: string; shop: string | null }) {
  return (
    <Group gap={4} wrap="nowrap">
      <Anchor
        component={Link}
        size="sm"
        href={`/orders/${encodeURIComponent(sn)}${shop === null ? '' : `?shop=${shop}`}`}
      >
        <Mono>{sn}</Mono>
      </Anchor>
      <CopyButton value={sn} />
    </Group>
  );
}
