import { formatTime } from './shell.ts';

/** What to do about consumers that a person paused. */
export const resumeHint = 'dashboard → Workers → Resume all';

/** Says that the consumers take nothing; only a person pauses them. */
export function pausedMessage(since: number): string {
  return `consumers are paused by a person, since ${formatTime(since)}`;
}
