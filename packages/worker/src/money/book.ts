import { localDate, unixSeconds, type CellValue, type SheetEntry, type SheetReader } from '@shopee-webhook/sheets';
import { incomeIds, timeZoneOf } from '@shopee-webhook/shopee';
import type { Tab } from '../report/columns.ts';

/** An order's money as it stands in Orders. Amounts in major units; undefined: not known. */
export interface BookOrder {
  shopId: string;
  shop: string;
  orderSn: string;
  status: string;
  region: string;
  currency: string;
  /** Unix seconds. */
  createdAt: number | undefined;
  /** Shopee's `update_time`: of a completed order, when it was completed or later. Unix seconds. */
  updatedAt: number;
  releasedAt: number | undefined;
  escrowAmount: number | undefined;
  adjustments: number | undefined;
  finalAmount: number | undefined;
  paidOut: number | undefined;
  unexplained: number | undefined;
  /** Every amount of the row, by column id. */
  amounts: Readonly<Record<string, number | undefined>>;
}

/** A row of Wallet. */
export interface BookTransaction {
  shopId: string;
  /** Its row's key. */
  id: string;
  /** Unix seconds. */
  at: number;
  kind: string;
  type: string;
  status: string;
  currency: string;
  amount: number | undefined;
  balance: number | undefined;
  gap: number | undefined;
  orderSn: string;
  returnSn: string;
  withdrawalId: string;
  description: string;
}

/** A row of Returns. */
export interface BookReturn {
  shopId: string;
  returnSn: string;
  orderSn: string;
  status: string;
  currency: string;
  refund: number | undefined;
  compensation: number | undefined;
  shippingPayer: string;
}

type Row = SheetEntry['cells'];
type Reader = Pick<SheetReader, 'readEntries' | 'getTimeZone'>;

const orderColumnIds = ['order_sn', 'shop', 'region', 'currency', 'create_time', 'escrow_release_time', ...incomeIds];
const walletColumnIds = [
  'create_time', 'kind', 'transaction_type', 'currency', 'amount', 'current_balance', 'balance_gap', 'order_sn',
  'return_sn', 'withdrawal_id', 'description',
]; // prettier-ignore

const returnColumnIds = [
  'return_sn', 'order_sn', 'currency', 'refund_amount', 'compensation_amount', 'return_shipping_payer',
]; // prettier-ignore

/** What stands in a spreadsheet's tabs, read afresh each time. */
export class Book {
  readonly #reader: Reader;
  readonly #spreadsheetId: string;
  #timeZone: Promise<string> | undefined;

  constructor(reader: Reader, spreadsheetId: string) {
    this.#reader = reader;
    this.#spreadsheetId = spreadsheetId;
  }

  /** Every order of every shop. Throws GoogleError. */
  async orders(): Promise<BookOrder[]> {
    return this.#rows('Orders', orderColumnIds, (shopId, { version, status, cells }, time) => ({
      shopId,
      shop: toText(cells['shop']),
      orderSn: toText(cells['order_sn']),
      status,
      region: toText(cells['region']),
      currency: toText(cells['currency']),
      createdAt: time(cells['create_time']),
      updatedAt: version,
      releasedAt: time(cells['escrow_release_time']),
      escrowAmount: toAmount(cells['escrow_amount']),
      adjustments: toAmount(cells['total_adjustment_amount']),
      finalAmount: toAmount(cells['escrow_amount_after_adjustment']),
      paidOut: toAmount(cells['payout_amount']),
      unexplained: toAmount(cells['unexplained']),
      amounts: Object.fromEntries(incomeIds.map((id) => [id, toAmount(cells[id])])),
    }));
  }

  /** Every transaction of every wallet. Throws GoogleError. */
  async transactions(): Promise<BookTransaction[]> {
    return this.#rows('Wallet', walletColumnIds, (shopId, { version, status, cells }, _time, key) => ({
      shopId,
      id: key,
      at: version,
      kind: toText(cells['kind']),
      type: toText(cells['transaction_type']),
      status,
      currency: toText(cells['currency']),
      amount: toAmount(cells['amount']),
      balance: toAmount(cells['current_balance']),
      gap: toAmount(cells['balance_gap']),
      orderSn: toText(cells['order_sn']),
      returnSn: toText(cells['return_sn']),
      withdrawalId: toText(cells['withdrawal_id']),
      description: toText(cells['description']),
    }));
  }

  /** Every return of every shop. Throws GoogleError. */
  async returns(): Promise<BookReturn[]> {
    return this.#rows('Returns', returnColumnIds, (shopId, { status, cells }) => ({
      shopId,
      returnSn: toText(cells['return_sn']),
      orderSn: toText(cells['order_sn']),
      status,
      currency: toText(cells['currency']),
      refund: toAmount(cells['refund_amount']),
      compensation: toAmount(cells['compensation_amount']),
      shippingPayer: toText(cells['return_shipping_payer']),
    }));
  }

  async #rows<Read>(
    tab: Tab,
    columnIds: readonly string[],
    read: (
      shopId: string,
      entry: SheetEntry,
      time: (cell: CellValue | undefined) => number | undefined,
      key: string,
    ) => Read,
  ): Promise<Read[]> {
    this.#timeZone ??= this.#reader.getTimeZone(this.#spreadsheetId);
    const [entries, zone] = await Promise.all([
      this.#reader.readEntries(this.#spreadsheetId, tab, columnIds),
      this.#timeZone,
    ]);
    const time = (cell: CellValue | undefined) =>
      typeof cell === 'number' && cell > 0 ? unixSeconds(cell, zone) : undefined;
    return [...entries].map(([key, entry]) => read(key.split(':', 1)[0] ?? '', entry, time, key));
  }
}

/** A cell's amount; undefined for a blank one and for a text: unknown is not 0. */
export function toAmount(cell: Row[string] | undefined): number | undefined {
  return typeof cell === 'number' ? cell : undefined;
}

function toText(cell: Row[string] | undefined): string {
  return cell === undefined || cell === null ? '' : String(cell);
}

/** `2026-11-23`: the day of a moment (unix seconds) in the shop's zone. */
export function shopDay(at: number, region: string): string {
  return localDate(at, timeZoneOf(region));
}
