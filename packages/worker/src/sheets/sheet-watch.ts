import type { HealthState } from '@shopee-webhook/runtime';
import type { Alarms } from '../alarms.ts';
import { unavailable } from './availability.ts';
import type { GoogleClient } from './google-client.ts';
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
  #looked = false;

  constructor(options: SheetWatchOptions) {
    this.#options = options;
  }

  /** One look; costs a read for each spreadsheet that nothing was written to yet. */
  async look(): Promise<void> {
    const { sheets, google, spreadsheetIds, alarms } = this.#options;
    const written = new Set(sheets.status().spreadsheets.map(({ spreadsheetId }) => spreadsheetId));
    for (const id of spreadsheetIds) {
      this.#refused.delete(id);
      if (written.has(id)) continue;
      try {
        await google.open(id, async () => undefined).get('spreadsheetId');
      } catch (error) {
        this.#refused.set(id, unavailable(error, { email: google.email, spreadsheetId: id }));
      }
    }
    this.#looked = true;
    for (const { spreadsheetId, cellShare } of sheets.status().spreadsheets) {
      if (cellShare >= fullAt) await alarms.once(`cells:${spreadsheetId}`, cellsAlarm(spreadsheetId, cellShare));
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
    const full = spreadsheets.find(({ cellShare }) => cellShare >= fullAt);
    if (full !== undefined) {
      return { status: 'warning', detail: cellsAlarm(full.spreadsheetId, full.cellShare).title, action: cellsAction };
    }
    return this.#looked ? { status: 'ok' } : { status: 'warning', detail: 'not looked at yet' };
  }
}

const cellsAction = 'Delete old rows or tabs, or set SHEETS_ROTATE.';

function cellsAlarm(spreadsheetId: string, share: number) {
  const percent = Math.round(share * 100);
  const title = `Spreadsheet ${spreadsheetId} is ${String(percent)} % full`;
  return { severity: 'warning' as const, title, text: `Google allows 10 million cells. ${cellsAction}` };
}

function actionOf({ action }: { action?: string | undefined }): { action?: string } {
  return action === undefined ? {} : { action };
}
