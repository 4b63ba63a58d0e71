import { serverTimeoutMs } from '../client/google-client.ts';

/** How long the writer of a spreadsheet waits for what, ms. */
export interface WriterTimings {
  /** From the beginning of a flush to the next: Google's advice against 503s is one request a second for a spreadsheet. */
  minFlushIntervalMs: number;
  /** How long a worker that has rows to write keeps the spreadsheet to itself while others write it too. */
  lockHoldMs: number;
  /** And while nobody else does: giving it up costs a look at what was written. */
  uncontendedHoldMs: number;
  /** Before another look at what became of a write, when the first one failed. */
  verifyDelayMs: number;
  /** How long Google may still apply a write that it gave no answer to. */
  inDoubtWindowMs: number;
  /** Within a flush, before the first repetition of a request whose outcome is unknown; then twice as long each time. */
  initialBackoffMs: number;
  /** Before the next try at something that passes by itself. */
  shortRetryMs: number;
  /** Before the next try at something that a person must repair, or that takes Google a minute. */
  longRetryMs: number;
  /** Between two looks at the spreadsheet's zone and locale. */
  settingsIntervalMs: number;
  /** Before rows that are gone and could not be fetched are reported again; then twice as long each time. */
  missingReportRetryMs: number;
}

export const defaultTimings: WriterTimings = {
  minFlushIntervalMs: 1000,
  lockHoldMs: 5000,
  uncontendedHoldMs: 15_000,
  verifyDelayMs: 1500,
  // Google has ended what it was doing by then; some seconds more for its clock and ours.
  inDoubtWindowMs: serverTimeoutMs + 5000,
  initialBackoffMs: 1000,
  shortRetryMs: 10_000,
  longRetryMs: 60_000,
  settingsIntervalMs: 300_000,
  missingReportRetryMs: 60_000,
};
