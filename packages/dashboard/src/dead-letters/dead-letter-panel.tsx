import { Alert, Button, Group, Stack, Text, Timeline, Title } from '@mantine/core';
import { IconListDetails, IconPlayerPlay, IconTrash } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import type { DeadLetterDetail, Task } from '@shopee-webhook/forwarder/api-types';
import { Link } from 'wouter';
import { exactTimeOf } from '../format.ts';
import { Answer } from '../parts/answer.tsx';
import { Facts } from '../parts/facts.tsx';
import { JsonView } from '../parts/json-view.tsx';
import { Mono } from '../parts/mono.tsx';
import { deadLetterQuery } from '../queries.ts';
import { useDeadLetterActions } from './dead-letter-actions.ts';

/** One dead letter: why, what it holds, and the two ways out. */
export function DeadLetterPanel({ id, onTask }: { id: string; onTask: (task: Task) => void }) {
  const query = useQuery(deadLetterQuery(id));
  const actions = useDeadLetterActions({ ids: [id] }, 1, onTask);
  return (
    <Answer query={query}>
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
          <LetterFacts letter={letter} />
          <JsonView text={letter.payload ?? letter.garbage ?? ''} label="payload" />
          <History letter={letter} />
        </Stack>
      )}
    </Answer>
  );
}

function LetterFacts({ letter }: { letter: DeadLetterDetail }) {
  return (
    <Facts
      facts={[
        ['Message', <Mono key="id">{letter.id}</Mono>],
        ['Order', letter.sn === null ? null : <Mono key="sn">{letter.sn}</Mono>],
        ['Shop', letter.shopName ?? letter.shop],
        ['Came by', letter.source],
        ['Attempts', letter.attempts],
        ['First failed', letter.firstFailedAt === null ? null : exactTimeOf(letter.firstFailedAt)],
        ['Given up', letter.deadAt === null ? null : exactTimeOf(letter.deadAt)],
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
              {life.deadAt !== null && exactTimeOf(life.deadAt)}
              {life.replayedAt !== null && `, replayed ${exactTimeOf(life.replayedAt)}`}
            </Text>
            {life.error !== null && <Text size="xs">{life.error}</Text>}
          </Timeline.Item>
        ))}
      </Timeline>
    </>
  );
}
