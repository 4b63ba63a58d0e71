import { notifications } from '@mantine/notifications';
import { useMutation } from '@tanstack/react-query';
import type { QueuedEvent } from '@shopee-webhook/contracts/dashboard-api';
import { send } from '../api/client.ts';
import { notifyError } from '../parts/notify.ts';

/** Requeues an event's push; rows are matched by key, so it is always safe. */
export function useReprocess(id: string) {
  return useMutation({
    mutationFn: () => send<QueuedEvent>(`/events/${encodeURIComponent(id)}/process`),
    onSuccess: () => notifications.show({ color: 'green', title: 'Requeued', message: 'Follow it in the timeline.' }),
    onError: notifyError('Could not queue'),
  });
}
