import type { ComponentStatus, Overview } from '@shopee-webhook/contracts/dashboard-api';
import { formatDuration } from './system-status.ts';
import { pluralize } from './pluralize.ts';

export interface HeadlineInputs {
  components: readonly ComponentStatus[];
  queued: number;
  oldestWaitingSeconds: number;
  deadLetters: number;
  /** By the last reconcile. */
  missing: number;
  hasEvents: boolean;
}

/** A worker that restarts and a flush that waits for its quota take that long: nobody needs to know. */
const maxWaitSeconds = 120;

/** Is every order in the sheet? The first thing that stands in the way, the worst first. */
export function buildHeadline(inputs: HeadlineInputs): Overview['headline'] {
  const { components, queued, oldestWaitingSeconds, deadLetters, missing, hasEvents } = inputs;
  const failing = components.find(({ level }) => level === 'failing');
  const queuedText =
    queued === 0 ? '' : ` ${pluralize(queued, 'event')} ${queued === 1 ? 'waits' : 'wait'} and will be handled.`;
  if (failing !== undefined) return { level: 'failing', text: `${describeProblem(failing)}${queuedText}` };
  if (deadLetters > 0) {
    const text = `${pluralize(deadLetters, 'event')} could not be handled: look at the dead letters.`;
    return { level: 'failing', text };
  }
  if (missing > 0)
    return {
      level: 'warning',
      text: `${pluralize(missing, 'order')} missing from the sheet ${missing === 1 ? 'is' : 'are'} being repaired.`,
    };
  const paused = components.find(({ id, level }) => id === 'consumers' && level === 'warning');
  if (paused !== undefined) return { level: 'warning', text: `Handling is paused.${queuedText}` };
  if (oldestWaitingSeconds > maxWaitSeconds) {
    const text = `${pluralize(queued, 'event')} ${queued === 1 ? 'waits' : 'wait'}, the oldest for ${formatDuration(oldestWaitingSeconds)}.`;
    return { level: 'warning', text };
  }
  const warning = components.find(({ level }) => level === 'warning');
  const inSheet = !hasEvents
    ? 'Nothing has come yet: the first order will appear here.'
    : queued > 0
      ? `Every order is in your sheet but ${pluralize(queued, 'event')} on the way.`
      : 'Every order is in your sheet.';
  if (warning !== undefined) return { level: 'warning', text: `${inSheet} ${describeProblem(warning)}` };
  return { level: 'ok', text: inSheet };
}

const names: Record<ComponentStatus['id'], string> = {
  shopee: 'Shopee',
  forwarder: 'Forwarder',
  redis: 'Redis',
  spool: 'Disk',
  consumers: 'Worker',
  'shopee-api': "Shopee's API",
  sheets: 'Google Sheets',
  telegram: 'Telegram',
};

function describeProblem({ id, detail }: ComponentStatus): string {
  const text = `${names[id]}: ${detail}`;
  return /[.!?]$/.test(text) ? text : `${text}.`;
}
