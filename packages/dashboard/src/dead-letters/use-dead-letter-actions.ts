import { useMutation } from '@tanstack/react-query';
import type { DeadLetterSelection, BulkOperation } from '@shopee-webhook/contracts/dashboard-api';
import { send } from '../api/client.ts';
import { pluralize } from '../format/format.ts';
import { confirm } from '../parts/confirm.tsx';
import { notifyError } from '../parts/notify.ts';

/** Replay and discard of a selection, each with a confirmation. */
export function useDeadLetterActions(
  selection: DeadLetterSelection,
  count: number,
  onStarted: (task: BulkOperation) => void,
) {
  const run = useMutation({
    mutationFn: (verb: 'replay' | 'discard') => send<BulkOperation>(`/dead-letters/${verb}`, selection),
    onSuccess: onStarted,
    onError: notifyError('Action failed'),
  });
  const what = pluralize(count, 'dead letter');
  return {
    replay: () =>
      confirm({
        title: `Replay ${what}?`,
        text: 'They return to the queue with a fresh retry budget. Nothing is written twice.',
        action: `Replay ${what}`,
        onConfirm: () => run.mutate('replay'),
      }),
    discard: () =>
      confirm({
        title: `Discard ${what}?`,
        text: 'This cannot be undone. Export them first if you may need them later.',
        action: `Discard ${what}`,
        danger: true,
        onConfirm: () => run.mutate('discard'),
      }),
  };
}
