import { Anchor, Badge, EmptyState, Group, Stack, Table, Text } from '@mantine/core';
import { IconCpu } from '@tabler/icons-react';
import type { ConsumerItem } from '@shopee-webhook/contracts/dashboard-api';
import { Link } from 'wouter';
import { formatCount, formatDuration, formatSpan } from '../format/format.ts';
import { DescriptionList } from '../parts/description-list.tsx';
import { Mono } from '../parts/mono.tsx';
import { useIsMobile } from '../parts/use-is-mobile.ts';
import { RelativeTime } from '../parts/relative-time.tsx';

const states = {
  idle: { color: 'gray', label: 'Idle' },
  busy: { color: 'blue', label: 'Busy' },
  paused: { color: 'orange', label: 'Paused' },
  stopped: { color: 'red', label: 'Stopped' },
} as const;

export function ConsumerTable({ consumers }: { consumers: readonly ConsumerItem[] }) {
  const isMobile = useIsMobile();
  if (consumers.length === 0) {
    return <EmptyState py="xl" icon={<IconCpu />} title="No consumers" description="No worker has registered yet." />;
  }
  if (isMobile) return consumers.map((consumer) => <MobileRow key={consumer.id} consumer={consumer} />);
  return (
    <Table.ScrollContainer minWidth={760} scrollAreaProps={{ viewportProps: { tabIndex: 0 } }}>
      <Table verticalSpacing="sm" fz="sm">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Consumer</Table.Th>
            <Table.Th>State</Table.Th>
            <Table.Th>In flight</Table.Th>
            <Table.Th ta="right">Processed</Table.Th>
            <Table.Th ta="right">Retried</Table.Th>
            <Table.Th ta="right">Failed</Table.Th>
            <Table.Th ta="right">Average</Table.Th>
            <Table.Th>Last</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {consumers.map((consumer) => (
            <Row key={consumer.id} consumer={consumer} />
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

function Row({ consumer }: { consumer: ConsumerItem }) {
  return (
    <Table.Tr>
      <Table.Td>
        <Name consumer={consumer} />
      </Table.Td>
      <Table.Td>
        <State consumer={consumer} />
      </Table.Td>
      <Table.Td>
        <InFlight consumer={consumer} />
      </Table.Td>
      <Table.Td ta="right">{formatCount(consumer.processed)}</Table.Td>
      <Table.Td ta="right">{formatCount(consumer.retried)}</Table.Td>
      <Table.Td ta="right">{formatCount(consumer.failed)}</Table.Td>
      <Table.Td ta="right">{formatDuration(consumer.avgProcessingMs)}</Table.Td>
      <Table.Td>
        <RelativeTime at={consumer.lastProcessedAt} />
      </Table.Td>
    </Table.Tr>
  );
}

/** The same as a card. */
function MobileRow({ consumer }: { consumer: ConsumerItem }) {
  const { processed, retried, failed, avgProcessingMs, lastProcessedAt } = consumer;
  return (
    <Stack component="section" aria-label={consumer.id} gap="xs" p="md">
      <Group justify="space-between" wrap="nowrap">
        <div>
          <Name consumer={consumer} />
        </div>
        <State consumer={consumer} />
      </Group>
      <DescriptionList
        labelWidth={80}
        items={[
          ['In flight', <InFlight key="h" consumer={consumer} />],
          ['Processed', `${formatCount(processed)}, ${formatCount(retried)} retried, ${formatCount(failed)} failed`],
          ['Average', formatDuration(avgProcessingMs)],
          ['Last', <RelativeTime key="l" at={lastProcessedAt} />],
        ]}
      />
    </Stack>
  );
}

function Name({ consumer: { id, heartbeatAgeMs } }: { consumer: ConsumerItem }) {
  return (
    <>
      <Mono>{id}</Mono>
      {heartbeatAgeMs !== null && heartbeatAgeMs > 15_000 && (
        <Text size="xs" c="red">
          Last heartbeat {formatSpan(heartbeatAgeMs)} ago
        </Text>
      )}
    </>
  );
}

function State({ consumer: { state } }: { consumer: ConsumerItem }) {
  const { color, label } = states[state];
  return (
    <Badge variant="dot" color={color} tt="none" miw="max-content">
      {label}
    </Badge>
  );
}

function InFlight({ consumer: { inFlight, inFlightMessages } }: { consumer: ConsumerItem }) {
  if (inFlight === 0)
    return (
      <Text size="sm" c="dimmed">
        none
      </Text>
    );
  return (
    <Stack gap={2}>
      {inFlightMessages.slice(0, 5).map(({ id, sn, enqueuedAt }) => (
        <Group key={id} gap={6} wrap="nowrap">
          <Anchor component={Link} href={`/events/${encodeURIComponent(id)}`} size="sm">
            <Mono>{sn ?? id}</Mono>
          </Anchor>
          <Text size="xs" c="dimmed" style={{ whiteSpace: 'nowrap' }}>
            queued <RelativeTime at={enqueuedAt} />
          </Text>
        </Group>
      ))}
      {inFlight > 5 && (
        <Text size="xs" c="dimmed">
          and {formatCount(inFlight - 5)} more
        </Text>
      )}
    </Stack>
  );
}
