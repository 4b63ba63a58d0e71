import { useMutation } from '@tanstack/react-query';
import type { DeadLetterChoice, Task } from '@shopee-webhook/forwarder/api-types';
import { send } from '../api.ts';
import { plural } from '../format.ts';
import { confirm } from '../parts/confirm.tsx';
import { tellFailure } from '../parts/tell.ts';

/** Replay and discard of what is chosen, each asked for first. */
export function useDeadLetterActions(choice: DeadLetterChoice, count: number, onStarted: (task: Task) => void) {
  const run = useMutation({
    mutationFn: (verb: 'replay' | 'discard') => send<Task>(`/dead-letters/${verb}`, choice),
    onSuccess: onStarted,
    onError: tellFailure('That did not work'),
  });
  const what = plural(count, 'dead letter');
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
