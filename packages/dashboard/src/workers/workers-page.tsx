import { Alert, Button, Paper, Stack } from '@mantine/core';
import { IconPlayerPause, IconPlayerPlay } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { Workers } from '@shopee-webhook/forwarder/api-types';
import { send } from '../api.ts';
import { Answer } from '../parts/answer.tsx';
import { confirm } from '../parts/confirm.tsx';
import { Page } from '../parts/page.tsx';
import { tellFailure } from '../parts/tell.ts';
import { When } from '../parts/when.tsx';
import { workersQuery } from '../queries.ts';
import { ConsumerTable } from './consumer-table.tsx';

/** The consumers: what each does and holds; pause and resume. */
export function WorkersPage() {
  const query = useQuery(workersQuery);
  return (
    <Page
      title="Workers"
      about="Consumers take messages from the queue, fetch the orders, and write the rows."
      actions={query.data !== undefined && <PauseButton workers={query.data} />}
    >
      <Answer query={query}>
        {(workers) => (
          <Stack gap="md">
            <Notes workers={workers} />
            <Paper withBorder>
              <ConsumerTable consumers={workers.consumers} />
            </Paper>
          </Stack>
        )}
      </Answer>
    </Page>
  );
}

function PauseButton({ workers: { paused } }: { workers: Workers }) {
  const client = useQueryClient();
  const change = useMutation({
    mutationFn: (verb: 'pause' | 'resume') => send<Workers>(`/workers/${verb}`),
    onSuccess: (workers) => client.setQueryData(workersQuery.queryKey, workers),
    onError: tellFailure('That did not work'),
  });
  if (paused) {
    return (
      <Button
        loading={change.isPending}
        onClick={() => change.mutate('resume')}
        leftSection={<IconPlayerPlay size={16} />}
      >
        Resume all
      </Button>
    );
  }
  const pause = (): void =>
    confirm({
      title: 'Pause all consumers?',
      text: 'They finish what they hold and take no more. Pushes are still received and wait in the queue; nothing is lost.',
      action: 'Pause all',
      onConfirm: () => change.mutate('pause'),
    });
  return (
    <Button variant="default" loading={change.isPending} onClick={pause} leftSection={<IconPlayerPause size={16} />}>
      Pause all
    </Button>
  );
}

function Notes({ workers: { reachable, paused, pausedSince, closed } }: { workers: Workers }) {
  return (
    <>
      {!reachable && (
        <Alert color="red" title="No worker answers">
          Start the worker, and check FORWARD_WEBHOOK_URL. Events wait in the queue meanwhile.
        </Alert>
      )}
      {paused && (
        <Alert color="orange" title="Paused">
          By a person, {pausedSince !== null && <When at={pausedSince} />}. Events wait in the queue.
        </Alert>
      )}
      {closed.map(({ side, since }) => (
        <Alert key={side} color="orange" title={`${nameOf(side)} is left alone for now`}>
          It failed again and again; it is asked anew by itself. Since <When at={since} />.
        </Alert>
      ))}
    </>
  );
}

/** A side as the worker names it, `sheet:<id>` or `shopee:<shop>`, for a person. */
function nameOf(side: string): string {
  if (side.startsWith('sheet:')) return `The spreadsheet ${side.slice('sheet:'.length)}`;
  return side.startsWith('shopee:') ? `Shop ${side.slice('shopee:'.length)}` : side;
}
