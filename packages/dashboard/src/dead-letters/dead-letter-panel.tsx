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

/** One dead letter: why, what it holds, and the two ways out. */
export function DeadLetterPanel({ id, onTask }: { id: string; onTask: (task: BulkOperation) => void }) {
  const query = useQuery(deadLetterQuery(id));
  const actions = useDeadLetterActions({ ids: [id] }, 1, onTask);
  return (
    <QueryBoundary query={query}>
      {(letter) => (
        <Stack gap="md">
          <Title order={2} size="h4">
            {letter.title}
          </Title>
          <Group gap="xs">
            <Button
              size="xs"
              disabled={!letter.replayable}
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
              Its event
            </Button>
          </Group>
          <Alert color="red" title={letter.reason}>
            {letter.error}
          </Alert>
          <DeadLetterDetails letter={letter} />
          <JsonView text={letter.payload ?? letter.malformed ?? ''} label="payload" />
          <History letter={letter} />
        </Stack>
      )}
    </QueryBoundary>
  );
}

function DeadLetterDetails({ letter }: { letter: DeadLetterDetail }) {
  return (
    <DescriptionList
      facts={[
        ['Message', <Mono key="id">{letter.id}</Mono>],
        ['Order', letter.sn === null ? null : <Mono key="sn">{letter.sn}</Mono>],
        ['Shop', letter.shopName ?? letter.shop],
        ['Came by', letter.source],
        ['Attempts', letter.attempts],
        ['First failed', letter.firstFailedAt === null ? null : formatExactTime(letter.firstFailedAt)],
        ['Given up', letter.deadLetteredAt === null ? null : formatExactTime(letter.deadLetteredAt)],
      ]}
    />
  );
}

function History({ letter: { history } }: { letter: DeadLetterDetail }) {
  if (history.length === 0) return null;
  return (
    <>
      <Title order={3} size="h5">
        Earlier
      </Title>
      <Timeline bulletSize={14} lineWidth={2}>
        {history.map((life, index) => (
          <Timeline.Item key={index} title={life.reason ?? 'Given up'}>
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
