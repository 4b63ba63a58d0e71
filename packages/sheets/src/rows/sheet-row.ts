import type { SheetRow } from '../schema/schema.ts';

/** What became of a row. */
export type WriteResult =
  | { kind: 'written' | 'unchanged'; row: number; sheetId: number; previous?: { status?: string } }
  /** The sheet is newer, or holds newer income: nothing of the row was written. */
  | { kind: 'stale' }
  /** Google accepts every row but this one, with its message. A retry does not help. */
  | { kind: 'rejected'; error: string };

/** Where rows are written. */
export interface RowSink {
  /**
   * Upserts rows by their key; safe to repeat. Resolves in the rows' order once they are written. Rejects with a
   * SheetUnavailableError when the sheet cannot be written just now.
   */
  upsert: (rows: readonly SheetRow[]) => Promise<WriteResult[]>;
}

/** The sheet cannot be written just now; the same rows may be sent again later. */
export class SheetUnavailableError extends Error {
  override name = 'SheetUnavailableError';
  /** When it is worth another try. */
  retryAfterMs: number;
  /** What the operator should do; absent when it passes by itself. */
  action: string | undefined;

  constructor(message: string, options: { retryAfterMs: number; action?: string | undefined; cause?: unknown }) {
    super(message, options.cause === undefined ? {} : { cause: options.cause });
    this.retryAfterMs = options.retryAfterMs;
    this.action = options.action;
  }
}

/** This writer is stopping: nothing is wrong with the sheet. */
export class WriterStoppingError extends SheetUnavailableError {
  override name = 'WriterStoppingError';

  constructor() {
    super('the worker is stopping', { retryAfterMs: 1000 });
  }
}
