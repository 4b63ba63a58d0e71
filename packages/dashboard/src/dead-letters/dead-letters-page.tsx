import { useState } from 'react';
import { Button, Drawer, EmptyState, Group, Paper, Stack, Text } from '@mantine/core';
import { IconChecks, IconDownload, IconMoodSmile, IconPlayerPlay, IconTrash } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import type { DeadLetterSelection, DeadLetterFilter } from '@shopee-webhook/contracts/dashboard-api';
import { useSearchParams } from 'wouter';
import { toQueryString } from '../api/client.ts';
import { pluralize } from '../format/format.ts';
import { useLiveRefetch } from '../live/live-provider.tsx';
import { QueryBoundary } from '../parts/query-boundary.tsx';
import { Page } from '../layout/page.tsx';
import { Pager } from '../parts/pager.tsx';
import { deadLetterGroupsQuery, deadLettersQuery } from '../api/queries.ts';
import { openAcknowledgeForm } from './acknowledge-form.tsx';
import { DeadLetterPanel } from './dead-letter-panel.tsx';
import { DeadLetterTable } from './dead-letter-table.tsx';
import { ReasonGroups } from './reason-groups.tsx';
import { useDeadLetterActions } from './use-dead-letter-actions.ts';
import { BulkProgress } from './bulk-progress.tsx';

const pageSize = 50;
const changingSteps = new Set(['dead-lettered', 'replayed', 'discarded']);

/** Dead letters by reason: inspect, replay, discard. */
export function DeadLettersPage() {
  const [parameters, setParameters] = useSearchParams();
  const reason = parameters.get('reason') ?? undefined;
  const page = Number(parameters.get('page') ?? 1);
  const opened = parameters.get('id') ?? undefined;
  const filter: DeadLetterFilter = reason === undefined ? {} : { reason };
  const client = useQueryClient();
  const groups = useQuery(deadLetterGroupsQuery({}));
  const deadLetters = useQuery(deadLettersQuery({ ...filter, offset: (page - 1) * pageSize, limit: pageSize }));
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const [task, setTask] = useState<string>();

  const refresh = () => client.invalidateQueries({ queryKey: ['dead-letters'] });
  useLiveRefetch((step) => changingSteps.has(step.step), refresh);
  const show = (change: Record<string, string | undefined>): void =>
    setParameters((old) => {
      const next = new URLSearchParams(old);
      for (const [name, value] of Object.entries(change)) {
        if (value === undefined) next.delete(name);
        else next.set(name, value);
      }
      return next;
    });
  const filterBy = (next: string | undefined): void => {
    setSelected(new Set());
    show({ reason: next, page: undefined });
  };

  const total = deadLetters.data?.total ?? 0;
  const selection: DeadLetterSelection = selected.size > 0 ? { ids: [...selected] } : { filter };
  const actions = useDeadLetterActions(selection, selected.size > 0 ? selected.size : total, (started) => {
    setSelected(new Set());
    setTask(started.id);
  });

  return (
    <Page
      title="Dead letters"
      about="Events that failed permanently, kept with their reason until you replay or discard them. Replaying is always safe."
    >
      {task !== undefined && <BulkProgress id={task} onClose={() => setTask(undefined)} />}
      <QueryBoundary query={groups}>
        {(data) =>
          data.total === 0 ? (
            <Paper withBorder>
              <EmptyState
                py="xl"
                icon={<IconMoodSmile />}
                title="No dead letters"
                description="Nothing has been dead-lettered. Failures are retried automatically first."
              />
            </Paper>
          ) : (
            <Stack gap="lg">
              <ReasonGroups groups={data.groups} selected={reason} onSelect={filterBy} />
              <Paper withBorder>
                <Group p="sm" gap="xs">
                  <Text size="sm" fw={600} flex={1} miw={160}>
                    {selected.size > 0 ? `${String(selected.size)} selected` : pluralize(total, 'dead letter')}
                  </Text>
                  {reason !== undefined && (
                    <Button
                      size="xs"
                      variant="default"
                      onClick={() => openAcknowledgeForm(reason)}
                      leftSection={<IconChecks size={14} />}
                    >
                      Acknowledge
                    </Button>
                  )}
                  <Button size="xs" onClick={actions.replay} leftSection={<IconPlayerPlay size={14} />}>
                    {selected.size > 0 ? 'Replay selected' : 'Replay all'}
                  </Button>
                  <Button size="xs" variant="default" onClick={actions.discard} leftSection={<IconTrash size={14} />}>
                    {selected.size > 0 ? 'Discard selected' : 'Discard all'}
                  </Button>
                  <Button
                    size="xs"
                    variant="default"
                    component="a"
                    href={`/api/dead-letters/export${toQueryString(filter)}`}
                    download
                    leftSection={<IconDownload size={14} />}
                  >
                    Export
                  </Button>
                </Group>
                <QueryBoundary query={deadLetters} lines={6}>
                  {(data) => (
                    <DeadLetterTable
                      deadLetters={data.deadLetters}
                      selected={selected}
                      onSelectionChange={setSelected}
                      onOpen={(id) => show({ id })}
                    />
                  )}
                </QueryBoundary>
                {total > pageSize && (
                  <Group justify="flex-end" p="sm">
                    <Pager
                      isFirst={page === 1}
                      next={page * pageSize < total ? page + 1 : null}
                      onFirst={() => show({ page: undefined })}
                      onNext={(next) => show({ page: String(next) })}
                    />
                  </Group>
                )}
              </Paper>
            </Stack>
          )
        }
      </QueryBoundary>
      <Drawer
        opened={opened !== undefined}
        onClose={() => show({ id: undefined })}
        position="right"
        size="xl"
        title="Dead letter"
        closeButtonProps={{ 'aria-label': 'Close' }}
      >
        {opened !== undefined && <DeadLetterPanel id={opened} onTask={(started) => setTask(started.id)} />}
      </Drawer>
    </Page>
  );
}
