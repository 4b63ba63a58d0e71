import { keyColumnId, versionColumnId, type Column, type ColumnKind, type SheetSchema } from '../src/schema/schema.ts';

const column = (id: string, header: string, kind: ColumnKind = 'text'): Column => ({
  id,
  header,
  kind,
  width: 100,
  note: `Note of ${header}`,
});

const technical = [column(keyColumnId, 'Row key'), column(versionColumnId, 'Version', 'integer')];

/** A small schema for the tests of single functions. */
export const testSchema = {
  namespace: 'test',
  tabs: {
    Orders: {
      number: 1,
      columns: [
        column('order_sn', 'Order SN'),
        column('order_status', 'Status', 'status'),
        column('recipient_name', 'Recipient'),
        column('recipient_phone', 'Phone'),
        column('note', 'Note'),
        ...technical,
      ],
    },
    Items: { number: 2, columns: [column('item_name', 'Item'), ...technical] },
    Returns: { number: 3, columns: [column('return_sn', 'Return SN'), ...technical] },
  },
  isKey: (text) => /^\d+:./.test(text),
  periodColumnId: 'create_time',
  currencyColumnId: 'currency',
  decimalsOf: (currency) => (currency === 'VND' ? 0 : 2),
  maskedColumnIds: ['recipient_name', 'recipient_phone'],
  isMasked: (text) => text.includes('**'),
  statusColors: [],
} satisfies SheetSchema;
