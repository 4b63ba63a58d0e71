import { Alert, Button, Group, Stack, Text, Timeline, Title } from '@mantine/core';
import { IconListDetails, IconPlayerPlay, IconTrash } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import type { DeadLetterDetail, BulkOperation } from '@shopee-webhook/contracts/dashboard-api';
import { Link } from 'wouter';
import { formatExactTime } from '../format/format.ts';
import { QueryBoundary } from '../parts/query-boundary.tsx';
import { DescriptionList } from '../parts/description-list.tsx';
import { JsonView } from '../parts/json-view.tsx';
import { Mono } from '../parts/mono.tsx';
import { deadLetterQuery } from '../api/queries.ts';
import { useDeadLetterActions } from './use-dead-letter-actions.ts';

/** One dead deadLetter: reason, payload, and its two actions. */
export function DeadLetterPanel({ id, onTask }: { id: string; onTask: (task: BulkOperation) => void }) {
  const query = useQuery(deadLetterQuery(id));
  const actions = useDeadLetterActions({ ids: [id] }, 1, onTask);
  return (
    <QueryBoundary query={query}>
      {(deadLetter) => (
        <Stack gap="md">
          <Title order={2} size="h4">
            {deadLetter.title}
          </Title>
          <Group gap="xs">
            <Button
              size="xs"
              disabled={!deadLetter.replayable}
              onClick={actions.replay}
              leftSection={<IconPlayerPlay size={14} />}
            >
              Replay
            </Button>
            <Button size="xs" variant="default" onClick={actions.discard} leftSection={<IconTrash size={14} />}>
              Discard
            </Button>
            <Button
              size="xs"
              variant="default"
              component={Link}
              href={`/events/${encodeURIComponent(id)}`}
              leftSection={<IconListDetails size={14} />}
            >
              Event
            </Button>
          </Group>
          <Alert color="red" title={deadLetter.reason}>
            {deadLetter.error}
          </Alert>
          <DeadLetterDetails deadLetter={deadLetter} />
          <JsonView text={deadLetter.payload ?? deadLetter.malformed ?? ''} label="payload" />
          <History deadLetter={deadLetter} />
        </Stack>
      )}
    </QueryBoundary>
  );
}

function DeadLetterDetails({ deadLetter }: { deadLetter: DeadLetterDetail }) {
  return (
    <DescriptionList
      items={[
        ['Message', <Mono key="id">{deadLetter.id}</Mono>],
        ['Order', deadLetter.sn === null ? null : <Mono key="sn">{deadLetter.sn}</Mono>],
        ['Shop', deadLetter.shopName ?? deadLetter.shop],
        ['Source', deadLetter.source],
        ['Attempts', deadLetter.attempts],
        ['First failed', deadLetter.firstFailedAt === null ? null : formatExactTime(deadLetter.firstFailedAt)],
        [
          'Dead-deadLettered at',
          deadLetter.deadLetteredAt === null ? null : formatExactTime(deadLetter.deadLetteredAt),
        ],
      ]}
    />
  );
}

function History({ deadLetter: { history } }: { deadLetter: DeadLetterDetail }) {
  if (history.length === 0) return null;
  return (
    <>
      <Title order={3} size="h5">
        Previous failures
      </Title>
      <Timeline bulletSize={14} lineWidth={2}>
        {history.map((life, index) => (
          <Timeline.Item key={index} title={life.reason ?? 'Dead-deadLettered'}>
            <Text size="xs" c="dimmed">
              {life.deadLetteredAt !== null && formatExactTime(life.deadLetteredAt)}
              {life.replayedAt !== null && `, replayed ${formatExactTime(life.replayedAt)}`}
            </Text>
            {life.error !== null && <Text size="xs">{life.error}</Text>}
          </Timeline.Item>
        ))}
      </Timeline>
    </>
  );
}
