import { serverTimeoutMs } from './google-client.ts';

/** How long the writer of a spreadsheet waits for what, ms. */
export interface WriterTimes {
  /** From the beginning of a flush to the next: Google's advice against 503s is one request a second for a spreadsheet. */
  minFlushMs: number;
  /** How long a worker that has rows to write keeps the spreadsheet to itself while others write it too. */
  holdMs: number;
  /** And while nobody else does: giving it up costs a look at what was written. */
  holdAloneMs: number;
  /** Before another look at what became of a write, when the first one failed. */
  verifyAfterMs: number;
  /** How long Google may still apply a write that it gave no answer to. */
  lateAfterMs: number;
  /** Within a flush, before the first repetition of a request whose outcome is unknown; then twice as long each time. */
  backoffMs: number;
  /** Before the next try at something that passes by itself. */
  retrySoonMs: number;
  /** Before the next try at something that a person must mend, or that takes Google a minute. */
  retryLaterMs: number;
  /** Before rows that are gone and could not be fetched are reported again; then twice as long each time. */
  reportAgainMs: number;
}

export const writerTimes: WriterTimes = {
  minFlushMs: 1000,
  holdMs: 5000,
  holdAloneMs: 15_000,
  verifyAfterMs: 1500,
  // Google has ended what it was doing by then; some seconds more for its clock and ours.
  lateAfterMs: serverTimeoutMs + 5000,
  backoffMs: 1000,
  retrySoonMs: 10_000,
  retryLaterMs: 60_000,
  reportAgainMs: 60_000,
};
