import { notifications } from '@mantine/notifications';
import { ApiError } from '../api/client.ts';
import { queryClient, sessionQuery } from '../api/queries.ts';

/** For a mutation's `onError`: says what failed, in the other side's words. */
export function notifyError(title: string): (error: Error) => void {
  return (error) => {
    // The login page says it better.
    if (error instanceof ApiError && error.status === 401) {
      void queryClient.invalidateQueries({ queryKey: sessionQuery.queryKey });
      return;
    }
    notifications.show({ color: 'red', title, message: error.message, autoClose: 10_000 });
  };
}

/** Says that something is done. */
export function notifySuccess(message: string, title = 'Done'): void {
  notifications.show({ color: 'green', title, message });
}

/** Says why nothing was done. */
export function notifyInfo(message: string): void {
  notifications.show({ color: 'gray', title: 'Nothing was done', message });
}
