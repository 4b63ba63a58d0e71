import { useState } from 'react';
import { Button, Drawer, EmptyState, Group, Paper, Stack, Text } from '@mantine/core';
import { IconDownload, IconMoodSmile, IconPlayerPlay, IconTrash } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import type { DeadLetterChoice, DeadLetterFilter } from '@shopee-webhook/forwarder/api-types';
import { useSearchParams } from 'wouter';
import { queryOf } from '../api.ts';
import { plural } from '../format.ts';
import { useLiveRefetch } from '../live.tsx';
import { Answer } from '../parts/answer.tsx';
import { Page } from '../parts/page.tsx';
import { Pager } from '../parts/pager.tsx';
import { deadLetterGroupsQuery, deadLettersQuery } from '../queries.ts';
import { DeadLetterPanel } from './dead-letter-panel.tsx';
import { DeadLetterTable } from './dead-letter-table.tsx';
import { ReasonGroups } from './reason-groups.tsx';
import { useDeadLetterActions } from './dead-letter-actions.ts';
import { TaskProgress } from './task-progress.tsx';

const pageSize = 50;
const changing = new Set(['dead-lettered', 'replayed', 'discarded']);

/** What was given up on, by reason; look, replay, discard. */
export function DeadLettersPage() {
  const [parameters, setParameters] = useSearchParams();
  const reason = parameters.get('reason') ?? undefined;
  const page = Number(parameters.get('page') ?? 1);
  const opened = parameters.get('id') ?? undefined;
  const filter: DeadLetterFilter = reason === undefined ? {} : { reason };
  const client = useQueryClient();
  const groups = useQuery(deadLetterGroupsQuery({}));
  const letters = useQuery(deadLettersQuery({ ...filter, offset: (page - 1) * pageSize, limit: pageSize }));
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const [task, setTask] = useState<string>();

  const refresh = () => client.invalidateQueries({ queryKey: ['dead-letters'] });
  useLiveRefetch((step) => changing.has(step.step), refresh);
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
    setChosen(new Set());
    show({ reason: next, page: undefined });
  };

  const total = letters.data?.total ?? 0;
  const choice: DeadLetterChoice = chosen.size > 0 ? { ids: [...chosen] } : { filter };
  const actions = useDeadLetterActions(choice, chosen.size > 0 ? chosen.size : total, (started) => {
    setChosen(new Set());
    setTask(started.id);
  });

  return (
    <Page
      title="Dead letters"
      about="Messages that were given up on, kept with their reason until somebody decides. Replaying is safe any number of times."
    >
      {task !== undefined && <TaskProgress id={task} onClose={() => setTask(undefined)} />}
      <Answer query={groups}>
        {(data) =>
          data.total === 0 ? (
            <Paper withBorder>
              <EmptyState
                py="xl"
                icon={<IconMoodSmile />}
                title="No dead letters"
                description="Nothing was given up on. What fails is tried again by itself first."
              />
            </Paper>
          ) : (
            <Stack gap="lg">
              <ReasonGroups groups={data.groups} chosen={reason} onChoose={filterBy} />
              <Paper withBorder>
                <Group p="sm" gap="xs">
                  <Text size="sm" fw={600} flex={1} miw={160}>
                    {chosen.size > 0 ? `${String(chosen.size)} chosen` : plural(total, 'dead letter')}
                  </Text>
                  <Button size="xs" onClick={actions.replay} leftSection={<IconPlayerPlay size={14} />}>
                    {chosen.size > 0 ? 'Replay chosen' : 'Replay all'}
                  </Button>
                  <Button size="xs" variant="default" onClick={actions.discard} leftSection={<IconTrash size={14} />}>
                    {chosen.size > 0 ? 'Discard chosen' : 'Discard all'}
                  </Button>
                  <Button
                    size="xs"
                    variant="default"
                    component="a"
                    href={`/api/dead-letters/export${queryOf(filter)}`}
                    download
                    leftSection={<IconDownload size={14} />}
                  >
                    Export
                  </Button>
                </Group>
                <Answer query={letters} lines={6}>
                  {(data) => (
                    <DeadLetterTable
                      letters={data.letters}
                      chosen={chosen}
                      onChoose={setChosen}
                      onOpen={(id) => show({ id })}
                    />
                  )}
                </Answer>
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
      </Answer>
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
