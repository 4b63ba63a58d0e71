import { versionColumnId, type Column } from '@shopee-webhook/sheets';
import { keyColumn, shopColumns } from './shared-columns.ts';

/** One row per order whose payout was overdue or not the final amount; it stays when that is settled. */
export const payoutsColumns: readonly Column[] = [
  {
    id: 'state',
    header: 'State',
    kind: 'status',
    width: 110,
    note: 'OVERDUE: completed and not paid out in time. DIFFERS: what arrived is not the final amount. WAITING: not due. PAID: settled since.',
  },
  { id: 'order_sn', header: 'Order SN', kind: 'text', width: 150, note: 'Shopee’s order number (order_sn).' },
  ...shopColumns,
  { id: 'region', header: 'Region', kind: 'text', width: 65, note: 'Shopee’s market (region).' },
  {
    id: 'create_time',
    header: 'Created',
    kind: 'datetime',
    width: 140,
    note: 'When the order was placed (create_time).',
  },
  {
    id: 'update_time',
    header: 'Updated',
    kind: 'datetime',
    width: 140,
    note: 'Last change of the order on Shopee: its completion, or later.',
  },
  {
    id: 'due_at',
    header: 'Due',
    kind: 'datetime',
    width: 140,
    note: 'Until when it should be paid out: a day after Shopee’s own estimate (get_income_detail: estimated_payout_time), else PAYOUT_OVERDUE_DAYS after completion. Empty once it is paid.',
  },
  { id: 'currency', header: 'Currency', kind: 'text', width: 75, note: 'Of every amount in this row.' },
  { id: 'escrow_amount', header: 'Escrow amount', kind: 'money', width: 115, note: 'As in Orders.' },
  { id: 'total_adjustment_amount', header: 'Adjustments', kind: 'money', width: 105, note: 'As in Orders.' },
  { id: 'escrow_amount_after_adjustment', header: 'Final amount', kind: 'money', width: 110, note: 'As in Orders.' },
  { id: 'payout_amount', header: 'Paid out', kind: 'money', width: 100, note: 'As in Orders.' },
  { id: 'escrow_release_time', header: 'Paid out at', kind: 'datetime', width: 140, note: 'As in Orders.' },
  {
    id: 'received',
    header: 'Received',
    kind: 'money',
    width: 100,
    note: 'All that the wallet has of this order; Paid out while it has nothing of it.',
  },
  { id: 'difference', header: 'Difference', kind: 'money', width: 100, note: 'Received less final amount.' },
  { id: 'reason', header: 'Reason', kind: 'text', width: 260, note: 'What does not agree.' },
  keyColumn,
  { id: versionColumnId, header: 'Version', kind: 'integer', width: 100, note: 'Technical: the order’s version.' },
];

/** One row per shop, day and currency with a payout. */
export const payoutDaysColumns: readonly Column[] = [
  { id: 'day', header: 'Day', kind: 'text', width: 100, note: 'Day of the payouts, in the shop’s time zone.' },
  ...shopColumns,
  { id: 'currency', header: 'Currency', kind: 'text', width: 75, note: 'Of every amount in this row.' },
  { id: 'orders', header: 'Orders', kind: 'integer', width: 75, note: 'Paid out on that day.' },
  {
    id: 'final_amount',
    header: 'Final amount',
    kind: 'money',
    width: 110,
    note: 'Of these orders together; empty while one of them is not known.',
  },
  {
    id: 'paid_out',
    header: 'Paid out',
    kind: 'money',
    width: 110,
    note: 'By Shopee’s list of releases (get_escrow_list); empty while one of them is not known.',
  },
  { id: 'difference', header: 'Difference', kind: 'money', width: 110, note: 'Paid out less final amount.' },
  {
    id: 'wallet_income',
    header: 'Wallet income',
    kind: 'money',
    width: 115,
    note: 'Order income that the wallet has of that day; empty while it has nothing of it.',
  },
  {
    id: 'withdrawn',
    header: 'Withdrawn',
    kind: 'money',
    width: 110,
    note: 'What left the wallet for the bank that day; below 0.',
  },
  {
    id: 'create_time',
    header: 'First payout',
    kind: 'datetime',
    width: 140,
    note: 'When the first of them was paid out.',
  },
  keyColumn,
  { id: versionColumnId, header: 'Version', kind: 'integer', width: 100, note: 'Technical.' },
];
