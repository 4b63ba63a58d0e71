import { systemClock } from '@shopee-webhook/runtime';
import type { DryRun } from '@shopee-webhook/contracts/worker-rpc';
import { MalformedPushError } from '@shopee-webhook/shopee';
import type { Delivery } from '@shopee-webhook/store';
import { type CellValue, type GoogleClient, cellValue, cellsToWrite } from '@shopee-webhook/sheets';
import { columnsOf, type ReportRow } from '../report/columns.ts';
import { errorText } from '../upstreams/errors.ts';
import { loadOrders } from '../orders/order-loader.ts';
import type { OrderSource } from '../orders/order-source.ts';
import { parseEvent, type ParsedEvent } from '../orders/parsed-event.ts';
import { findRows, type FoundRow } from './row-finder.ts';
import { rowLink, formatCell, visibleColumns } from './row-view.ts';

export interface DryRunDeps {
  source: OrderSource;
  google: Pick<GoogleClient, 'open'>;
  findSpreadsheet: (shopId: string) => string | undefined;
  orderEventCodes: () => readonly number[];
}

/** Processes an event without writing, and returns the cells it would change. */
export async function dryRun(options: DryRunDeps, requested: { id: string; payloadText: string }): Promise<DryRun> {
  try {
    const event = parseEvent(toDelivery(requested));
    const { orderSn, push } = event;
    if (orderSn === undefined || !options.orderEventCodes().includes(push.code)) {
      return noChange('Events with this code write no row; they only send a notification.');
    }
    if (push.shopId === undefined) return noChange('The push contains no shop id.');
    const spreadsheetId = options.findSpreadsheet(push.shopId);
    if (spreadsheetId === undefined) return noChange('SPREADSHEET_ID has no spreadsheet for this shop.');
    return await compare(options, { shopId: push.shopId, spreadsheetId }, { orderSn, event });
  } catch (error) {
    if (error instanceof MalformedPushError) return noChange(`Not a push: ${error.message}`);
    return noChange(errorText(error));
  }
}

async function compare(
  options: DryRunDeps,
  target: { shopId: string; spreadsheetId: string },
  { orderSn, event }: { orderSn: string; event: ParsedEvent },
): Promise<DryRun> {
  const [loaded] = await loadOrders(options.source, target, [{ orderSn, events: [event] }]);
  if (loaded === undefined || 'error' in loaded) return noChange(errorText(loaded?.error));
  const { timeZone, rows } = await findRows(options.google, target.spreadsheetId, loaded.rows);
  const existing = new Map(rows.map((row) => [`${row.tab} ${row.key}`, row]));
  const tabs = loaded.rows.map((row) => {
    const found = existing.get(`${row.tab} ${row.key}`);
    return {
      tab: row.tab,
      key: row.key,
      row: found?.row ?? null,
      link: found === undefined ? null : rowLink(target.spreadsheetId, found),
      cells: compareCells(row, found, timeZone),
      stale: found !== undefined && found.version > row.version,
    };
  });
  return { tabs, noChangeReason: null };
}

function compareCells(row: ReportRow, found: FoundRow | undefined, timeZone: string): DryRun['tabs'][number]['cells'] {
  const written = cellsToWrite(row, found === undefined);
  return visibleColumns(columnsOf[row.tab]).map(({ id, header, kind }) => {
    const before = found?.cells[id] ?? '';
    // null leaves the cell as it is.
    const after = cellValue(written[id], kind, timeZone) ?? before;
    return {
      column: id,
      title: header,
      before: formatCell(before, kind),
      after: formatCell(after, kind),
      changes: !isEqualCell(before, after),
    };
  });
}

/** Google changes the last digits of a date's fraction. */
function isEqualCell(one: CellValue, other: CellValue): boolean {
  if (typeof one === 'number' && typeof other === 'number') return Math.abs(one - other) < 1e-6;
  return one === other;
}

function noChange(reason: string): DryRun {
  return { tabs: [], noChangeReason: reason };
}

function toDelivery({ id, payloadText }: { id: string; payloadText: string }): Delivery {
  const metadata = { enqueued_at: systemClock.wallMs(), retry_count: 0, max_retries: 0 };
  return { id, payloadText, raw: payloadText, metadata, attempt: 1, consumer: 'dry-run' };
}
