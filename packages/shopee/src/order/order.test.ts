import { describe, expect, test } from 'vitest';
import { apiSample } from '../../test/samples.ts';
import { unwrap } from '../api/response-parser.ts';
import { type Escrow, escrowSchema } from '../api/escrow.ts';
import { type OrderDetail, orderDetailSchema } from '../api/order-detail.ts';
import { isMasked } from './mask.ts';
import { currencyDecimals, formatMoney } from './money.ts';
import { orderLines } from './order-lines.ts';
import { timeZoneOf } from './region.ts';
import { summarizeOrder } from './summary.ts';

describe('summarizeOrder', () => {
  test('an order with its escrow is summed up, prices per unit', () => {
    const summary = summarizeOrder(order('completed'), escrow('get_escrow_detail'), {
      trackingNumbers: ['SPX1', 'SPX1'],
    });
    expect(summary).toMatchObject({
      sn: '260901K7QWE8RT',
      shopId: '700000001',
      status: 'COMPLETED',
      currency: 'SGD',
      total: 31.99,
      times: { created: 1788220860, paid: 1788220862, updated: 1788720800, pickedUp: 1788310790 },
      paymentMethod: 'Apple Pay',
      carrier: 'Standard Express',
      trackingNumbers: ['SPX1'],
      packages: [{ number: 'OFG100000000000001', status: 'LOGISTICS_DELIVERY_DONE' }],
      items: [{ sku: 'TEE-BLK-M', variation: 'Black,M', quantity: 2, unitPrice: 15, lineTotal: 30 }],
      income: {
        amounts: {
          buyer_total_amount: 31.99,
          commission_fee: 0.65,
          seller_transaction_fee: 0.64,
          service_fee: 0,
          escrow_amount: 30.7,
          escrow_amount_after_adjustment: 30.7,
        },
      },
    });
    expect(summary.note).toBeUndefined();
    expect(JSON.parse(JSON.stringify(summary))).toEqual(JSON.parse(JSON.stringify(summary)));
  });

  test('an unpaid order has neither total, payment time nor income', () => {
    const { total, times, income } = summarizeOrder(order('unpaid'), undefined);
    expect([total, times.paid, times.pickedUp, income]).toEqual([undefined, undefined, undefined, undefined]);
  });

  test('an order fetched without optional fields is summed up from what is there', () => {
    expect(summarizeOrder(order('default-fields-only'), undefined)).toMatchObject({
      items: [],
      packages: [],
      buyer: {},
    });
  });
});

describe('orderLines', () => {
  test('bundle items, which cost 0 in the order, take their price from the escrow', () => {
    const bundle = order('bundle-deal-zero-price');
    expect(orderLines(bundle, undefined).map(({ unitPrice }) => unitPrice)).toEqual([undefined, undefined]);
    const settled = escrowWith([
      { item_id: 900000002, model_id: 910000002, quantity_purchased: 1, discounted_price: 10.8 },
      {
        item_id: 900000001,
        model_id: 910000001,
        line_item_id: 240000000000011,
        quantity_purchased: 1,
        discounted_price: 18,
      },
    ]);
    expect(orderLines(bundle, settled).map(({ unitPrice }) => unitPrice)).toEqual([18, 10.8]);
  });

  test('a gift that costs 0 costs 0', () => {
    const gift = orderWith([
      { item_id: 1, model_id: 0, model_quantity_purchased: 1, model_discounted_price: 0, promotion_type: '' },
    ]);
    expect(orderLines(gift, undefined)[0]).toMatchObject({ unitPrice: 0, lineTotal: 0 });
  });

  test('every line has a key of its own that does not depend on the order of the lines', () => {
    const items = [
      { item_id: 5, model_id: 9, line_item_id: 31, item_name: 'as add-on' },
      { item_id: 5, model_id: 9, line_item_id: 30, item_name: 'by itself' },
      { item_id: 6, model_id: 0, item_name: 'other' },
    ];
    const keysOf = (list: typeof items) =>
      Object.fromEntries(orderLines(orderWith(list), undefined).map(({ name, key }) => [name, key]));
    expect(keysOf(items)).toEqual({ 'by itself': '5-9', 'as add-on': '5-9-2', other: '6-0' });
    expect(keysOf(items.toReversed())).toEqual(keysOf(items));
  });

  test('two lines of one variation without ids keep their keys and their settlement in any order', () => {
    const line = { item_id: 5, model_id: 9, line_item_id: 0 };
    const items = [
      { ...line, item_name: 'full', model_quantity_purchased: 3, model_discounted_price: 9.9 },
      { ...line, item_name: 'reduced', model_quantity_purchased: 1, model_discounted_price: 4 },
    ];
    const settled = escrowWith([
      { ...line, quantity_purchased: 1, discounted_price: 4 },
      { ...line, quantity_purchased: 3, discounted_price: 29.7 },
    ]);
    const linesOf = (list: typeof items) =>
      new Map(orderLines(orderWith(list), settled).map(({ name, key, lineTotal }) => [name, { key, lineTotal }]));
    expect(linesOf(items)).toEqual(
      new Map([
        ['full', { key: '5-9-2', lineTotal: 29.7 }],
        ['reduced', { key: '5-9', lineTotal: 4 }],
      ]),
    );
    expect(linesOf(items.toReversed())).toEqual(linesOf(items));
  });
});

describe('isMasked', () => {
  test.each(['****', 'P******n', '******78', 'Ex******', '********ex@example.com', 'J*n', 'J*', '*'])(
    '%s is masked',
    (text) => {
      expect(isMasked(text)).toBe(true);
    },
  );

  test.each(['', 'Jane', '1 Example Road, 000000, SG', 'size 5*3', 'A * B trading', null, undefined])(
    '%s is not',
    (text) => {
      expect(isMasked(text)).toBe(false);
    },
  );
});

describe('money and places', () => {
  test.each([
    [31.99, 'SGD', 'SGD 31.99'],
    [1031.5, 'myr', 'MYR 1,031.50'],
    [32119, 'VND', 'VND 32,119'],
    [-5.5, 'SGD', 'SGD -5.50'],
    [10.5, 'TWD', 'TWD 10.50'],
    [7, undefined, '7.00'],
  ])('%d of %s is written %s', (amount, currency, expected) => {
    expect(formatMoney(amount, currency)).toBe(expected);
  });

  test('currencies without fractions have no decimals', () => {
    expect(['VND', 'IDR', 'TWD', 'SGD', 'BRL', undefined].map(currencyDecimals)).toEqual([0, 0, 0, 2, 2, 2]);
  });

  test("every region has a time zone that exists; an unknown one has Shopee's", () => {
    const regions = [
      'SG',
      'MY',
      'TH',
      'VN',
      'ID',
      'PH',
      'TW',
      'BR',
      'MX',
      'CO',
      'CL',
      'PL',
      'ES',
      'FR',
      'IN',
      'AR',
      'CN',
      'KR',
      'JP',
    ];
    for (const region of regions)
      expect(() => new Intl.DateTimeFormat('en', { timeZone: timeZoneOf(region) })).not.toThrow();
    expect([timeZoneOf('br'), timeZoneOf('XX'), timeZoneOf(undefined)]).toEqual([
      'America/Sao_Paulo',
      'Asia/Singapore',
      'Asia/Singapore',
    ]);
  });
});

function order(name: string): OrderDetail {
  const { order_list: list } = unwrap(apiSample(`order.get_order_detail.${name}`)) as { order_list: unknown[] };
  return { ...orderDetailSchema.parse(list[0]), shop_id: '700000001' };
}

function orderWith(items: Record<string, unknown>[]): OrderDetail {
  return { ...orderDetailSchema.parse({ order_sn: '1', item_list: items }), shop_id: '700000001' };
}

function escrow(name: string): Escrow {
  return escrowSchema.parse(unwrap(apiSample(`payment.${name}`)));
}

function escrowWith(items: Record<string, unknown>[]): Escrow {
  return escrowSchema.parse({ order_sn: '1', order_income: { items } });
}
