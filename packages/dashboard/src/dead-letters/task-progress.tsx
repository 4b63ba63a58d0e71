import { useEffect } from 'react';
import { Alert, Progress, Text } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import type { Task } from '@shopee-webhook/forwarder/api-types';
import { countOf, plural } from '../format.ts';
import { taskQuery } from '../queries.ts';

const colors = { running: 'blue', done: 'green', failed: 'red' } as const;
const verbs = { replay: ['Replaying', 'Replayed'], discard: ['Discarding', 'Discarded'] } as const;

/** How far a replay or a discard of many has come. */
export function TaskProgress({ id, onClose }: { id: string; onClose: () => void }) {
  const { data: task } = useQuery(taskQuery(id));
  const state = task?.state;
  const client = useQueryClient();
  useEffect(() => {
    if (state === 'done' || state === 'failed') void client.invalidateQueries({ queryKey: ['dead-letters'] });
  }, [state, client]);
  if (task === undefined) return null;
  const isRunning = task.state === 'running';
  return (
    <Alert
      color={colors[task.state]}
      title={titleOf(task)}
      withCloseButton={!isRunning}
      closeButtonLabel="Close"
      onClose={onClose}
      role="status"
    >
      {isRunning && (
        <Progress
          value={task.total === 0 ? 100 : (100 * task.done) / task.total}
          animated
          aria-label="Progress"
          mt={4}
        />
      )}
      {!isRunning && <Text size="sm">{restOf(task)}</Text>}
    </Alert>
  );
}

function titleOf({ kind, state, done, total }: Task): string {
  const [doing, finished] = verbs[kind];
  if (state === 'running') return `${doing} ${countOf(done)} of ${countOf(total)}`;
  return state === 'done' ? `${finished} ${plural(done, 'dead letter')}` : `${doing} stopped after ${countOf(done)}`;
}

function restOf({ error, refused, missing, kind }: Task): string {
  const sentences = [
    ...(error === null ? [] : [error]),
    ...(refused === 0 ? [] : [`${countOf(refused)} are no messages and stay.`]),
    ...(missing === 0 ? [] : [`${countOf(missing)} were gone already.`]),
  ];
  if (sentences.length > 0) return sentences.join(' ');
  return kind === 'replay' ? 'They are in the queue again; what fails once more comes back here.' : 'They are gone.';
}
