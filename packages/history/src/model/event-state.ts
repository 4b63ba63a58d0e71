import type { ActivityType } from '@shopee-webhook/store';

/** The state of an event. */
export const eventStates = ['waiting', 'working', 'retrying', 'handled', 'dead', 'discarded'] as const;
export type EventState = (typeof eventStates)[number];

/** The state after an activity entry; undefined for types that change no state. */
export function nextState(step: ActivityType): EventState | undefined {
  switch (step) {
    case 'queued':
    case 'spooled':
    case 'replayed':
    case 'requeued':
      return 'waiting';
    case 'taken':
    case 'fetched':
    case 'written':
      return 'working';
    case 'retried':
      return 'retrying';
    case 'handled':
      return 'handled';
    case 'dead-lettered':
      return 'dead';
    case 'discarded':
      return 'discarded';
    case 'duplicate':
    case 'notified':
    case 'rejected':
    case 'imported':
      return undefined;
  }
}
