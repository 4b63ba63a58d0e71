import { Alert, Button, Paper, Stack } from '@mantine/core';
import { IconPlayerPause, IconPlayerPlay } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { Workers } from '@shopee-webhook/contracts/dashboard-api';
import { send } from '../api/client.ts';
import { QueryBoundary } from '../parts/query-boundary.tsx';
import { confirm } from '../parts/confirm.tsx';
import { Page } from '../layout/page.tsx';
import { notifyError } from '../parts/notify.ts';
import { RelativeTime } from '../parts/relative-time.tsx';
import { workersQuery } from '../api/queries.ts';
import { ConsumerTable } from './consumer-table.tsx';

/** The consumers: state and in-flight messages; pause and resume. */
export function WorkersPage() {
  const query = useQuery(workersQuery);
  return (
    <Page
      title="Workers"
      about="Consumers take messages from the queue, fetch the orders, and write the rows."
      actions={query.data !== undefined && <PauseButton workers={query.data} />}
    >
      <QueryBoundary query={query}>
        {(workers) => (
          <Stack gap="md">
            <StatusAlerts workers={workers} />
            <Paper withBorder>
              <ConsumerTable consumers={workers.consumers} />
            </Paper>
          </Stack>
        )}
      </QueryBoundary>
    </Page>
  );
}

function PauseButton({ workers: { paused } }: { workers: Workers }) {
  const client = useQueryClient();
  const change = useMutation({
    mutationFn: (verb: 'pause' | 'resume') => send<Workers>(`/workers/${verb}`),
    onSuccess: (workers) => client.setQueryData(workersQuery.queryKey, workers),
    onError: notifyError('Action failed'),
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
      text: 'They finish in-flight messages and stop dequeuing. Pushes are still accepted and wait in the queue; nothing is lost.',
      action: 'Pause all',
      onConfirm: () => change.mutate('pause'),
    });
  return (
    <Button variant="default" loading={change.isPending} onClick={pause} leftSection={<IconPlayerPause size={16} />}>
      Pause all
    </Button>
  );
}

function StatusAlerts({ workers: { reachable, paused, pausedSince, unavailableUpstreams } }: { workers: Workers }) {
  return (
    <>
      {!reachable && (
        <Alert color="red" title="No worker is responding">
          Start the worker, and check FORWARD_WEBHOOK_URL. Events wait in the queue.
        </Alert>
      )}
      {paused && (
        <Alert color="orange" title="Paused by an operator">
          Since <RelativeTime at={pausedSince} />. Events wait in the queue.
        </Alert>
      )}
      {unavailableUpstreams.map(({ upstream, since }) => (
        <Alert key={upstream} color="orange" title={`${upstreamName(upstream)} temporarily paused`}>
          Paused after repeated failures; retrying automatically. Since <RelativeTime at={since} />.
        </Alert>
      ))}
    </>
  );
}

/** Display name of an upstream, `sheet:<id>` or `shopee:<shop>`. */
function upstreamName(upstream: string): string {
  if (upstream.startsWith('sheet:')) return `The spreadsheet ${upstream.slice('sheet:'.length)}`;
  return upstream.startsWith('shopee:') ? `Shop ${upstream.slice('shopee:'.length)}` : upstream;
}
