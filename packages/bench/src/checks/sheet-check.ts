import { escrowOf, hasEscrow, orderDetailOf, type OrderRecord, type DisplayValue } from '@shopee-webhook/sandbox';
import type { Stack } from '../stack/stack.ts';

type SheetRecord = Record<string, DisplayValue>;

/** The sheet compared with the fake Shopee's orders. Each list names order numbers or row keys. */
export interface SheetCheck {
  /** Orders of which a push was answered 200 and that have no row. */
  missing: string[];
  /** Keys in more than one row of Orders or Items. */
  duplicates: string[];
  /** Rows that show an older state than the newest push. */
  stale: string[];
  /** `order: column is … instead of …`. */
  wrong: string[];
  rows: number;
}

/** Compares every order that Shopee pushed with what the seller reads in the sheet. */
export function checkSheet(stack: Stack, pushedOrders: ReadonlySet<string>): SheetCheck {
  const orders = readRecords(stack, 'Orders');
  const items = readRecords(stack, 'Items');
  const result: SheetCheck = { missing: [], duplicates: [], stale: [], wrong: [], rows: orders.length };
  result.duplicates.push(...findDuplicates(orders), ...findDuplicates(items));

  const rowsBySn = new Map(orders.map((record) => [String(record['Order SN']), record]));
  const itemsBySn = Map.groupBy(items, (record) => String(record['Order SN']));
  for (const sn of pushedOrders) {
    const record = stack.shopee.orders.find(sn);
    const row = rowsBySn.get(sn);
    if (record === undefined) continue;
    if (row === undefined) result.missing.push(sn);
    else if (Number(row['Version']) < record.updateTime) result.stale.push(sn);
    else result.wrong.push(...findWrongCells(stack, record, row, itemsBySn.get(sn) ?? []));
  }
  for (const sn of rowsBySn.keys())
    if (sn !== '' && !pushedOrders.has(sn)) result.wrong.push(`${sn}: no push for this order`);
  for (const record of [...orders, ...items]) {
    const filled = Object.entries(record).filter(([, value]) => value !== '');
    if (record['Row key'] === '') result.wrong.push(`no order: only ${filled.map(([name]) => name).join(', ')}`);
  }
  return result;
}

/** What would mislead a seller: status, money, buyer, lines. */
function findWrongCells(stack: Stack, record: OrderRecord, row: SheetRecord, lines: SheetRecord[]): string[] {
  const { orders } = stack.shopee;
  const detail = orderDetailOf(orders, record);
  const income = hasEscrow(record) ? escrowOf(orders, record)['order_income'] : undefined;
  const money = typeof income === 'object' && income !== null ? (income as Record<string, unknown>) : {};
  const items = detail['item_list'];
  const expected: [column: string, value: unknown][] = [
    ['Status', record.status],
    ['Order total', detail['total_amount'] ?? ''],
    ['Buyer', detail['buyer_username']],
    ['Commission', money['commission_fee'] ?? ''],
    ['Escrow amount', money['escrow_amount'] ?? ''],
  ];
  const wrong = expected
    .filter(([column, value]) => !isEqual(row[column], value))
    .map(([column, value]) => `${record.sn}: ${column} is ${String(row[column])} instead of ${String(value)}`);
  const count = Array.isArray(items) ? items.length : 0;
  if (lines.length !== count) wrong.push(`${record.sn}: ${lines.length} lines in Items instead of ${count}`);
  const staleItems = lines.filter((line) => line['Status'] !== undefined && line['Status'] !== record.status);
  if (staleItems.length > 0) wrong.push(`${record.sn}: ${staleItems.length} lines in Items show another status`);
  return wrong;
}

function isEqual(shown: DisplayValue | undefined, value: unknown): boolean {
  if (typeof value === 'number') return typeof shown === 'number' && Math.abs(shown - value) < 0.005;
  return shown === value;
}

function findDuplicates(records: readonly SheetRecord[]): string[] {
  const counts = new Map<string, number>();
  for (const { 'Row key': key } of records) counts.set(String(key), (counts.get(String(key)) ?? 0) + 1);
  return [...counts].filter(([key, count]) => count > 1 || key === '').map(([key, count]) => `${key} × ${count}`);
}

/** Records below the header with any value of ours. */
function readRecords(stack: Stack, title: string): SheetRecord[] {
  const sheet = stack.google.sheets().find((tab) => tab.title === title);
  return sheet?.records() ?? [];
}
