import { notifications } from '@mantine/notifications';
import { useMutation } from '@tanstack/react-query';
import type { QueuedEvent } from '@shopee-webhook/contracts/dashboard-api';
import { send } from '../api/client.ts';
import { notifyError } from '../parts/notify.ts';

/** Puts an event's push into the queue once more; rows are addressed by their key, so it is safe any number of times. */
export function useReprocess(id: string) {
  return useMutation({
    mutationFn: () => send<QueuedEvent>(`/events/${encodeURIComponent(id)}/process`),
    onSuccess: () =>
      notifications.show({ color: 'green', title: 'Queued again', message: 'Its timeline shows the rest.' }),
    onError: notifyError('It could not be queued'),
  });
}
