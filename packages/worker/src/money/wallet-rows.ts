import {
  balanceChange,
  checkLedger,
  toMajor,
  toMinor,
  walletKindOf,
  type BillingTransaction,
  type LedgerLine,
  type WalletTransaction,
} from '@shopee-webhook/shopee';
import { joinDistinct, toCell } from '../orders/cells.ts';
import type { ShopTarget } from '../orders/order-row.ts';
import type { ReportRow } from '../report/columns.ts';
import { transactionKey, type PayoutLines } from './wallet-source.ts';

/** Rows of a wallet with where it stands after them. */
export interface WalletRows {
  rows: ReportRow[];
  /** Rows whose balance moved by more than they say. */
  gaps: number;
  /** Minor units; undefined when it is not known. */
  balanceAfter: number | undefined;
  /** After the last one before `resumeAt`. */
  balanceAtResume: number | undefined;
}

interface WalletLine extends LedgerLine {
  source: WalletTransaction;
}

/**
 * The rows of a local shop's transactions, keyed `shop:transaction`. `balanceBefore` is the balance before all of them, minor
 * units; the next run begins at `resumeAt`, unix seconds, with the balance that it had then.
 */
export function walletRows(
  shop: ShopTarget,
  currency: string,
  transactions: readonly WalletTransaction[],
  { balanceBefore, resumeAt }: { balanceBefore: number | undefined; resumeAt: number },
): WalletRows {
  const lines: WalletLine[] = [];
  const rows: ReportRow[] = [];
  for (const source of transactions) {
    const { amount, current_balance: balance, create_time: at, transaction_type: type = '', status = '' } = source;
    if (amount === undefined || balance === undefined || at === undefined) {
      // Its place in the ledger is not known, but it is shown.
      rows.push(walletRow(shop, currency, source, undefined));
      continue;
    }
    const change = balanceChange({ type, status, amount: toMinor(amount) });
    lines.push({ id: transactionKey(source), at, change, balance: toMinor(balance), source });
  }
  const checked = checkLedger(lines, balanceBefore);
  for (const { source, gap } of checked) {
    rows.push(walletRow(shop, currency, source, gap === undefined ? undefined : toMajor(gap)));
  }
  return {
    rows,
    gaps: checked.filter(({ gap = 0 }) => gap !== 0).length,
    balanceAfter: checked.at(-1)?.balance ?? balanceBefore,
    balanceAtResume: checked.findLast(({ at }) => at < resumeAt)?.balance ?? balanceBefore,
  };
}

function walletRow(shop: ShopTarget, currency: string, line: WalletTransaction, gap: number | undefined): ReportRow {
  return {
    ...rowBase(shop, transactionKey(line), line.create_time),
    cells: {
      ...sharedCells(shop, line.create_time),
      kind: walletKindOf(line.transaction_type),
      transaction_type: toCell(line.transaction_type),
      currency,
      amount: toCell(line.amount),
      current_balance: toCell(line.current_balance),
      balance_gap: toCell(gap),
      transaction_fee: toCell(line.transaction_fee),
      status: toCell(line.status),
      order_sn: toCell(line.order_sn),
      return_sn: toCell(line.refund_sn),
      withdrawal_id: toCell(line.withdrawal_id),
      root_withdrawal_id: toCell(line.root_withdrawal_id),
      description: toCell(joinDistinct([line.txn_title, line.reason, line.description])),
      transaction_id: toCell(line.transaction_id),
    },
  };
}

/** The rows of a cross-border shop's payout: its lines and, as money that left, the payout itself. */
export function payoutRows(shop: ShopTarget, { payout, lines }: PayoutLines): ReportRow[] {
  const { encrypted_payout_id: id = '', payout_time: at, from_amount: paid, from_currency: currency = '' } = payout;
  const total = lines.reduce((sum, { amount = 0 }) => sum + toMinor(amount), 0);
  const occurrences = new Map<string, number>();
  const lineRows = lines.map((line): ReportRow => {
    const content = [line.billing_transaction_type, line.order_sn, line.cost_header, line.scenario, line.amount].join(
      '-',
    );
    const occurrence = (occurrences.get(content) ?? 0) + 1;
    occurrences.set(content, occurrence);
    return {
      // Lines have no id: two that are alike are told apart by their number.
      ...rowBase(shop, `${id}-${content}-${String(occurrence)}`, at),
      cells: {
        ...sharedCells(shop, at),
        kind: billingKind(line),
        transaction_type: toCell(line.billing_transaction_type),
        currency: toCell(line.currency),
        amount: toCell(line.amount),
        status: toCell(line.billing_transaction_status),
        order_sn: toCell(line.order_sn),
        withdrawal_id: id,
        description: toCell(joinDistinct([line.cost_header, line.scenario, line.remark])),
      },
    };
  });
  const payoutRow: ReportRow = {
    ...rowBase(shop, `payout-${id}`, at),
    cells: {
      ...sharedCells(shop, at),
      kind: 'withdrawal',
      transaction_type: 'PAYOUT',
      currency,
      amount: toCell(paid === undefined ? undefined : -paid),
      balance_gap: toCell(paid === undefined ? undefined : toMajor(total - toMinor(paid))),
      withdrawal_id: id,
      description: toCell(payoutText(payout)),
    },
  };
  return [...lineRows, payoutRow];
}

function payoutText({
  payout_currency: currency,
  payout_amount: amount,
  exchange_rate: rate,
  pay_service: service,
}: PayoutLines['payout']) {
  const parts = [
    amount === undefined ? undefined : `${currency ?? ''} ${String(amount)}`.trim(),
    rate === undefined ? undefined : `rate ${String(rate)}`,
    service,
  ];
  return joinDistinct(parts);
}

/** The one line of a return after completion that Shopee's page shows has this scenario; other words are not known. */
function billingKind({ billing_transaction_type: type, scenario }: BillingTransaction): string {
  if (type === 'ESCROW') return 'order income';
  if (scenario === 'Return Refund After Order Completed') return 'return';
  return type === 'ADJUSTMENT' ? 'adjustment' : 'unknown';
}

function rowBase(shop: ShopTarget, id: string, at: number | undefined): Omit<ReportRow, 'cells'> {
  return {
    spreadsheetId: shop.spreadsheetId,
    tab: 'Wallet',
    key: `${shop.shopId}:${id}`,
    version: at ?? 0,
    shopId: shop.shopId,
  };
}

function sharedCells(shop: ShopTarget, at: number | undefined): ReportRow['cells'] {
  return { create_time: toCell(at), shop: shop.shopName ?? shop.shopId, shop_id: shop.shopId };
}
