import type { DryRun } from '@shopee-webhook/runtime';
import { NotAPushError } from '@shopee-webhook/shopee';
import type { Delivery } from '@shopee-webhook/store';
import { columnsOf, type SheetRow } from '../columns.ts';
import { errorText } from '../errors.ts';
import { loadOrders, type OrderLoaderOptions } from '../orders/order-loader.ts';
import { cellsToWrite, cellValue } from '../sheets/cell-values.ts';
import type { CellValue, GoogleClient } from '../sheets/google-client.ts';
import { taskOf, type Task } from '../deliveries/task.ts';
import { findRows, type FoundRow } from './row-finder.ts';
import { rowLink, shown, visible } from './row-view.ts';

export interface DryRunOptions extends OrderLoaderOptions {
  google: Pick<GoogleClient, 'open'>;
  spreadsheetOf: (shopId: string) => string | undefined;
  orderEventCodes: readonly number[];
}

/** Does everything that handling an event does but the writing, and tells what would be written over what. */
export async function dryRun(options: DryRunOptions, asked: { id: string; payloadText: string }): Promise<DryRun> {
  try {
    const task = taskOf(deliveryOf(asked));
    const { orderSn, push } = task;
    if (orderSn === undefined || !options.orderEventCodes.includes(push.code)) {
      return nothing('Events of this kind write no row: they are told on Telegram only.');
    }
    if (push.shopId === undefined) return nothing('The push names an order and no shop.');
    const spreadsheetId = options.spreadsheetOf(push.shopId);
    if (spreadsheetId === undefined) return nothing('SPREADSHEET_ID names no spreadsheet for this shop.');
    return await compare(options, { shopId: push.shopId, spreadsheetId }, { orderSn, task });
  } catch (error) {
    if (error instanceof NotAPushError) return nothing(`This is no push: ${error.message}`);
    return nothing(errorText(error));
  }
}

async function compare(
  options: DryRunOptions,
  target: { shopId: string; spreadsheetId: string },
  { orderSn, task }: { orderSn: string; task: Task },
): Promise<DryRun> {
  const [loaded] = await loadOrders(options, target, [{ orderSn, tasks: [task] }]);
  if (loaded === undefined || 'error' in loaded) return nothing(errorText(loaded?.error));
  const { timeZone, rows } = await findRows(options.google, target.spreadsheetId, loaded.rows);
  const standing = new Map(rows.map((row) => [`${row.tab} ${row.key}`, row]));
  const tabs = loaded.rows.map((row) => {
    const found = standing.get(`${row.tab} ${row.key}`);
    return {
      tab: row.tab,
      key: row.key,
      row: found?.row ?? null,
      link: found === undefined ? null : rowLink(target.spreadsheetId, found),
      cells: cellsOf(row, found, timeZone),
      stale: found !== undefined && found.version > row.version,
    };
  });
  return { tabs, nothing: null };
}

function cellsOf(row: SheetRow, found: FoundRow | undefined, timeZone: string): DryRun['tabs'][number]['cells'] {
  const written = cellsToWrite(row, found === undefined);
  return visible(columnsOf[row.tab]).map(({ id, header, kind }) => {
    const before = found?.cells[id] ?? '';
    // null leaves what the sheet has.
    const after = cellValue(written[id], kind, timeZone) ?? before;
    return {
      column: id,
      title: header,
      before: shown(before, kind),
      after: shown(after, kind),
      changes: !isSame(before, after),
    };
  });
}

/** Dates come back with the last digits of their fraction changed. */
function isSame(one: CellValue, other: CellValue): boolean {
  if (typeof one === 'number' && typeof other === 'number') return Math.abs(one - other) < 1e-6;
  return one === other;
}

function nothing(why: string): DryRun {
  return { tabs: [], nothing: why };
}

function deliveryOf({ id, payloadText }: { id: string; payloadText: string }): Delivery {
  const metadata = { enqueued_at: Date.now(), retry_count: 0, max_retries: 0 };
  return { id, payloadText, raw: payloadText, metadata, attempt: 1, consumer: 'dry-run' };
}
