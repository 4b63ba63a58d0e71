import { useEffect, useState } from 'react';
import { Badge, Button, Group, Paper, Progress, Stack, Text, Title } from '@mantine/core';
import { IconPlayerPlay, IconPlayerStop } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { JobItem, JobList, JobRun } from '@shopee-webhook/contracts/dashboard-api';
import { send } from '../api/client.ts';
import { formatPercent, formatDuration } from '../format/format.ts';
import { notifyError } from '../parts/notify.ts';
import { RelativeTime } from '../parts/relative-time.tsx';
import { jobsQuery } from '../api/queries.ts';
import { openRunForm } from './run-form.tsx';

const states = {
  queued: { color: 'blue', label: 'Queued' },
  idle: { color: 'gray', label: 'Idle' },
  running: { color: 'blue', label: 'Running' },
  off: { color: 'gray', label: 'Off' },
} as const;

export function JobCard({ job }: { job: JobItem }) {
  const client = useQueryClient();
  const [queuedAfter, setQueuedAfter] = useState<{ lastRunAt: number | null }>();
  // Until a worker has picked it up, which it does within seconds.
  const isQueued = queuedAfter !== undefined && job.state === 'idle' && job.lastRunAt === queuedAfter.lastRunAt;
  useEffect(() => {
    if (!isQueued) return;
    const timer = setInterval(() => void client.invalidateQueries({ queryKey: jobsQuery.queryKey }), 1_000);
    return () => clearInterval(timer);
  }, [isQueued, client]);
  const update = (list: JobList): void => void client.setQueryData(jobsQuery.queryKey, list);
  const run = useMutation({
    mutationFn: (options: JobRun) => send<JobList>(`/jobs/${job.name}/run`, options),
    onMutate: () => setQueuedAfter({ lastRunAt: job.lastRunAt }),
    onSuccess: update,
    onError: (error) => {
      setQueuedAfter(undefined);
      notifyError(`Could not start ${job.title}`)(error);
    },
  });
  const stop = useMutation({
    mutationFn: () => send<JobList>(`/jobs/${job.name}/stop`),
    onSuccess: update,
    onError: notifyError(`Could not stop ${job.title}`),
  });
  const start = (): void => {
    if (job.parameters.length === 0) run.mutate({});
    else openRunForm(job, (options) => run.mutate(options));
  };
  const { color, label } = isQueued ? states.queued : states[job.state];
  return (
    <Paper withBorder p="md" component="article" aria-label={job.title}>
      <Group justify="space-between" align="flex-start" gap="md">
        <Stack gap={4} flex={1} miw={260}>
          <Group gap="sm">
            <Title order={2} size="h5">
              {job.title}
            </Title>
            <Badge variant="dot" color={color} tt="none" miw="max-content">
              {label}
            </Badge>
          </Group>
          <Text size="sm" c="dimmed" maw={720}>
            {job.description}
          </Text>
          <Runs job={job} />
        </Stack>
        {job.state === 'running' && job.canStop ? (
          <Button
            size="xs"
            variant="default"
            loading={stop.isPending}
            onClick={() => stop.mutate()}
            leftSection={<IconPlayerStop size={14} />}
          >
            Stop
          </Button>
        ) : (
          <Button
            size="xs"
            variant="default"
            disabled={job.state !== 'idle' || isQueued}
            loading={run.isPending}
            onClick={start}
            leftSection={<IconPlayerPlay size={14} />}
            aria-label={`Run now: ${job.title}`}
          >
            Run now
          </Button>
        )}
      </Group>
      {job.progress !== null && <JobProgress progress={job.progress} />}
    </Paper>
  );
}

function Runs({ job }: { job: JobItem }) {
  const { schedule, lastRunAt, lastMs, nextRunAt, lastResult } = job;
  return (
    <>
      <Text size="sm">
        {schedule ?? 'Manual only'} · last <RelativeTime at={lastRunAt} />
        {lastMs !== null && `, took ${formatDuration(lastMs)}`}
        {nextRunAt !== null && (
          <>
            {' '}
            · next <RelativeTime at={nextRunAt} />
          </>
        )}
      </Text>
      {lastResult !== null && (
        <Group gap="xs" mt={4}>
          <ResultBadge result={lastResult} />
          <Text size="sm" style={{ overflowWrap: 'anywhere' }}>
            {lastResult.text}
          </Text>
        </Group>
      )}
    </>
  );
}

function ResultBadge({ result: { ok, partial } }: { result: NonNullable<JobItem['lastResult']> }) {
  const color = !ok ? 'red' : partial ? 'orange' : 'green';
  return (
    <Badge variant="dot" color={color} tt="none" miw="max-content">
      {!ok ? 'Failed' : partial ? 'Partially succeeded' : 'Succeeded'}
    </Badge>
  );
}

function JobProgress({ progress: { done, total, text } }: { progress: NonNullable<JobItem['progress']> }) {
  const share = total === null || total === 0 ? undefined : done / total;
  return (
    <Stack gap={4} mt="md">
      <Progress value={100 * (share ?? 1)} animated aria-label={text} />
      <Text size="xs" c="dimmed">
        {share === undefined ? 'Starting…' : `${formatPercent(share)} · ${text}`}
      </Text>
    </Stack>
  );
}
