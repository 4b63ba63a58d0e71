import { notifications } from '@mantine/notifications';
import { ApiError } from '../api/client.ts';
import { queryClient, sessionQuery } from '../api/queries.ts';

/** For a mutation's `onError`: shows the title and the API's error text. */
export function notifyError(title: string): (error: Error) => void {
  return (error) => {
    // The login page takes over.
    if (error instanceof ApiError && error.status === 401) {
      void queryClient.invalidateQueries({ queryKey: sessionQuery.queryKey });
      return;
    }
    notifications.show({ color: 'red', title, message: error.message, autoClose: 10_000 });
  };
}

/** Shows that an action succeeded. */
export function notifySuccess(message: string, title = 'Done'): void {
  notifications.show({ color: 'green', title, message });
}

/** Shows why an action changed nothing. */
export function notifyInfo(message: string): void {
  notifications.show({ color: 'gray', title: 'Nothing changed', message });
}
