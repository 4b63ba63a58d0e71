import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createShopee } from '../src/shopee/create-shopee.ts';
import type { Shopee } from '../src/shopee/shopee.ts';
import { at, Caller, type Body } from './shopee-caller.ts';

const sg = 700_000_001;
const day = 86_400;
let shopee: Shopee;
let caller: Caller;

beforeEach(async () => {
  shopee = await createShopee();
  caller = new Caller(shopee);
});

afterEach(() => shopee.close());

/** A new order of the SG shop, advanced that many steps. */
function order(steps = 0): string {
  const { sn } = shopee.orders.place(sg).record;
  for (let step = 0; step < steps; step += 1) shopee.orders.advance(sn);
  return sn;
}

/** A completed order whose money was released. */
function releasedOrder(): string {
  return shopee.orders.release(order(5)).sn;
}

function ordersOf(body: Body): Body[] {
  return (at(body, 'response', 'order_list') as Body[] | undefined) ?? [];
}

function seconds(): number {
  return Math.floor(Date.now() / 1000);
}

describe('get_order_detail', () => {
  it('gives only the default fields when no others are requested', async () => {
    const [detail] = ordersOf(await caller.get('/order/get_order_detail', { order_sn_list: order(1) }));
    expect(Object.keys(detail ?? {}).sort()).toEqual(
      [
        'booking_sn',
        'cod',
        'create_time',
        'currency',
        'days_to_ship',
        'message_to_seller',
        'order_sn',
        'order_status',
        'region',
        'ship_by_date',
        'update_time',
      ].sort(),
    );
  });

  it('gives the optional fields that are requested, and no others', async () => {
    const query = { order_sn_list: order(1), response_optional_fields: 'item_list,total_amount,edt' };
    const [detail] = ordersOf(await caller.get('/order/get_order_detail', query));
    expect(detail).toMatchObject({
      item_list: expect.any(Array),
      total_amount: expect.any(Number),
      edt_from: 0,
      edt_to: 0,
    });
    expect(detail).not.toHaveProperty('recipient_address');
    expect(detail).not.toHaveProperty('package_list');
  });

  it('rejects an optional field that does not exist', async () => {
    const query = { order_sn_list: order(), response_optional_fields: 'item_list,items' };
    expect(await caller.get('/order/get_order_detail', query)).toMatchObject({ error: 'error_param' });
  });

  it('takes 1 to 50 orders', async () => {
    const sns = Array.from({ length: 51 }, () => order());
    const response = (list: string[]) => caller.get('/order/get_order_detail', { order_sn_list: list.join(',') });
    expect(await response(sns)).toMatchObject({ error: 'error_param' });
    expect(await response([])).toMatchObject({ error: 'error_param' });
    expect(ordersOf(await response(sns.slice(1))).map((detail) => detail['order_sn'])).toEqual(sns.slice(1));
  });

  it('fails as a whole for an unknown order, or leaves it out', async () => {
    const query = { order_sn_list: `${order()},260901UNKNOWN0` };
    expect(await caller.get('/order/get_order_detail', query)).toMatchObject({
      error: 'error_not_found',
      message: 'Wrong parameters, detail: the order is not found.',
    });
    shopee.settings.unknownOrder = 'skip';
    expect(ordersOf(await caller.get('/order/get_order_detail', query))).toHaveLength(1);
  });

  it("does not show another shop's order", async () => {
    const { sn } = shopee.orders.place(700_000_002).record;
    expect(await caller.get('/order/get_order_detail', { order_sn_list: sn })).toMatchObject({
      error: 'error_not_found',
    });
  });

  it('shows PENDING only to those who ask for it', async () => {
    const sn = order();
    shopee.orders.hold(sn);
    const plain = await caller.get('/order/get_order_detail', { order_sn_list: sn });
    const requested = { order_sn_list: sn, request_order_status_pending: 'true' };
    expect(ordersOf(plain)[0]).toMatchObject({ order_status: 'READY_TO_SHIP' });
    expect(ordersOf(plain)[0]).not.toHaveProperty('pending_terms');
    expect(ordersOf(await caller.get('/order/get_order_detail', requested))[0]).toMatchObject({
      order_status: 'PENDING',
      pending_terms: ['SYSTEM_PENDING'],
    });
  });

  it('masks buyers when the settings say so, by status too', async () => {
    const query = { order_sn_list: `${order(5)},${order(1)}`, response_optional_fields: 'recipient_address' };
    shopee.settings.masking = 'by-status';
    const [completed, ready] = ordersOf(await caller.get('/order/get_order_detail', query));
    expect(at(completed, 'recipient_address', 'name')).toBe('****');
    expect(at(ready, 'recipient_address', 'name')).not.toContain('*');
    shopee.settings.masking = 'partial';
    const [partly] = ordersOf(await caller.get('/order/get_order_detail', query));
    expect(at(partly, 'recipient_address', 'phone')).toMatch(/^\*{6}\d\d$/);
  });

  it('writes ids beyond 2^53 with all their digits', async () => {
    const sns = Array.from({ length: 50 }, () => order());
    const query = { order_sn_list: sns.join(','), response_optional_fields: 'item_list' };
    const text = await (await caller.send('/order/get_order_detail', { query })).text();
    const [long] = /"promotion_id":(18\d{18})/.exec(text)?.slice(1) ?? [];
    expect(long).toBeDefined();
    expect(String(Number(long))).not.toBe(long);
  });
});

describe('get_order_list', () => {
  const list = (query: Body) =>
    caller.get('/order/get_order_list', {
      time_range_field: 'update_time',
      time_from: seconds() - day,
      time_to: seconds() + day,
      page_size: 100,
      ...(query as Record<string, string | number>),
    });

  it('pages with a cursor through all orders, oldest first', async () => {
    const sns = Array.from({ length: 7 }, (_, index) => order(index % 3));
    const seen: string[] = [];
    let cursor = '';
    let pages = 0;
    do {
      const response = await list({ page_size: 3, cursor });
      seen.push(...ordersOf(response).map((entry) => String(entry['order_sn'])));
      cursor = String(at(response, 'response', 'next_cursor'));
      pages += 1;
      expect(at(response, 'response', 'more')).toBe(cursor !== '');
    } while (cursor !== '');
    expect(pages).toBe(3);
    expect(new Set(seen)).toEqual(new Set(sns));
    expect(seen).toHaveLength(7);
  });

  it('gives the status only when requested', async () => {
    order(2);
    expect(ordersOf(await list({}))[0]).not.toHaveProperty('order_status');
    const [entry] = ordersOf(await list({ response_optional_fields: 'order_status' }));
    expect(entry).toMatchObject({ order_status: 'PROCESSED' });
  });

  it('finds orders by either time, edges included', async () => {
    const { record } = shopee.orders.place(sg);
    shopee.orders.advance(record.sn);
    const within = async (field: string, time: number) =>
      ordersOf(await list({ time_range_field: field, time_from: time - 1, time_to: time })).length;
    expect(await within('create_time', record.createTime)).toBe(1);
    expect(await within('update_time', record.updateTime)).toBe(1);
    expect(await within('update_time', record.createTime)).toBe(0);
    expect(await within('create_time', record.createTime + 2)).toBe(0);
  });

  it('allows 15 days and not a second more', async () => {
    const now = seconds();
    expect(await list({ time_from: now - 15 * day, time_to: now })).toMatchObject({ error: '' });
    const wrong = { error: 'order.order_list_invalid_time', message: expect.stringContaining('15days') };
    expect(await list({ time_from: now - 15 * day - 1, time_to: now })).toMatchObject(wrong);
    expect(await list({ time_from: now, time_to: now - 1 })).toMatchObject(wrong);
  });

  it('filters by the documented statuses only', async () => {
    const sn = order(2);
    order(1);
    expect(ordersOf(await list({ order_status: 'PROCESSED' }))).toMatchObject([{ order_sn: sn }]);
    expect(await list({ order_status: 'TO_CONFIRM_RECEIVE' })).toMatchObject({ error: 'error_param' });
  });

  it.each([
    ['a page of 101', { page_size: 101 }],
    ['a page of 0', { page_size: 0 }],
    ['a page size that is no number', { page_size: 'all' }],
    ['another time field', { time_range_field: 'pay_time' }],
    ['a cursor it never gave', { cursor: 'abc' }],
    ['a time that is no number', { time_from: 'yesterday' }],
  ])('rejects %s', async (_what, query) => {
    expect(await list(query)).toMatchObject({ error: 'error_param' });
  });
});

describe('the payment APIs', () => {
  it('give line totals in the escrow of one order', async () => {
    const sn = order(3);
    const query = { order_sn_list: sn, response_optional_fields: 'item_list,total_amount' };
    const [detail] = ordersOf(await caller.get('/order/get_order_detail', query));
    const escrow = await caller.get('/payment/get_escrow_detail', { order_sn: sn });
    expect(at(escrow, 'response', 'order_income', 'buyer_total_amount')).toBe(detail?.['total_amount']);
    expect(at(escrow, 'response', 'order_income', 'items', 0, 'quantity_purchased')).toBe(
      at(detail, 'item_list', 0, 'model_quantity_purchased'),
    );
  });

  it('have no escrow for unpaid, unknown and foreign orders', async () => {
    const { sn } = shopee.orders.advance(shopee.orders.place(700_000_002).record.sn).record;
    for (const other of [order(), 'UNKNOWN', sn]) {
      expect(await caller.get('/payment/get_escrow_detail', { order_sn: other })).toMatchObject({
        error: 'order_not_found',
      });
    }
    expect(await caller.get('/payment/get_escrow_detail')).toMatchObject({ error: 'error_param' });
  });

  it('can let the escrow come later than the payment', async () => {
    Object.assign(shopee.settings, { escrowDelaySeconds: 3600, missingEscrow: 'error' });
    const sn = order(3);
    expect(await caller.get('/payment/get_escrow_detail', { order_sn: sn })).toMatchObject({
      error: 'order_not_found',
    });
  });

  it('response a whole batch with a list, and one with a gap in the other documented shape', async () => {
    const [paid, alsoPaid, unpaid] = [order(3), order(4), order()];
    const whole = await caller.post('/payment/get_escrow_detail_batch', { order_sn_list: [paid, alsoPaid] });
    expect(at(whole, 'response')).toMatchObject([
      { escrow_detail: { order_sn: paid } },
      { escrow_detail: { order_sn: alsoPaid } },
    ]);
    const torn = await caller.post('/payment/get_escrow_detail_batch', { order_sn_list: [paid, unpaid] });
    expect(torn).toMatchObject({
      error: '',
      escrow_detail_list: [
        { escrow_detail: { order_sn: paid, order_income: expect.any(Object) } },
        { escrow_detail: { order_sn: unpaid }, fail_error: 'order_not_found' },
      ],
    });
    expect(torn).not.toHaveProperty('response');
  });

  it('take 1 to 50 orders a batch', async () => {
    const sns = Array.from({ length: 51 }, () => order(3));
    const batch = (list: unknown) => caller.post('/payment/get_escrow_detail_batch', { order_sn_list: list });
    expect(await batch(sns)).toMatchObject({ error: 'exceed_max_limit' });
    expect(await batch(sns.slice(1))).toMatchObject({ error: '' });
    for (const wrong of [[], undefined, 'x', [1]]) expect(await batch(wrong)).toMatchObject({ error: 'error_param' });
  });

  it('show no adjustments in the batch call, and there what only its page names', async () => {
    const sn = releasedOrder();
    shopee.orders.correct(sn, -350);
    const single = await caller.get('/payment/get_escrow_detail', { order_sn: sn });
    expect(at(single, 'response', 'order_income')).toMatchObject({
      total_adjustment_amount: -3.5,
      order_adjustment: [{ amount: -3.5, currency: 'SGD', adjustment_reason: 'Shipping Fee Adjustment' }],
    });
    const batched = async () => {
      const body = await caller.post('/payment/get_escrow_detail_batch', { order_sn_list: [sn] });
      return at(body, 'response', 0, 'escrow_detail', 'order_income') as Body;
    };
    for (const name of ['order_adjustment', 'total_adjustment_amount', 'escrow_amount_after_adjustment'])
      expect(await batched()).not.toHaveProperty(name);
    expect(await batched()).toMatchObject({ refund_amount_to_buyer: 0, shipping_fee_discount_from_3pl: 0 });
    expect(at(single, 'response', 'order_income')).not.toHaveProperty('refund_amount_to_buyer');
    Object.assign(shopee.settings, { batchAdjustments: true, batchSpelling: 'page' });
    expect(await batched()).toMatchObject({ total_adjustment_amount: -3.5, shipping_fee_discount_from_pl: 0 });
  });

  it('have no escrow before the pick-up: an error for some orders, an empty income for others', async () => {
    const [first, second] = [order(2), order(2)];
    expect(await caller.get('/payment/get_escrow_detail', { order_sn: first })).toMatchObject({
      error: 'order_not_found',
    });
    expect(await caller.get('/payment/get_escrow_detail', { order_sn: second })).toMatchObject({
      error: '',
      response: { order_sn: second, order_income: {} },
    });
    shopee.settings.escrowFrom = 'paid';
    expect(await caller.get('/payment/get_escrow_detail', { order_sn: first })).toMatchObject({
      response: { order_income: { escrow_amount: expect.any(Number) } },
    });
  });

  it('move money without a push and without the update_time of the order', async () => {
    const sn = order(5);
    const record = shopee.orders.find(sn);
    const updated = record?.updateTime;
    const income = async () =>
      at(await caller.get('/payment/get_escrow_detail', { order_sn: sn }), 'response', 'order_income') as Body;
    shopee.orders.correct(sn, -120);
    const corrected = await income();
    const request = shopee.orders.requestReturn(sn);
    const requested = record?.updateTime;
    const returnSn = request.record.returns[0]?.sn ?? '';
    for (let step = 0; step < 3; step += 1) shopee.orders.advanceReturn(returnSn);
    expect(corrected['escrow_amount_after_adjustment']).toBeCloseTo(Number(corrected['escrow_amount']) - 1.2, 6);
    expect((await income())['escrow_amount_after_adjustment']).toBeLessThan(
      Number(corrected['escrow_amount_after_adjustment']),
    );
    // Only the request for the return is a change of the order itself.
    expect(requested).toBeGreaterThan(updated ?? Infinity);
    expect(record?.updateTime).toBe(requested);
    const detail = await caller.get('/returns/get_return_detail', { return_sn: returnSn });
    expect(at(detail, 'response', 'update_time')).toBeGreaterThan(requested ?? Infinity);
  });

  it('list what orders moved in the wallet, newest first, with balances that tie', async () => {
    releasedOrder();
    releasedOrder();
    const body = await caller.get('/payment/get_wallet_transaction_list', { page_no: 0, page_size: 100 });
    const lines = at(body, 'response', 'transaction_list') as Body[];
    expect(lines.length).toBeGreaterThan(1);
    lines.slice(0, -1).forEach((line, index) => {
      const before = Number(lines[index + 1]?.['current_balance']);
      expect(Number(line['current_balance'])).toBeCloseTo(before + Number(line['amount']), 6);
    });
    const far = { page_no: 0, page_size: 10, create_time_from: 0, create_time_to: 16 * day };
    expect(await caller.get('/payment/get_wallet_transaction_list', far)).toMatchObject({
      error: 'time_period_too_large',
    });
  });

  it('have null, or nothing, where a list would be empty and that was seen', async () => {
    const window = { release_time_from: 1, release_time_to: 2 };
    expect(await caller.get('/payment/get_escrow_list', window)).toMatchObject({ response: { escrow_list: null } });
    const orders = { time_range_field: 'create_time', time_from: 1, time_to: 2, page_size: 10 };
    expect(at(await caller.get('/order/get_order_list', orders), 'response')).not.toHaveProperty('order_list');
    shopee.settings.nullLists = 'none';
    expect(await caller.get('/payment/get_escrow_list', window)).toMatchObject({ response: { escrow_list: [] } });
    shopee.settings.nullLists = 'all';
    const returns = { page_no: 0, page_size: 10 };
    expect(await caller.get('/returns/get_return_list', returns)).toMatchObject({ response: { return: null } });
  });

  it('reject a window without any time in it', async () => {
    const window = { time_range_field: 'create_time', time_from: 1, time_to: 1, page_size: 10 };
    expect(await caller.get('/order/get_order_list', window)).toMatchObject({ error: 'order.order_list_invalid_time' });
  });

  it('list released escrows with payout and release time', async () => {
    const sns = [releasedOrder(), releasedOrder(), releasedOrder()];
    order(5);
    const window = { release_time_from: seconds() - day, release_time_to: seconds() + day };
    const first = await caller.get('/payment/get_escrow_list', { ...window, page_size: 2, page_no: 1 });
    const second = await caller.get('/payment/get_escrow_list', { ...window, page_size: 2, page_no: 2 });
    expect(first).toMatchObject({ response: { more: true } });
    expect(second).toMatchObject({ response: { more: false } });
    const entries = [first, second].flatMap((page) => at(page, 'response', 'escrow_list') as Body[]);
    expect(new Set(entries.map((entry) => entry['order_sn']))).toEqual(new Set(sns));
    const escrow = await caller.get('/payment/get_escrow_detail', { order_sn: String(entries[0]?.['order_sn']) });
    expect(at(escrow, 'response', 'order_income', 'escrow_amount')).toBe(entries[0]?.['payout_amount']);
    expect(await caller.get('/payment/get_escrow_list', { ...window, page_size: 101 })).toMatchObject({
      error: 'error_param',
    });
    expect(await caller.get('/payment/get_escrow_list', { ...window, page_no: 0 })).toMatchObject({
      error: 'error_param',
    });
    const turned = { release_time_from: 2, release_time_to: 1 };
    expect(await caller.get('/payment/get_escrow_list', turned)).toMatchObject({ error: 'error_param' });
  });
});

describe('the logistics and return APIs', () => {
  /** A new order that is sent in two packages, or in one. */
  function orderSplit(split: boolean): string {
    for (;;) {
      const { record } = shopee.orders.place(sg);
      if (shopee.orders.contentOf(record).split === split) return record.sn;
    }
  }

  it('give a tracking number once the shipment is arranged', async () => {
    const sn = orderSplit(false);
    shopee.orders.advance(sn);
    const number = () => caller.get('/logistics/get_tracking_number', { order_sn: sn });
    expect(at(await number(), 'response', 'tracking_number')).toBe('');
    shopee.orders.advance(sn);
    expect(at(await number(), 'response', 'tracking_number')).toMatch(/^(SPXSG|NVSG)\d{11}$/);
  });

  it('want the package number for a split order, and never an empty one', async () => {
    const sn = orderSplit(true);
    const packages = at(
      await caller.get('/order/get_order_detail', { order_sn_list: sn, response_optional_fields: 'package_list' }),
      'response',
      'order_list',
      0,
      'package_list',
    ) as Body[];
    expect(packages).toHaveLength(2);
    const number = (query: Record<string, string>) =>
      caller.get('/logistics/get_tracking_number', { order_sn: sn, ...query });
    expect(await number({})).toMatchObject({ error: 'logistics.package_number_not_exist' });
    expect(await number({ package_number: '' })).toMatchObject({ error: 'logistics.package_not_exist' });
    expect(await number({ package_number: 'OFG1' })).toMatchObject({ error: 'logistics.package_not_exist' });
    expect(await number({ package_number: String(packages[1]?.['package_number']) })).toMatchObject({ error: '' });
    expect(await number({ order_sn: 'UNKNOWN' })).toMatchObject({ error: 'logistics.invalid_error' });
  });

  it('report a parcel from its pick-up on', async () => {
    const sn = order(2);
    const info = () => caller.get('/logistics/get_tracking_info', { order_sn: sn });
    expect(await info()).toMatchObject({ error: 'logistics.error_status_limit' });
    shopee.orders.advance(sn);
    expect(await info()).toMatchObject({
      response: { logistics_status: 'LOGISTICS_PICKUP_DONE', tracking_info: [{}] },
    });
  });

  it('give packages by their number, at most 50', async () => {
    const query = { order_sn_list: order(2), response_optional_fields: 'package_list' };
    const [detail] = ordersOf(await caller.get('/order/get_order_detail', query));
    const packageNumber = String(at(detail, 'package_list', 0, 'package_number'));
    const packages = (list: string) => caller.get('/order/get_package_detail', { package_number_list: list });
    expect(await packages(packageNumber)).toMatchObject({
      response: { package_list: [{ order_sn: detail?.['order_sn'], fulfillment_status: 'LOGISTICS_REQUEST_CREATED' }] },
    });
    expect(await packages('OFG999999999999999')).toMatchObject({ error: 'error_param' });
    expect(await packages('')).toMatchObject({ error: 'error_param' });
    expect(await packages(Array(51).fill(packageNumber).join(','))).toMatchObject({ error: 'error_param' });
  });

  it('give returns by number, and by time in pages from 0', async () => {
    const sns = [order(4), order(5), order(5)].map((sn) => shopee.orders.requestReturn(sn).record.returns[0]?.sn ?? '');
    const detail = await caller.get('/returns/get_return_detail', { return_sn: sns[0] ?? '' });
    expect(detail).toMatchObject({ response: { return_sn: sns[0], status: 'REQUESTED', return_refund_type: 'RRBOC' } });
    expect(await caller.get('/returns/get_return_detail', { return_sn: 'x' })).toMatchObject({
      error: 'error_data',
      message: "The return you queried doesn't exist.",
    });
    expect(await caller.get('/returns/get_return_detail')).toMatchObject({ error: 'error_param' });
    const list = (query: Record<string, number | string>) =>
      caller.get('/returns/get_return_list', { page_size: 2, ...query });
    const pages = [await list({ page_no: 0 }), await list({ page_no: 1 })];
    expect(pages.map((page) => at(page, 'response', 'more'))).toEqual([true, false]);
    const seen = pages.flatMap((page) => at(page, 'response', 'return') as Body[]).map((entry) => entry['return_sn']);
    expect(new Set(seen)).toEqual(new Set(sns));
    expect(await list({})).toMatchObject({ error: 'error_param' });
    expect(await list({ page_no: 0, status: 'CLOSED' })).toMatchObject({ response: { return: [] } });
    const wide = { page_no: 0, update_time_from: seconds() - 16 * day, update_time_to: seconds() };
    expect(await list(wide)).toMatchObject({ error: 'error_param', message: /not more than 15 days/ });
    const empty = { page_no: 0, update_time_from: 5, update_time_to: 5 };
    expect(await list(empty)).toMatchObject({ error: 'error_param', message: /should be later/ });
  });
});

describe('the shop and public APIs', () => {
  it('report the shop and its authorization without a response around it', async () => {
    expect(await caller.get('/shop/get_shop_info')).toMatchObject({
      shop_name: 'Kopi & Cotton SG',
      region: 'SG',
      merchant_id: 800_001,
      expire_time: shopee.tokens.authorizations.get(sg)?.expireTime,
    });
  });

  it('list the authorized shops in pages', async () => {
    const page = (pageNo: number) => caller.openGet('/public/get_shops_by_partner', { page_size: 3, page_no: pageNo });
    const [first, second] = [await page(1), await page(2)];
    expect(first).toMatchObject({ more: true, authed_shop_list: [{ shop_id: sg, region: 'SG' }, {}, {}] });
    expect(second).toMatchObject({ more: false, authed_shop_list: [{ region: 'BR' }] });
    await shopee.deauthorize(sg);
    expect(at(await page(1), 'authed_shop_list', 0, 'shop_id')).toBe(700_000_002);
  });

  it('give the address ranges at the top level', async () => {
    expect(await caller.openGet('/public/get_shopee_ip_ranges')).toMatchObject({ ip_list: expect.any(Array) });
  });
});
