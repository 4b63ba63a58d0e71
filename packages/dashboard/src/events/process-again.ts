import { notifications } from '@mantine/notifications';
import { useMutation } from '@tanstack/react-query';
import type { Queued } from '@shopee-webhook/forwarder/api-types';
import { send } from '../api.ts';
import { tellFailure } from '../parts/tell.ts';

/** Puts an event's push into the queue once more; rows are addressed by their key, so it is safe any number of times. */
export function useProcessAgain(id: string) {
  return useMutation({
    mutationFn: () => send<Queued>(`/events/${encodeURIComponent(id)}/process`),
    onSuccess: () =>
      notifications.show({ color: 'green', title: 'Queued again', message: 'Its timeline shows the rest.' }),
    onError: tellFailure('It could not be queued'),
  });
}
