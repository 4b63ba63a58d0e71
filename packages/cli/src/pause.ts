import { timeText } from './shell.ts';

/** What to do about consumers that a person paused. */
export const resumeAdvice = 'dashboard → Workers → Resume all';

/** Says that the consumers take nothing; only a person pauses them. */
export function pausedText(since: number): string {
  return `consumers are paused by a person, since ${timeText(since)}`;
}
