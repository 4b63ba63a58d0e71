import type { ReactNode } from 'react';
import { Alert, Anchor, Box, Button, CloseButton, Group, SimpleGrid, Stack, Tabs, Text, Title } from '@mantine/core';
import { IconExternalLink, IconFlask, IconRefresh, IconTable } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import type { EventDetail } from '@shopee-webhook/contracts/dashboard-api';
import { Link } from 'wouter';
import { formatDuration, formatExactTime, pluralize } from '../format/format.ts';
import { useLiveRefetch } from '../live/live-provider.tsx';
import { QueryBoundary } from '../parts/query-boundary.tsx';
import { EventIcon } from '../parts/event-icon.tsx';
import { DescriptionList } from '../parts/description-list.tsx';
import { CopySign, JsonView } from '../parts/json-view.tsx';
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

/** One event: what happened to it, what Shopee sent, and what can be done about it. */
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

/** Beside the list; in a drawer that has its own. */
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
              The push is not kept here: another forwarder received it, or it is older than what is kept.
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
        Process again
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
        <LinkButton href={links.sellerCenter} label="Seller Centre" icon={IconExternalLink} />
      )}
    </Group>
  );
}

/** A key that does nothing would leave one wondering. */
function notifyDisabledReason({ state }: EventDetail['event']): void {
  const inHand = state === 'waiting' || state === 'working' || state === 'retrying';
  notifyInfo(inHand ? 'It is still on its way.' : 'Its push is not kept here: refresh its order in place of it.');
}

function EventDetails({ detail: { event, source } }: { detail: EventDetail }) {
  const facts: [string, ReactNode][] = [['Event', <CopyableId key="id" value={event.id} />]];
  if (event.sn !== null) facts.push(['Order', <OrderLink key="sn" sn={event.sn} shop={event.shop} />]);
  if (event.shop !== null) facts.push(['Shop', `${event.shopName ?? ''} ${event.shop}`.trim()]);
  if (source !== null) facts.push(['Came by', source]);
  if (event.responseMs !== null) facts.push(['Answered in', formatDuration(event.responseMs)]);
  if (event.processingMs !== null) facts.push(['Handled in', formatDuration(event.processingMs)]);
  if (event.duplicates > 0) facts.push(['Sent again', pluralize(event.duplicates, 'time')]);
  return (
    <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="md" verticalSpacing={6}>
      <DescriptionList facts={facts.slice(0, 3)} labelWidth={52} />
      <DescriptionList facts={facts.slice(3)} labelWidth={84} />
    </SimpleGrid>
  );
}

function CopyableId({ value }: { value: string }) {
  return (
    <Group gap={4} wrap="nowrap">
      <Mono truncate>{value}</Mono>
      <CopySign value={value} />
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
      <CopySign value={sn} />
    </Group>
  );
}
