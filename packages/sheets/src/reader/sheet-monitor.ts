import type { HealthState } from '@shopee-webhook/runtime';
import { toUnavailableError } from '../writer/unavailable-error.ts';
import type { GoogleClient } from '../client/google-client.ts';
import { maxCells } from '../index/spreadsheet-index.ts';
import { countCells } from '../index/managed-tabs.ts';
import type { AlertSink } from '../writer/alert-sink.ts';
import type { SheetUnavailableError } from '../rows/sheet-row.ts';
import type { SheetWriter } from '../writer/sheet-writer.ts';

export interface SheetMonitorDeps {
  sheets: Pick<SheetWriter, 'status'>;
  google: Pick<GoogleClient, 'open' | 'email'>;
  spreadsheetIds: readonly string[];
  alerts: Pick<AlertSink, 'notify'>;
}

/** Of the 10 million cells that a spreadsheet can hold. */
const warnShare = 0.8;

/** Reports whether the spreadsheets are available: as the writer finds them, and before it wrote as Google does. */
export class SheetMonitor {
  readonly #deps: SheetMonitorDeps;
  readonly #unavailable = new Map<string, SheetUnavailableError>();
  /** Share of the 10 million cells that each spreadsheet had at the last check. */
  readonly #shares = new Map<string, number>();
  #hasChecked = false;

  constructor(options: SheetMonitorDeps) {
    this.#deps = options;
  }

  /** Costs a read for each spreadsheet. The user's own tabs count too, and only Google knows of them. */
  async check(): Promise<void> {
    const { sheets, google, spreadsheetIds, alerts } = this.#deps;
    const written = new Set(sheets.status().spreadsheets.map(({ spreadsheetId }) => spreadsheetId));
    for (const id of spreadsheetIds) {
      this.#unavailable.delete(id);
      try {
        const spreadsheet = await google.open(id, async () => undefined).getSpreadsheet(fields);
        this.#shares.set(id, countCells(spreadsheet, []) / maxCells);
      } catch (error) {
        // Of one that was written the writer's own state counts.
        if (written.has(id)) continue;
        this.#unavailable.set(id, toUnavailableError(error, { email: google.email, spreadsheetId: id }));
      }
    }
    this.#hasChecked = true;
    for (const [id, share] of this.#shares) {
      if (share >= warnShare) await alerts.notify(`cells:${id}`, cellsAlert(id, share));
    }
  }

  health(): HealthState {
    const { spreadsheets } = this.#deps.sheets.status();
    for (const [id, error] of this.#unavailable) {
      return { status: 'failing', detail: `${id}: ${error.message}`, ...actionOf(error) };
    }
    const down = spreadsheets.find(({ ok }) => !ok);
    if (down !== undefined) {
      return { status: 'failing', detail: `${down.spreadsheetId}: ${down.detail ?? 'not written'}`, ...actionOf(down) };
    }
    for (const [id, share] of this.#shares) {
      if (share >= warnShare) return { status: 'warning', detail: cellsAlert(id, share).title, action: cellsAction };
    }
    return this.#hasChecked ? { status: 'ok' } : { status: 'warning', detail: 'not checked yet' };
  }
}

const fields = 'sheets.properties(sheetId,gridProperties(rowCount,columnCount))';
const cellsAction =
  'Delete old rows or tabs (SHEETS_ROTATE makes one for each month or year), or give a shop a spreadsheet of its own.';

function cellsAlert(spreadsheetId: string, share: number) {
  const percent = Math.round(share * 100);
  const title = `Spreadsheet ${spreadsheetId} is ${String(percent)} % full`;
  return { severity: 'warning' as const, title, text: `Google allows 10 million cells. ${cellsAction}` };
}

function actionOf({ action }: { action?: string | undefined }): { action?: string } {
  return action === undefined ? {} : { action };
}
