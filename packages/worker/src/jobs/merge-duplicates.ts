import type { SheetWriter } from '@shopee-webhook/sheets';
import type { Job } from './job.ts';

export interface MergeDuplicatesDeps {
  sheets: Pick<SheetWriter, 'audit'>;
  spreadsheetIds: readonly string[];
}

/**
 * Reads every key of our tabs and leaves one row of each order, with the newest values, where the user's notes are; no row is
 * deleted. The writer does that every hour; this does it at once, and all of it.
 */
export function mergeDuplicatesJob({ sheets, spreadsheetIds }: MergeDuplicatesDeps): Job {
  return {
    name: 'merge-duplicates',
    description: 'Looks for orders that stand in several rows of the sheet, and leaves one row of each.',
    async run({ signal, progress }) {
      const result = { merged: 0, left: 0 };
      do {
        const before = result.left;
        const { merged, left } = await sheets.audit(spreadsheetIds);
        result.merged += merged;
        result.left = left;
        progress(result);
        // What somebody keeps copying is left for another run.
        if (before > 0 && left >= before) break;
      } while (result.left > 0 && !signal.aborted);
      return result;
    },
  };
}
