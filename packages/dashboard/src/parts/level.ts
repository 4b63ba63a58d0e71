import type { EventStateName, HealthLevel } from '@shopee-webhook/contracts/dashboard-api';

/** The theme's color of a health level. */
export const levelColors: Record<HealthLevel, string> = {
  ok: 'green',
  warning: 'orange',
  failing: 'red',
  off: 'gray',
  unknown: 'gray',
};

export const levelLabels: Record<HealthLevel, string> = {
  ok: 'OK',
  warning: 'Attention',
  failing: 'Failing',
  off: 'Off',
  unknown: 'Unknown',
};

export const stateColors: Record<EventStateName, string> = {
  waiting: 'gray',
  working: 'blue',
  retrying: 'orange',
  handled: 'green',
  dead: 'red',
  discarded: 'gray',
};

export const stateLabels: Record<EventStateName, string> = {
  waiting: 'Waiting',
  working: 'Working',
  retrying: 'Retrying',
  handled: 'Processed',
  dead: 'Dead letter',
  discarded: 'Discarded',
};
