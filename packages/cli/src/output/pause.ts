import { formatTime } from './shell.ts';

/** How to resume paused consumers. */
export const resumeHint = 'dashboard → Workers → Resume all';

/** The message for paused consumers; only an operator pauses them. */
export function pausedMessage(since: number): string {
  return `consumers paused by an operator since ${formatTime(since)}`;
}
