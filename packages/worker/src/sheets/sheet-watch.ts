import type { HealthState } from '@shopee-webhook/runtime';
import type { Alarms } from '../alarms.ts';
import { unavailable } from './availability.ts';
import type { GoogleClient } from './google-client.ts';
import { maxCells } from './layout.ts';
import { cellsOf } from './our-tabs.ts';
import type { SheetUnavailableError } from './sheet-row.ts';
import type { SheetWriter } from './sheet-writer.ts';

export interface SheetWatchOptions {
  sheets: Pick<SheetWriter, 'status'>;
  google: Pick<GoogleClient, 'open' | 'email'>;
  spreadsheetIds: readonly string[];
  alarms: Alarms;
}

/** Of the 10 million cells that a spreadsheet can hold. */
const fullAt = 0.8;

/** Knows whether the spreadsheets can be reached: from what the writer meets, and by asking Google before it wrote. */
export class SheetWatch {
  readonly #options: SheetWatchOptions;
  readonly #refused = new Map<string, SheetUnavailableError>();
  /** Share of the 10 million cells that each spreadsheet had at the last look. */
  readonly #shares = new Map<string, number>();
  #looked = false;

  constructor(options: SheetWatchOptions) {
    this.#options = options;
  }

  /** One look; costs a read for each spreadsheet. The user's own tabs count too, and only Google knows of them. */
  async look(): Promise<void> {
    const { sheets, google, spreadsheetIds, alarms } = this.#options;
    const written = new Set(sheets.status().spreadsheets.map(({ spreadsheetId }) => spreadsheetId));
    for (const id of spreadsheetIds) {
      this.#refused.delete(id);
      try {
        const spreadsheet = await google.open(id, async () => undefined).get(fields);
        this.#shares.set(id, cellsOf(spreadsheet, []) / maxCells);
      } catch (error) {
        // Of one that was written the writer knows more: what it says counts.
        if (written.has(id)) continue;
        this.#refused.set(id, unavailable(error, { email: google.email, spreadsheetId: id }));
      }
    }
    this.#looked = true;
    for (const [id, share] of this.#shares) {
      if (share >= fullAt) await alarms.once(`cells:${id}`, cellsAlarm(id, share));
    }
  }

  health(): HealthState {
    const { spreadsheets } = this.#options.sheets.status();
    for (const [id, error] of this.#refused) {
      return { status: 'failing', detail: `${id}: ${error.message}`, ...actionOf(error) };
    }
    const down = spreadsheets.find(({ ok }) => !ok);
    if (down !== undefined) {
      return { status: 'failing', detail: `${down.spreadsheetId}: ${down.detail ?? 'not written'}`, ...actionOf(down) };
    }
    for (const [id, share] of this.#shares) {
      if (share >= fullAt) return { status: 'warning', detail: cellsAlarm(id, share).title, action: cellsAction };
    }
    return this.#looked ? { status: 'ok' } : { status: 'warning', detail: 'not looked at yet' };
  }
}

const fields = 'sheets.properties(sheetId,gridProperties(rowCount,columnCount))';
const cellsAction =
  'Delete old rows or tabs (SHEETS_ROTATE makes one for each month or year), or give a shop a spreadsheet of its own.';

function cellsAlarm(spreadsheetId: string, share: number) {
  const percent = Math.round(share * 100);
  const title = `Spreadsheet ${spreadsheetId} is ${String(percent)} % full`;
  return { severity: 'warning' as const, title, text: `Google allows 10 million cells. ${cellsAction}` };
}

function actionOf({ action }: { action?: string | undefined }): { action?: string } {
  return action === undefined ? {} : { action };
}
