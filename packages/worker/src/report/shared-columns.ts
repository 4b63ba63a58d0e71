import { keyColumnId, type Column } from '@shopee-webhook/sheets';

/** Whose the row is. */
export const shopColumns: readonly Column[] = [
  {
    id: 'shop',
    header: 'Shop',
    kind: 'text',
    width: 130,
    note: 'The shop’s name, or its id while the name is not known.',
  },
  { id: 'shop_id', header: 'Shop ID', kind: 'text', width: 100, note: 'Shopee’s shop_id.' },
];

/** What the row is found by. */
export const keyColumn: Column = {
  id: keyColumnId,
  header: 'Row key',
  kind: 'text',
  width: 230,
  note: 'Technical: the row is found by it. Do not change.',
};
