import { escrowSchema, orderDetailSchema, type Escrow, type OrderDetail } from '@shopee-webhook/shopee';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { apiSample } from '../../../shopee/test/samples.ts';
import { columnsOf, type ReportRow } from '../report/columns.ts';
import { itemRows, lineRows } from './item-rows.ts';
import { orderRow } from './order-row.ts';

const shop = { shopId: '700000001', shopName: 'Kopi & Cotton', spreadsheetId: 'sheet' };

function orderOf(sample: string, change: (raw: Record<string, unknown>) => void = () => undefined): OrderDetail {
  const { response } = z
    .object({ response: z.object({ order_list: z.tuple([z.record(z.string(), z.unknown())]) }) })
    .parse(apiSample(`order.get_order_detail.${sample}`));
  const [raw] = response.order_list;
  change(raw);
  return { ...orderDetailSchema.parse(raw), shop_id: shop.shopId };
}

function escrowOf(sample: string): Escrow {
  return escrowSchema.parse(apiSample(`payment.${sample}`)['response']);
}

const completed = { order: orderOf('completed'), escrow: escrowOf('get_escrow_detail') };

function unknownColumns(row: ReportRow): string[] {
  const known = new Set(columnsOf[row.tab].map(({ id }) => id));
  return Object.keys({ ...row.cells, ...row.cellsIfNew }).filter((id) => !known.has(id));
}

describe('Orders', () => {
  test('a row is known by shop and order, and its version is Shopee’s update time', () => {
    expect(orderRow(shop, completed)).toMatchObject({
      tab: 'Orders',
      key: '700000001:260901K7QWE8RT',
      version: 1_788_720_800,
      spreadsheetId: 'sheet',
      cells: { order_sn: '260901K7QWE8RT', shop: 'Kopi & Cotton', order_status: 'COMPLETED', units: 2 },
    });
  });

  test('every cell has a column', () => {
    const fetched = { ...completed, trackingNumbers: ['SPX1'], payout: { amount: 30.7, releasedAt: 1_788_800_000 } };
    expect(unknownColumns(orderRow(shop, fetched))).toEqual([]);
    expect(itemRows(shop, fetched).flatMap(unknownColumns)).toEqual([]);
    const gone = itemRows(shop, fetched).map((row) => ({ ...row, cells: lineRows(shop, fetched)?.cellsIfGone ?? {} }));
    expect(gone.flatMap(unknownColumns)).toEqual([]);
  });

  test('the income is Shopee’s own: 30 + 1.99 − 0.65 − 0.64 = 30.70', () => {
    const { cells } = orderRow(shop, completed);
    expect(cells).toMatchObject({
      buyer_total_amount: 31.99,
      order_original_price: 30,
      buyer_paid_shipping_fee: 1.99,
      commission_fee: 0.65,
      seller_transaction_fee: 0.64,
      taxes: 0,
      other_fees: 0,
      escrow_amount: 30.7,
      escrow_amount_after_adjustment: 30.7,
    });
  });

  test('adjustments are shown beside the escrow amount and in the final one', () => {
    const { cells } = orderRow(shop, { ...completed, escrow: escrowOf('get_escrow_detail.with-adjustment') });
    expect(cells).toMatchObject({
      escrow_amount: 30.7,
      total_adjustment_amount: -5.5,
      escrow_amount_after_adjustment: 25.2,
    });
  });

  test('the breakdown adds up to the escrow amount by Shopee’s formula', () => {
    const { escrow } = completed;
    const income = { ...escrow.order_income, escrow_tax: 0.3, shipping_fee_sst: 0.2, fbs_fee: 0.5, campaign_fee: 0.1 };
    const { cells } = orderRow(shop, { ...completed, escrow: { ...escrow, order_income: income } });
    const of = (id: string) => Number(cells[id]);
    const fees = ['commission_fee', 'service_fee', 'seller_transaction_fee', 'campaign_fee', 'taxes', 'other_fees'];
    const net = of('order_original_price') + of('buyer_paid_shipping_fee') - fees.map(of).reduce((a, b) => a + b);
    expect(net).toBeCloseTo(30.7 - 0.3 - 0.2 - 0.5 - 0.1, 6);
  });

  test('an order whose escrow is not there yet leaves the income cells alone', () => {
    const { cells } = orderRow(shop, { order: orderOf('unpaid') });
    expect(cells).not.toHaveProperty('escrow_amount');
    expect(cells).toMatchObject({ pay_time: null, total_amount: null });
  });

  test('masked values are written to a new row only, and each field by itself', () => {
    const row = orderRow(shop, { order: orderOf('cod-masked-vn') });
    expect(row.cellsIfNew).toEqual({
      recipient_name: 'E******e',
      recipient_phone: '******64',
      recipient_address: 'Ex******',
    });
    expect(row.cells).toMatchObject({
      recipient_name: null,
      recipient_phone: null,
      recipient_address: null,
      buyer_username: 'buyer_example_01',
    });
  });

  test('a name that Shopee sends empty takes no readable one away', () => {
    const order = orderOf('completed', (raw) => {
      raw['recipient_address'] = { name: '', phone: ' ', full_address: '' };
    });
    expect(orderRow(shop, { order }).cells).toMatchObject({
      recipient_name: null,
      recipient_phone: null,
      recipient_address: null,
    });
  });

  test('an unknown status is written as it is', () => {
    const order = orderOf('shipped', (raw) => {
      raw['order_status'] = 'SOMETHING_NEW';
    });
    expect(orderRow(shop, { order }).cells['order_status']).toBe('SOMETHING_NEW');
  });

  test('tracking numbers of several parcels stand side by side, each once', () => {
    const { cells } = orderRow(shop, { ...completed, trackingNumbers: ['SPX1', 'SPX2', 'SPX1'] });
    expect(cells['tracking_number']).toBe('SPX1, SPX2');
    expect(orderRow(shop, completed).cells['tracking_number']).toBeNull();
  });
});

describe('Items', () => {
  test('unit price is per unit, line total and discounts are for the line', () => {
    const [row] = itemRows(shop, completed);
    expect(row).toMatchObject({
      tab: 'Items',
      key: '700000001:260901K7QWE8RT:900000001-910000001',
      cells: { quantity: 2, unit_price: 15, original_unit_price: 15, line_total: 30, sku: 'TEE-BLK-M' },
    });
  });

  test('until the escrow is there the line total is unit price × quantity', () => {
    const [row] = itemRows(shop, { order: completed.order });
    expect(row?.cells).toMatchObject({ unit_price: 15, line_total: 30, seller_discount: null });
  });

  test('a bundle deal’s price of 0 is not taken for a price', () => {
    const order = orderOf('bundle-deal-zero-price');
    for (const row of itemRows(shop, { order })) {
      expect(row.cells).toMatchObject({ unit_price: null, line_total: null, promotion_type: 'bundle_deal' });
    }
  });

  test('ids beyond 2^53 are text to the last digit', () => {
    const order = orderOf('completed', (raw) => {
      raw['item_list'] = [{ item_id: '18446744073709551615', model_id: '9007199254740993', item_name: 'Big' }];
    });
    const [row] = itemRows(shop, { order });
    expect(row?.cells).toMatchObject({ item_id: '18446744073709551615', model_id: '9007199254740993' });
    expect(row?.key).toContain('18446744073709551615-9007199254740993');
  });

  test('two lines of the same variation keep their keys when Shopee changes their order', () => {
    const line = (id: string, quantity: number) => ({
      item_id: 1,
      model_id: 2,
      line_item_id: id,
      item_name: 'T-shirt',
      model_quantity_purchased: quantity,
    });
    const quantitiesByKey = (lines: unknown[]) => {
      const order = orderOf('completed', (raw) => {
        raw['item_list'] = lines;
      });
      return Object.fromEntries(itemRows(shop, { order }).map(({ key, cells }) => [key, cells['quantity']]));
    };
    const there = quantitiesByKey([line('10', 1), line('11', 5)]);
    expect(Object.keys(there)).toHaveLength(2);
    expect(quantitiesByKey([line('11', 5), line('10', 1)])).toEqual(there);
  });
});
