import { readdirSync, readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createShopee } from '../src/shopee/create-shopee.ts';
import { apiFixture } from '../src/shopee/data/fixture.ts';
import type { JsonObject } from '../src/shopee/data/json.ts';
import { marketShops } from '../src/shopee/orders/market-shops.ts';
import type { Shopee } from '../src/shopee/shopee.ts';
import { byBothPages, bySinglePage, numberAt } from './escrow-formula.ts';
import { missingIn } from './recorded-shape.ts';
import { at, Caller, type Body } from './shopee-caller.ts';

const folder = new URL('recordings/shopee/', import.meta.url);
const day = 86_400;
const local = 710_000_003;
const crossBorder = 720_000_001;
let shopee: Shopee;

function recording(name: string): Body {
  return JSON.parse(readFileSync(new URL(`${name}.json`, folder), 'utf8')) as Body;
}

function incomeOf(body: Body): JsonObject {
  return at(body, 'response', 'order_income') as JsonObject;
}

beforeEach(async () => {
  shopee = await createShopee({ shops: marketShops });
  const now = Math.floor(Date.now() / 1000);
  shopee.orders.addPast({ count: 200, from: now - 40 * day, to: now - day, shopIds: [local, crossBorder] });
});

afterEach(() => shopee.close());

/** An order of the shop with released money, and with a return. */
function released(shopId: number): string {
  const { orders } = shopee;
  const { sn } = orders.place(shopId).record;
  while (orders.find(sn)?.status !== 'COMPLETED') orders.advance(sn);
  orders.release(sn);
  return orders.requestReturn(sn).record.sn;
}

describe('recorded escrows', () => {
  const names = readdirSync(folder)
    .filter((name) => name.startsWith('payment.get_escrow_detail.'))
    .map((name) => name.replace(/\.json$/, ''));

  it.each(names)('%s closes by the formula that the fake is built on', (name) => {
    const income = incomeOf(recording(name));
    const isAffiliate = income['pri_currency'] !== undefined;
    const sum = isAffiliate
      ? numberAt(income, 'escrow_amount_pri') * numberAt(income, 'exchange_rate')
      : byBothPages(income);
    expect(sum).toBeCloseTo(numberAt(income, 'escrow_amount'), 6);
  });

  it('are off by the claim for one failed delivery when the page of the single call alone is followed', () => {
    const off = names.filter((name) => {
      const income = incomeOf(recording(name));
      return (
        income['pri_currency'] === undefined &&
        Math.abs(bySinglePage(income) - numberAt(income, 'escrow_amount')) > 0.001
      );
    });
    expect(off).toEqual(['payment.get_escrow_detail.04-ph-cod-failed-delivery']);
  });

  it.each(names)('%s has no field that the fake lacks', async (name) => {
    const recorded = recording(name);
    const region = { ID: 'ID', VN: 'VN', MY: 'MY', PH: 'PH', BR: 'BR' }[
      /\d\d-(\w\w)-/.exec(name)?.[1]?.toUpperCase() ?? ''
    ];
    const shop = marketShops.find((candidate) =>
      region === undefined
        ? candidate.kind === 'sip-affiliate'
        : candidate.region === region && candidate.kind === undefined,
    );
    const shopId = shop?.shopId ?? 0;
    const sn = released(shopId);
    shopee.orders.correct(sn, -100);
    const body = await new Caller(shopee, shopId).get('/payment/get_escrow_detail', { order_sn: sn });
    expect(missingIn(body, recorded)).toEqual([]);
  });
});

describe('recorded answers have no field and no type that the fake lacks', () => {
  const seconds = () => Math.floor(Date.now() / 1000);
  const window = () => ({ payout_time_from: seconds() - 15 * day, payout_time_to: seconds(), page_size: 100 });
  const date = (ago: number) => new Date(Date.now() - ago * day * 1000).toISOString().slice(0, 10);

  it('in the capture of an escrow', async () => {
    const body = await new Caller(shopee, local).get('/payment/get_escrow_detail', { order_sn: released(local) });
    expect(missingIn(body, apiFixture('payment.get_escrow_detail'))).toEqual([]);
  });

  it('in the capture of an order', async () => {
    const fields = 'item_list,package_list,recipient_address,total_amount,pay_time,payment_method,buyer_username';
    const query = { order_sn_list: released(local), response_optional_fields: fields };
    const body = await new Caller(shopee, local).get('/order/get_order_detail', query);
    const recorded = apiFixture('order.get_order_detail.processed');
    const paths = missingIn(body, recorded);
    // What was not requested here, but there.
    expect(paths.filter((path) => /item_list|package_list|recipient_address/.test(path))).toEqual([]);
  });

  it('in the batch of escrows', async () => {
    const sn = released(local);
    const body = await new Caller(shopee, local).post('/payment/get_escrow_detail_batch', { order_sn_list: [sn] });
    expect(missingIn(body, recording('payment.get_escrow_detail_batch'))).toEqual([]);
  });

  it('in the wallet', async () => {
    const query = { page_no: 0, page_size: 100 };
    const body = await new Caller(shopee, local).get('/payment/get_wallet_transaction_list', query);
    expect(missingIn(body, recording('payment.get_wallet_transaction_list'))).toEqual([]);
  });

  it('in the income', async () => {
    const caller = new Caller(shopee, local);
    const overview = await caller.get('/payment/get_income_overview');
    expect(missingIn(overview, recording('payment.get_income_overview'))).toEqual([]);
    const query = { date_from: date(20), date_to: date(7), income_status: 1, page_size: 10 };
    const detail = await caller.get('/payment/get_income_detail', query);
    expect(missingIn(detail, recording('payment.get_income_detail'))).toEqual([]);
  });

  it('in payouts and their items', async () => {
    const caller = new Caller(shopee, crossBorder);
    const info = await caller.get('/payment/get_payout_info', { ...window(), cursor: '' });
    expect(missingIn(info, recording('payment.get_payout_info'))).toEqual([]);
    const from = seconds() - 35 * day;
    const older = { payout_time_from: from, payout_time_to: from + 15 * day, page_size: 100, page_no: 1 };
    const pages = [
      older,
      { ...window(), page_no: 1 },
      { ...older, payout_time_from: from + 10 * day, payout_time_to: from + 25 * day },
    ];
    const bodies = await Promise.all(pages.map((query) => caller.get('/payment/get_payout_detail', query)));
    const recorded = recording('payment.get_payout_detail');
    expect(Math.min(...bodies.map((body) => missingIn(body, recorded).length))).toBe(0);
    const items = { billing_transaction_info_type: 1, cursor: '', page_size: 10 };
    const billing = await caller.post('/payment/get_billing_transaction_info', items);
    expect(missingIn(billing, recording('payment.get_billing_transaction_info'))).toEqual([]);
  });
});
