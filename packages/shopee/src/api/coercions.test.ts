import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { escrowSchema } from './escrow.ts';
import { orderDetailSchema } from './order-detail.ts';
import { flag, id, ids, arrayOf, optional, number, text, strings, time } from './coercions.ts';

const shape = z.object({
  flag,
  id,
  ids,
  number,
  text,
  texts: strings,
  time,
  list: arrayOf(z.object({ id })),
  part: optional(z.object({ id })),
});
const empty = { ids: [], texts: [], list: [] };

describe('the wire readers', () => {
  test.each([
    ['absent', {}],
    ['null', Object.fromEntries(Object.keys(shape.shape).map((name) => [name, null]))],
    [
      'of another type',
      { flag: 'maybe', id: {}, ids: [{}], number: [], text: {}, texts: [null], time: 'soon', list: 5, part: [] },
    ],
  ])('take a field that is %s for nothing', (_what, value) => {
    expect(shape.parse(value)).toEqual(empty);
  });

  test.each([
    [
      'numbers as text',
      { number: '12.50', id: '7', time: '1788220800' },
      { number: 12.5, id: '7', time: 1_788_220_800 },
    ],
    ['empty text for a number', { number: '', time: '', id: '' }, {}],
    ['0 for an amount, which is an amount', { number: 0 }, { number: 0 }],
    ['0 for a time, which is not yet', { time: 0 }, {}],
    ['milliseconds for a time', { time: 1_767_679_728_656 }, { time: 1_767_679_728 }],
    ['0 and 1 for a flag', { flag: 1 }, { flag: true }],
    ['an object for a list', { list: { id: 5 } }, { list: [{ id: '5' }] }],
    ['one id for a list', { ids: 'SGZ' }, { ids: ['SGZ'] }],
    ['text for a list', { texts: 'one' }, { texts: ['one'] }],
    ['a number for a text', { text: 5 }, { text: '5' }],
  ])('take %s', (_what, value, expected) => {
    expect(shape.parse(value)).toEqual({ ...empty, ...expected });
  });

  test('an order needs nothing but its number, and an unknown field does no harm', () => {
    expect(orderDetailSchema.parse({ order_sn: 'A', brand_new: { x: 1 } }).order_sn).toBe('A');
    expect(orderDetailSchema.safeParse({ order_status: 'SHIPPED' }).success).toBe(false);
  });

  test('an unknown status is kept as it is', () => {
    expect(orderDetailSchema.parse({ order_sn: 'A', order_status: 'SOMETHING_NEW' }).order_status).toBe(
      'SOMETHING_NEW',
    );
  });

  test('an escrow needs its number and its income', () => {
    expect(escrowSchema.safeParse({ order_sn: 'A', order_income: {} }).success).toBe(true);
    expect(escrowSchema.safeParse({ order_sn: 'A' }).success).toBe(false);
  });
});
