import type { SheetSchema } from '@shopee-webhook/sheets';
import { currencyDecimals, isMasked } from '@shopee-webhook/shopee';
import { columnsOf, maskedColumnIds, type Tab } from './columns.ts';

/** The tables of orders, their lines, returns and adjustments; their keys: see ReportRow. */
export const reportSchema: SheetSchema & { tabs: Readonly<Record<Tab, SheetSchema['tabs'][string]>> } = {
  namespace: 'shopee-webhook',
  tabs: {
    Orders: { number: 1, versionDateColumnId: 'update_time', columns: columnsOf.Orders },
    Items: { number: 2, columns: columnsOf.Items },
    Returns: { number: 3, versionDateColumnId: 'update_time', columns: columnsOf.Returns },
    Adjustments: { number: 4, columns: columnsOf.Adjustments },
    Wallet: { number: 5, columns: columnsOf.Wallet },
    Payouts: { number: 6, columns: columnsOf.Payouts },
    'Payout days': { number: 7, columns: columnsOf['Payout days'] },
  },
  isKey: (text) => /^\d+:./.test(text),
  periodColumnId: 'create_time',
  currencyColumnId: 'currency',
  decimalsOf: currencyDecimals,
  maskedColumnIds,
  isMasked,
  statusColors: [
    {
      values: ['UNPAID', 'PENDING', 'INVOICE_PENDING', 'REQUESTED', 'WAITING'],
      background: '#eceff1',
      text: '#455a64',
    },
    { values: ['READY_TO_SHIP', 'RETRY_SHIP', 'JUDGING'], background: '#fff3cd', text: '#7a5b00' },
    { values: ['PROCESSED', 'PROCESSING', 'ACCEPTED'], background: '#dbeafe', text: '#1e4e8c' },
    { values: ['SHIPPED', 'TO_CONFIRM_RECEIVE', 'SELLER_DISPUTE'], background: '#d5f0f2', text: '#0b5b63' },
    { values: ['COMPLETED', 'REFUND_PAID', 'CLOSED', 'PAID'], background: '#d9f2e0', text: '#1b5e34' },
    { values: ['CANCELLED', 'IN_CANCEL', 'REMOVED'], background: '#fbdcdc', text: '#8c1d1d' },
    { values: ['TO_RETURN'], background: '#eadcf8', text: '#55298c' },
  ],
};
