import { Anchor, Badge, EmptyState, Group, Stack, Table, Text } from '@mantine/core';
import { IconCpu } from '@tabler/icons-react';
import type { ConsumerItem } from '@shopee-webhook/forwarder/api-types';
import { Link } from 'wouter';
import { countOf, durationOf, spanOf } from '../format.ts';
import { Facts } from '../parts/facts.tsx';
import { Mono } from '../parts/mono.tsx';
import { usePhone } from '../parts/use-phone.ts';
import { When } from '../parts/when.tsx';

const states = {
  idle: { color: 'gray', word: 'Idle' },
  busy: { color: 'blue', word: 'Busy' },
  paused: { color: 'orange', word: 'Paused' },
  stopped: { color: 'red', word: 'Stopped' },
} as const;

export function ConsumerTable({ consumers }: { consumers: readonly ConsumerItem[] }) {
  const isPhone = usePhone();
  if (consumers.length === 0) {
    return <EmptyState py="xl" icon={<IconCpu />} title="No consumers" description="No worker has been here yet." />;
  }
  if (isPhone) return consumers.map((consumer) => <PhoneRow key={consumer.id} consumer={consumer} />);
  return (
    <Table.ScrollContainer minWidth={760} scrollAreaProps={{ viewportProps: { tabIndex: 0 } }}>
      <Table verticalSpacing="sm" fz="sm">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Consumer</Table.Th>
            <Table.Th>State</Table.Th>
            <Table.Th>Holds</Table.Th>
            <Table.Th ta="right">Done</Table.Th>
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
        <Holdings consumer={consumer} />
      </Table.Td>
      <Table.Td ta="right">{countOf(consumer.processed)}</Table.Td>
      <Table.Td ta="right">{countOf(consumer.retried)}</Table.Td>
      <Table.Td ta="right">{countOf(consumer.failed)}</Table.Td>
      <Table.Td ta="right">{durationOf(consumer.avgProcessingMs)}</Table.Td>
      <Table.Td>
        <When at={consumer.lastProcessedAt} />
      </Table.Td>
    </Table.Tr>
  );
}

/** The same among few columns: none. */
function PhoneRow({ consumer }: { consumer: ConsumerItem }) {
  const { processed, retried, failed, avgProcessingMs, lastProcessedAt } = consumer;
  return (
    <Stack component="section" aria-label={consumer.id} gap="xs" p="md">
      <Group justify="space-between" wrap="nowrap">
        <div>
          <Name consumer={consumer} />
        </div>
        <State consumer={consumer} />
      </Group>
      <Facts
        labelWidth={80}
        facts={[
          ['Holds', <Holdings key="h" consumer={consumer} />],
          ['Done', `${countOf(processed)}, ${countOf(retried)} retried, ${countOf(failed)} failed`],
          ['Average', durationOf(avgProcessingMs)],
          ['Last', <When key="l" at={lastProcessedAt} />],
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
          last sign of life {spanOf(heartbeatAgeMs)} ago
        </Text>
      )}
    </>
  );
}

function State({ consumer: { state } }: { consumer: ConsumerItem }) {
  const { color, word } = states[state];
  return (
    <Badge variant="dot" color={color} tt="none" miw="max-content">
      {word}
    </Badge>
  );
}

function Holdings({ consumer: { holding, holds } }: { consumer: ConsumerItem }) {
  if (holding === 0)
    return (
      <Text size="sm" c="dimmed">
        nothing
      </Text>
    );
  return (
    <Stack gap={2}>
      {holds.slice(0, 5).map(({ id, sn }) => (
        <Anchor component={Link} key={id} href={`/events/${encodeURIComponent(id)}`} size="sm">
          <Mono>{sn ?? id}</Mono>
        </Anchor>
      ))}
      {holding > 5 && (
        <Text size="xs" c="dimmed">
          and {countOf(holding - 5)} more
        </Text>
      )}
    </Stack>
  );
}
