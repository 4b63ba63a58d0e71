import type { FlowPart, Overview } from './api-types.ts';
import { duration } from './flow.ts';
import { count } from './words.ts';

export interface SentenceFacts {
  flow: readonly FlowPart[];
  waiting: number;
  oldestWaitingSeconds: number;
  deadLetters: number;
  /** By the last reconcile. */
  missing: number;
  hasEvents: boolean;
}

/** A worker that restarts and a flush that waits for its quota take that long: nobody needs to know. */
const longWaitSeconds = 120;

/** Is every order in the sheet? The first thing that stands in the way, the worst first. */
export function sentenceOf(facts: SentenceFacts): Overview['sentence'] {
  const { flow, waiting, oldestWaitingSeconds, deadLetters, missing, hasEvents } = facts;
  const failing = flow.find(({ level }) => level === 'failing');
  const waits =
    waiting === 0 ? '' : ` ${count(waiting, 'event')} ${waiting === 1 ? 'waits' : 'wait'} and will be handled.`;
  if (failing !== undefined) return { level: 'failing', text: `${troubleOf(failing)}${waits}` };
  if (deadLetters > 0) {
    const text = `${count(deadLetters, 'event')} could not be handled: look at the dead letters.`;
    return { level: 'failing', text };
  }
  if (missing > 0)
    return {
      level: 'warning',
      text: `${count(missing, 'order')} missing from the sheet ${missing === 1 ? 'is' : 'are'} being repaired.`,
    };
  const paused = flow.find(({ id, level }) => id === 'consumers' && level === 'warning');
  if (paused !== undefined) return { level: 'warning', text: `Handling is paused.${waits}` };
  if (oldestWaitingSeconds > longWaitSeconds) {
    const text = `${count(waiting, 'event')} ${waiting === 1 ? 'waits' : 'wait'}, the oldest for ${duration(oldestWaitingSeconds)}.`;
    return { level: 'warning', text };
  }
  const warning = flow.find(({ level }) => level === 'warning');
  const inSheet = !hasEvents
    ? 'Nothing has come yet: the first order will appear here.'
    : waiting > 0
      ? `Every order is in your sheet but ${count(waiting, 'event')} on the way.`
      : 'Every order is in your sheet.';
  if (warning !== undefined) return { level: 'warning', text: `${inSheet} ${troubleOf(warning)}` };
  return { level: 'ok', text: inSheet };
}

const names: Record<FlowPart['id'], string> = {
  shopee: 'Shopee',
  forwarder: 'Forwarder',
  redis: 'Redis',
  spool: 'Disk',
  consumers: 'Worker',
  'shopee-api': "Shopee's API",
  sheets: 'Google Sheets',
  telegram: 'Telegram',
};

function troubleOf({ id, detail }: FlowPart): string {
  const text = `${names[id]}: ${detail}`;
  return /[.!?]$/.test(text) ? text : `${text}.`;
}
