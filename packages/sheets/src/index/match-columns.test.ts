import { expect, test } from 'vitest';
import { testSchema } from '../../test/schema.ts';
import { matchColumns } from './match-columns.ts';

const { columns } = testSchema.tabs.Orders;
const headers = columns.map(({ header }) => header);
const notes = columns.map(({ note }) => note);

test('columns are found by text wherever the user moved them, spaces and case aside', () => {
  const found = matchColumns(columns, { texts: ['Mine', ...headers.toReversed(), ' order sn '], notes: [] });
  expect(found.get('order_sn')).toBe(headers.length);
  expect(found.size).toBe(columns.length);
});

test('a renamed column is found by its note', () => {
  const found = matchColumns(columns, { texts: headers.map((_, n) => `cột ${String(n)}`), notes });
  expect([...found.values()]).toEqual(columns.map((_, n) => n));
});

test('of two columns with one name the one with our note is ours', () => {
  const found = matchColumns(columns, { texts: ['Status', ...headers], notes: ['', ...notes] });
  expect(found.get('order_status')).toBe(2);
});

test('a renamed column without a note is found between its neighbors', () => {
  const texts = headers.map((header) => (header === 'Note' ? 'Ghi chú' : header));
  expect(matchColumns(columns, { texts, notes: [] }).get('note')).toBe(headers.indexOf('Note'));
});

test('a column that is not there is not found', () => {
  expect(matchColumns(columns, { texts: headers.slice(1), notes: [] }).has('order_sn')).toBe(false);
});
