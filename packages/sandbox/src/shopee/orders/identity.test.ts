import { describe, expect, it } from 'vitest';
import { byBothPages, bySinglePage, numberAt } from '../../../test/escrow-formula.ts';
import type { JsonObject } from '../data/json.ts';
import { marketShops } from './market-shops.ts';
import { escrowOf, hasEscrow } from './escrow-detail.ts';
import { OrderStore } from './order-store.ts';
import type { OrderRecord } from './order-record.ts';

const start = Date.UTC(2026, 8, 1);
const day = 86_400;

function incomeOf(store: OrderStore, record: OrderRecord): JsonObject {
  return escrowOf(store, record)['order_income'] as JsonObject;
}

/** Orders of all markets and kinds of shops, in every stage of their life; the clock stands a month after the last one. */
function everyMarket(): OrderStore {
  let now = start;
  const store = new OrderStore({ seed: 7, shops: marketShops, now: () => now });
  store.addPast({ count: 8000, from: start / 1000 - 90 * day, to: start / 1000 });
  [...store.records()].forEach((record, index) => {
    if (record.status === 'SHIPPED' && index % 2 === 0) store.failDelivery(record.sn);
    else if (record.status === 'SHIPPED' && index % 3 === 0) store.loseParcel(record.sn);
    else if (record.status === 'READY_TO_SHIP') store.cancel(record.sn, 'system');
    else if (index % 5 === 0 && record.status === 'COMPLETED') returnGoods(store, record);
  });
  now += 30 * day * 1000;
  [...store.records()].forEach((record, index) => {
    if (index % 7 === 0 && record.status === 'COMPLETED') returnGoods(store, record);
  });
  return store;
}

function returnGoods(store: OrderStore, record: OrderRecord): void {
  const entry = store.requestReturn(record.sn).record.returns.at(-1);
  for (let step = 0; step < 3; step += 1) store.advanceReturn(entry?.sn ?? '');
}

const store = everyMarket();
const withEscrow = [...store.records()].filter((record) => hasEscrow(record));
const isAffiliate = (record: OrderRecord) => store.shopOf(record).kind === 'sip-affiliate';
const local = withEscrow.filter((record) => !isAffiliate(record));
const affiliates = withEscrow.filter(isAffiliate);

describe('the escrow of every market', () => {
  it('closes by the formula that Shopee prints', () => {
    const wrong = local.filter((record) => {
      const income = incomeOf(store, record);
      return Math.abs(byBothPages(income) - numberAt(income, 'escrow_amount')) > 1e-6;
    });
    expect(local.length).toBeGreaterThan(4000);
    expect(wrong.map(({ sn }) => sn)).toEqual([]);
  });

  it('is off by the claim for a failed delivery when only the page of the single call is followed', () => {
    const claimed = local
      .map((record) => incomeOf(store, record))
      .filter((income) => income['fsf_seller_protection_fee_claim_amount'] !== 0);
    expect(claimed.length).toBeGreaterThan(0);
    for (const income of claimed) {
      const residual = numberAt(income, 'escrow_amount') - bySinglePage(income);
      expect(residual).toBeCloseTo(numberAt(income, 'fsf_seller_protection_fee_claim_amount'), 6);
    }
  });

  it("closes by a SIP affiliate's own formula, in two currencies", () => {
    expect(affiliates.length).toBeGreaterThan(1000);
    for (const record of affiliates) {
      const income = incomeOf(store, record);
      const of = (name: string) => numberAt(income, name);
      const pri =
        of('original_price_pri') -
        of('seller_return_refund_pri') -
        of('commission_fee_pri') -
        of('service_fee_pri') -
        of('drc_adjustable_refund_pri');
      expect(of('escrow_amount_pri')).toBeCloseTo(pri, 6);
      const { decimals } = store.contentOf(record).extras.market.region;
      for (const name of ['escrow_amount', 'commission_fee', 'service_fee'])
        expect(Math.abs(of(name) - of(`${name}_pri`) * of('exchange_rate'))).toBeLessThan(0.51 * 10 ** -decimals);
      expect(income['pri_currency']).not.toBe(income['aff_currency']);
      expect(income).not.toHaveProperty('buyer_total_amount');
    }
  });

  it('fills every field of the page in some market, with its sign', () => {
    const filled = new Map<string, { positive: boolean; negative: boolean }>();
    for (const record of withEscrow) {
      for (const [name, value] of Object.entries(incomeOf(store, record))) {
        const seen = filled.get(name) ?? { positive: false, negative: false };
        const isFilled = typeof value !== 'number' && value !== '' && !(Array.isArray(value) && value.length === 0);
        filled.set(name, {
          positive: seen.positive || isFilled || Number(value) > 0,
          negative: seen.negative || Number(value) < 0,
        });
      }
    }
    const empty = [...filled].filter(([, { positive, negative }]) => !positive && !negative).map(([name]) => name);
    // On the wire only, 0 in every capture; and VAT of a market that Shopee left.
    expect(empty.sort()).toEqual([
      'actual_installation_fee',
      'buyer_paid_extended_warranty',
      'buyer_total_amount_pri',
      'escrow_import_tax',
      'final_product_vat_tax',
      'final_shipping_vat_tax',
      'installation_fee_paid_by_buyer',
      'lff_seller_protection_fee_amount',
      'pay_per_sale',
      'return_to_seller_shipping_fee_sst',
      'sspl_fee',
    ]);
    const negative = [...filled].filter(([, seen]) => seen.negative).map(([name]) => name);
    expect(negative.sort()).toEqual([
      'escrow_amount',
      'escrow_amount_after_adjustment',
      'final_shipping_fee',
      'seller_return_refund',
      'total_adjustment_amount',
    ]);
  });

  it('keeps three families of goods and discounts, which must not be mixed', () => {
    const gifts = local.filter((record) => store.contentOf(record).lines.some((line) => line.paid === 0));
    expect(gifts.length).toBeGreaterThan(100);
    for (const record of local) {
      const income = incomeOf(store, record);
      const of = (name: string) => numberAt(income, name);
      expect(of('order_original_price') - of('order_seller_discount')).toBeCloseTo(of('order_discounted_price'), 6);
      const remaining = of('original_price') - of('seller_discount') - of('shopee_discount') + of('pix_discount');
      expect(remaining).toBeCloseTo(of('order_discounted_price'), 6);
      expect(of('cost_of_goods_sold')).toBeCloseTo(of('original_cost_of_goods_sold') + of('seller_return_refund'), 6);
    }
    const parted = gifts.filter((record) => {
      const income = incomeOf(store, record);
      return (
        income['order_original_price'] !== income['original_price'] &&
        income['order_seller_discount'] !== income['seller_discount']
      );
    });
    expect(parted).toHaveLength(gifts.length);
  });

  it('shows the price before the bundle in one field, and what the buyer pays in another', () => {
    const bundles = local.filter(
      (record) =>
        record.returns.length === 0 &&
        record.status !== 'CANCELLED' &&
        store.contentOf(record).lines.some(({ promotionType }) => promotionType === 'bundle_deal'),
    );
    expect(bundles.length).toBeGreaterThan(50);
    for (const record of bundles) {
      const income = incomeOf(store, record);
      expect(numberAt(income, 'order_selling_price')).toBeGreaterThan(numberAt(income, 'order_discounted_price'));
    }
  });
});
