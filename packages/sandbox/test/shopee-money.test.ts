import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createShopee } from '../src/shopee/create-shopee.ts';
import { marketShops } from '../src/shopee/orders/market-shops.ts';
import type { Shopee } from '../src/shopee/shopee.ts';
import { at, Caller, type Body } from './shopee-caller.ts';

const day = 86_400;
const local = 710_000_001;
const crossBorder = 720_000_001;
const affiliate = 730_000_002;
let shopee: Shopee;

beforeEach(async () => {
  shopee = await createShopee({ shops: marketShops });
  const now = Math.floor(Date.now() / 1000);
  shopee.orders.addPast({ count: 400, from: now - 60 * day, to: now - day, shopIds: [local, crossBorder] });
});

afterEach(() => shopee.close());

function seconds(): number {
  return Math.floor(Date.now() / 1000);
}

describe("a local shop's wallet", () => {
  const list = (query: Record<string, string | number> = {}) =>
    new Caller(shopee, local).get('/payment/get_wallet_transaction_list', { page_no: 0, page_size: 100, ...query });
  const linesOf = (body: Body) => at(body, 'response', 'transaction_list') as Body[];

  /** All pages, newest first. */
  async function allLines(): Promise<Body[]> {
    const lines: Body[] = [];
    for (let page = 0; ; page += 1) {
      const body = await list({ page_no: page });
      lines.push(...linesOf(body));
      if (at(body, 'response', 'more') !== true) return lines;
    }
  }

  it('has balances that tie, but for completed withdrawals, whose money left before', async () => {
    const lines = (await allLines()).toReversed();
    expect(lines.length).toBeGreaterThan(150);
    let balance = 0;
    for (const line of lines) {
      if (line['transaction_type'] !== 'WITHDRAWAL_COMPLETED') balance += Number(line['amount']);
      expect(Number(line['current_balance'])).toBeCloseTo(balance, 4);
      expect(line['money_flow']).toBe(Number(line['amount']) < 0 ? 'MONEY_OUT' : 'MONEY_IN');
    }
  });

  it('pairs withdrawals by their id', async () => {
    const lines = (await allLines()).filter((line) => line['transaction_tab_type'] === 'wallet_withdrawals');
    const created = lines.filter((line) => line['transaction_type'] === 'WITHDRAWAL_CREATED');
    expect(created.length).toBeGreaterThan(4);
    for (const line of created.filter(({ status }) => status === 'COMPLETED')) {
      const ends = lines.filter((other) => other['withdrawal_id'] === line['withdrawal_id'] && other !== line);
      expect(ends).toHaveLength(1);
      expect(Math.abs(Number(ends[0]?.['amount']))).toBe(Math.abs(Number(line['amount'])));
      expect(line['order_sn']).toBe('');
    }
  });

  it("adds up to each order's final amount", async () => {
    const byOrder = new Map<string, number>();
    for (const line of await allLines()) {
      const sn = String(line['order_sn']);
      if (sn !== '') byOrder.set(sn, (byOrder.get(sn) ?? 0) + Number(line['amount']));
    }
    const caller = new Caller(shopee, local);
    const released = [...shopee.orders.records()].filter(
      ({ shopId, status, releaseTime }) => shopId === local && status === 'COMPLETED' && releaseTime <= seconds(),
    );
    expect(released.length).toBeGreaterThan(100);
    for (const { sn } of released.slice(0, 35)) {
      const body = await caller.get('/payment/get_escrow_detail', { order_sn: sn });
      const final = Number(at(body, 'response', 'order_income', 'escrow_amount_after_adjustment'));
      expect(byOrder.get(sn)).toBeCloseTo(final, 4);
    }
  });

  it('knows types beyond its page, one of them empty, and ids of 18 digits', async () => {
    const { orders } = shopee;
    const ofStatus = (status: string) =>
      [...orders.records()].filter((record) => record.shopId === local && record.status === status);
    const { sn } = orders.place(local).record;
    while (orders.find(sn)?.status !== 'SHIPPED') orders.advance(sn);
    orders.loseParcel(sn);
    orders.release(sn);
    const [late] = ofStatus('COMPLETED').filter(({ releaseTime }) => releaseTime < seconds());
    const entry = orders.requestReturn(late?.sn ?? '').record.returns.at(-1);
    for (let step = 0; step < 3; step += 1) orders.advanceReturn(entry?.sn ?? '');
    const types = new Set((await allLines()).map((line) => line['transaction_type']));
    for (const type of [
      '',
      'ESCROW_VERIFIED_ADD',
      'FAST_ESCROW_DISBURSE',
      'FAST_ESCROW_DISBURSE_REMAIN',
      'ADJUSTMENT_FOR_RR_AFTER_ESCROW_VERIFIED',
      'PAID_ADS_CHARGE',
    ])
      expect(types).toContain(type);
    const text = await (
      await new Caller(shopee, local).send('/payment/get_wallet_transaction_list', {
        query: { page_no: 0, page_size: 1 },
      })
    ).text();
    expect(text).toMatch(/"transaction_id":\d{18},/);
  });

  it('filters by the number of a type, by the flow, and by one tab only', async () => {
    const charges = linesOf(await list({ transaction_type: '450' }));
    expect(charges.length).toBeGreaterThan(0);
    expect(charges.every((line) => line['transaction_type'] === 'PAID_ADS_CHARGE')).toBe(true);
    const out = linesOf(await list({ money_flow: 'MONEY_OUT' }));
    expect(out.every((line) => Number(line['amount']) < 0)).toBe(true);
    const tab = linesOf(await list({ transaction_tab_type: 'wallet_withdrawals' }));
    expect(tab.every((line) => line['transaction_tab_type'] === 'wallet_withdrawals')).toBe(true);
    expect(linesOf(await list({ transaction_tab_type: 'wallet_withdrawals,fast_pay' }))).toHaveLength(100);
  });

  it('pages in each of the three ways that real clients count on', async () => {
    const first = async (pageNo: number) =>
      linesOf(await list({ page_no: pageNo, page_size: 2 }))[0]?.['transaction_id'];
    const all = linesOf(await list()).map((line) => line['transaction_id']);
    expect([await first(0), await first(1)]).toEqual([all[0], all[2]]);
    shopee.settings.walletPaging = 'page-from-1';
    expect([await first(0), await first(1), await first(2)]).toEqual([all[0], all[0], all[2]]);
    shopee.settings.walletPaging = 'entry';
    expect([await first(0), await first(1)]).toEqual([all[0], all[1]]);
  });

  it.each([
    ['16 days', { create_time_from: 0, create_time_to: 16 * day }, 'time_period_too_large'],
    ['times the wrong way round', { create_time_from: 2, create_time_to: 1 }, 'time_invalid'],
    ['a window without any time in it', { create_time_from: 2, create_time_to: 2 }, 'time_invalid'],
    ['101 a page', { page_size: 101 }, 'error_param'],
  ])('rejects %s', async (_what, query: Record<string, number>, error) => {
    expect(await list(query)).toMatchObject({ error });
  });

  it('is for local shops only', async () => {
    const query = { page_no: 0, page_size: 10 };
    const path = '/payment/get_wallet_transaction_list';
    expect(await new Caller(shopee, crossBorder).get(path, query)).toMatchObject({ error: 'error_param' });
    expect(await new Caller(shopee, affiliate).get(path, query)).toMatchObject({ error: 'error_ashop_api_permission' });
  });
});

describe('the income calls', () => {
  it('give totals by status, in the shape of the sample or of the table', async () => {
    const overview = (shop: number, query: Record<string, number> = {}) =>
      new Caller(shopee, shop).get('/payment/get_income_overview', query);
    const atHome = await overview(local);
    expect(Object.keys(at(atHome, 'total_income') as Body).sort()).toEqual(['pending_amount', 'released_amount']);
    expect(Number(at(atHome, 'total_income', 'released_amount'))).toBeGreaterThan(0);
    expect(await overview(crossBorder)).toHaveProperty('total_income.to_release_amount');
    expect(await overview(local, { income_status: 1 })).not.toHaveProperty('total_income.pending_amount');
    expect(await overview(local, { income_status: 0 })).toMatchObject({ error: 'error_param' });
    shopee.settings.incomeShape = 'table';
    expect(at(await overview(local), 'response', 'total_income')).toEqual(at(atHome, 'total_income'));
  });

  it('list each order beside `response`, in pages, the released ones by day', async () => {
    const date = (ago: number) => new Date(Date.now() - ago * day * 1000).toISOString().slice(0, 10);
    const detail = (query: Record<string, string | number>) =>
      new Caller(shopee, local).get('/payment/get_income_detail', {
        date_from: date(20),
        date_to: date(8),
        income_status: 1,
        page_size: 20,
        ...query,
      });
    const seen: Body[] = [];
    let cursor = '';
    do {
      const body = await detail({ cursor });
      expect(body).not.toHaveProperty('response');
      seen.push(...(at(body, 'income_detail_list', 'list') as Body[]));
      cursor = String(at(body, 'income_detail_list', 'next_page', 'cursor'));
    } while (cursor !== '');
    expect(seen.length).toBeGreaterThan(20);
    expect(new Set(seen.map((row) => row['order_sn'])).size).toBe(seen.length);
    for (const row of seen) {
      const order = shopee.orders.find(String(row['order_sn']));
      expect(row['actual_payout_time']).toBe(order?.releaseTime);
    }
    expect(at(await detail({ income_status: 2 }), 'income_detail_list', 'list', 0)).toHaveProperty(
      'estimated_escrow_amount',
    );
    for (const wrong of [{ date_from: date(30) }, { date_to: date(20) }, { date_from: 'today' }, { date_to: '' }])
      expect(await detail(wrong)).toMatchObject({ error: 'error_param', message: /14 days/ });
    shopee.settings.incomeShape = 'table';
    expect(at(await detail({ limit: 3 }), 'income_detail_list', 'income_detail_list_item')).toHaveLength(3);
  });
});

describe("a cross-border shop's payouts", () => {
  const info = (query: Record<string, string | number> = {}, shop = crossBorder) =>
    new Caller(shopee, shop).get('/payment/get_payout_info', {
      payout_time_from: seconds() - 15 * day,
      payout_time_to: seconds(),
      page_size: 100,
      cursor: '',
      ...query,
    });
  const items = (body: Body, shop = crossBorder) =>
    new Caller(shopee, shop).post('/payment/get_billing_transaction_info', { cursor: '', page_size: 100, ...body });

  it('consist of the items that the billing call lists', async () => {
    const list = at(await info(), 'response', 'payout_list') as Body[];
    expect(list.length).toBeGreaterThan(1);
    const [payout] = list;
    expect(String(payout?.['encrypted_payout_id'])).toMatch(/^\d{20}$/);
    const body = await items({
      billing_transaction_info_type: 2,
      encrypted_payout_ids: [payout?.['encrypted_payout_id']],
    });
    const lines = at(body, 'response', 'transactions') as Body[];
    const total = lines.reduce((sum, line) => sum + Number(line['amount']), 0);
    expect(total).toBeCloseTo(Number(payout?.['payout_amount']), 4);
    expect(lines.every((line) => line['billing_transaction_status'] === 'RELEASED')).toBe(true);
    const waiting = at(await items({ billing_transaction_info_type: 1 }), 'response', 'transactions') as Body[];
    expect(waiting.every((line) => line['billing_transaction_status'] === 'TO_RELEASE')).toBe(true);
  });

  it('show the same in the older call, until that has ended', async () => {
    const older = () =>
      new Caller(shopee, crossBorder).get('/payment/get_payout_detail', {
        payout_time_from: seconds() - 15 * day,
        payout_time_to: seconds(),
        page_size: 100,
        page_no: 1,
      });
    const [payout] = at(await older(), 'response', 'payout_list') as Body[];
    const amounts = [
      ...(at(payout, 'escrow_list') as Body[]).map((entry) => Number(entry['escrow_amount'])),
      ...(at(payout, 'offline_adjustment_list') as Body[]).map((entry) => Number(entry['adjustment_amount'])),
    ];
    const total = amounts.reduce((sum, amount) => sum + amount, 0);
    expect(total).toBeCloseTo(Number(at(payout, 'payout_info', 'from_amount')), 4);
    shopee.settings.payoutDetailEnded = true;
    expect(await older()).toMatchObject({ error: 'error_param', message: /no longer available in this region/ });
  });

  it.each([
    ['16 days', { payout_time_from: 1_700_000_000, payout_time_to: 1_700_000_000 + 16 * day }, 'within 15 days'],
    ['no time in it', { payout_time_from: 1_700_000_000, payout_time_to: 1_700_000_000 }, 'greater than'],
    ['a start before May 2022', { payout_time_from: 1_640_000_000, payout_time_to: 1_640_000_001 }, 'May 1, 2022'],
    ['no end', { payout_time_to: '' }, 'payout_time_to is required'],
    ['a page of 101', { page_size: 101 }, 'within 1-100'],
    ['a cursor it never gave', { cursor: 'x' }, 'cursor'],
  ])('reject %s', async (_what, query: Record<string, string | number>, text) => {
    expect(await info(query)).toMatchObject({ error: 'error_param', message: expect.stringContaining(text) });
  });

  it.each([
    ['without a type', {}, 'is required'],
    ['with a type of its own', { billing_transaction_info_type: 3 }, 'is invalid'],
    ['without payouts', { billing_transaction_info_type: 2 }, 'can not be empty'],
    ['with an unknown payout', { billing_transaction_info_type: 2, encrypted_payout_ids: ['1'] }, '{1} not found'],
    [
      'with 101 payouts',
      { billing_transaction_info_type: 2, encrypted_payout_ids: Array.from({ length: 101 }, String) },
      'exceed limit',
    ],
  ])('reject a billing call %s', async (_what, body: Body, text) => {
    expect(await items(body)).toMatchObject({ error: 'error_param', message: expect.stringContaining(text) });
  });

  it('are for cross-border shops only', async () => {
    const wrong = { error: 'error_param', message: 'This payment API is only applicable for cross boarder shop' };
    expect(await info({}, local)).toMatchObject(wrong);
    expect(await items({ billing_transaction_info_type: 1 }, local)).toMatchObject(wrong);
  });
});

describe("a SIP affiliate's shop", () => {
  it('differs from the shop of the seller by its missing list', async () => {
    const info = (shop: number) => new Caller(shopee, shop).get('/shop/get_shop_info');
    expect(await info(affiliate)).toMatchObject({ is_sip: true, is_cb: true });
    expect(await info(affiliate)).not.toHaveProperty('sip_affi_shops');
    const seller = await info(720_000_008);
    expect(seller['is_sip']).toBe(true);
    expect(seller['sip_affi_shops']).toContainEqual({ affi_shop_id: affiliate, region: 'MY' });
    expect(await info(local)).toMatchObject({ is_sip: false, is_cb: false, sip_affi_shops: [] });
  });

  it("has orders in the seller's currency and an escrow in two", async () => {
    const { orders } = shopee;
    const { sn } = orders.place(affiliate).record;
    while (orders.find(sn)?.status !== 'SHIPPED') orders.advance(sn);
    const caller = new Caller(shopee, affiliate);
    const query = { order_sn_list: sn, response_optional_fields: 'total_amount,item_list' };
    const detail = at(await caller.get('/order/get_order_detail', query), 'response', 'order_list', 0) as Body;
    expect(detail).toMatchObject({ currency: 'CNY', region: 'MY' });
    const body = await caller.get('/payment/get_escrow_detail', { order_sn: sn });
    const income = at(body, 'response', 'order_income') as Body;
    expect(income).toMatchObject({ pri_currency: 'CNY', aff_currency: 'MYR', exchange_rate: 0.65 });
    expect(income['original_price_pri']).toBeCloseTo(Number(detail['total_amount']), 2);
  });
});

describe('a return', () => {
  it('shows a compensation as its amount, and the order shows it as an adjustment', async () => {
    const { orders } = shopee;
    const { sn } = orders.place(local).record;
    while (orders.find(sn)?.status !== 'COMPLETED') orders.advance(sn);
    const [entry] = orders.requestReturn(sn).record.returns;
    orders.correct(sn, 728, 'Logistics Related Compensation');
    const caller = new Caller(shopee, local);
    const detail = await caller.get('/returns/get_return_detail', { return_sn: entry?.sn ?? '' });
    expect(at(detail, 'response', 'seller_compensation')).toMatchObject({
      seller_compensation_status: '',
      compensation_amount: 7.28,
      compensation_amount_list: [{ compensation_amount: 7.28 }],
    });
    const escrow = await caller.get('/payment/get_escrow_detail', { order_sn: sn });
    expect(at(escrow, 'response', 'order_income', 'total_adjustment_amount')).toBe(7.28);
  });
});
