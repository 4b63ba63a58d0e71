import type { ActivityType } from '@shopee-webhook/store';

/** Where an event stands, as a person asks for it. */
export const eventStates = ['waiting', 'working', 'retrying', 'handled', 'dead', 'discarded'] as const;
export type EventState = (typeof eventStates)[number];

/** The state that a step brings an event into; nothing for steps that tell of something else. */
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
      return undefined;
  }
}
