import { useEffect } from 'react';
import { Alert, Progress, Text } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import type { BulkOperation } from '@shopee-webhook/contracts/dashboard-api';
import { formatCount, pluralize } from '../format/format.ts';
import { taskQuery } from '../api/queries.ts';

const colors = { running: 'blue', done: 'green', failed: 'red' } as const;
const verbs = { replay: ['Replaying', 'Replayed'], discard: ['Discarding', 'Discarded'] } as const;

/** Progress of a bulk replay or discard. */
export function BulkProgress({ id, onClose }: { id: string; onClose: () => void }) {
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
      title={progressTitle(task)}
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
      {!isRunning && <Text size="sm">{describeResult(task)}</Text>}
    </Alert>
  );
}

function progressTitle({ kind, state, done, total }: BulkOperation): string {
  const [doing, finished] = verbs[kind];
  if (state === 'running') return `${doing} ${formatCount(done)} of ${formatCount(total)}`;
  return state === 'done'
    ? `${finished} ${pluralize(done, 'dead letter')}`
    : `${doing} stopped after ${formatCount(done)}`;
}

function describeResult({ error, rejected, missing, kind }: BulkOperation): string {
  const sentences = [
    ...(error === null ? [] : [error]),
    ...(rejected === 0 ? [] : [`${formatCount(rejected)} malformed, skipped.`]),
    ...(missing === 0 ? [] : [`${formatCount(missing)} already removed.`]),
  ];
  if (sentences.length > 0) return sentences.join(' ');
  return kind === 'replay' ? 'They are back in the queue; any that fail again return here.' : 'They are deleted.';
}
