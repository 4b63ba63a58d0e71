import { useMutation } from '@tanstack/react-query';
import type { DeadLetterSelection, BulkOperation } from '@shopee-webhook/contracts/dashboard-api';
import { send } from '../api/client.ts';
import { pluralize } from '../format/format.ts';
import { confirm } from '../parts/confirm.tsx';
import { notifyError } from '../parts/notify.ts';

/** Replay and discard of what is chosen, each asked for first. */
export function useDeadLetterActions(
  selection: DeadLetterSelection,
  count: number,
  onStarted: (task: BulkOperation) => void,
) {
  const run = useMutation({
    mutationFn: (verb: 'replay' | 'discard') => send<BulkOperation>(`/dead-letters/${verb}`, selection),
    onSuccess: onStarted,
    onError: notifyError('That did not work'),
  });
  const what = pluralize(count, 'dead letter');
  return {
    replay: () =>
      confirm({
        title: `Replay ${what}?`,
        text: 'They go back into the queue with all their tries. What is written already is not written twice.',
        action: `Replay ${what}`,
        onConfirm: () => run.mutate('replay'),
      }),
    discard: () =>
      confirm({
        title: `Discard ${what}?`,
        text: 'They are gone for good; export them first if you may want to look at them later.',
        action: `Discard ${what}`,
        danger: true,
        onConfirm: () => run.mutate('discard'),
      }),
  };
}
