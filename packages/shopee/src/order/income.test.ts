import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { apiSample, escrowSample, sampleNames } from '../../test/samples.ts';
import { type Escrow, escrowSchema } from '../api/escrow.ts';
import { unwrap } from '../api/response-parser.ts';
import { type IncomeId, incomeIds, incomeLabel, incomeOf, incomeTerms } from './income.ts';

const bodies = sampleNames('escrow').filter((name) => name.endsWith('.json') && !name.startsWith('wallet'));
const escrowOf = (body: Record<string, unknown>): Escrow => escrowSchema.parse(unwrap(body));
const withIncome = (income: Record<string, unknown>): Escrow =>
  escrowSchema.parse({ order_sn: '1', order_income: income });
const amountsOf = (escrow: Escrow, status = 'COMPLETED') => incomeOf(escrow, status).amounts;

describe('the sum from goods sold to the escrow amount', () => {
  test.each(bodies)('%s closes', (name) => {
    expect(amountsOf(escrowOf(escrowSample(name))).unexplained).toBe(0);
  });

  test.each(['get_escrow_detail', 'get_escrow_detail.with-adjustment'])('the captured %s closes', (name) => {
    expect(amountsOf(escrowOf(apiSample(`payment.${name}`))).unexplained).toBe(0);
  });

  // Figures of real orders, or on real rates, of which no whole body is there.
  test.each([
    ['SG, vouchers and coins', 79.5, { original_cost_of_goods_sold: 100, original_shopee_discount: 5, shopee_discount: 5, voucher_from_seller: 8, seller_coin_cash_back: 2, buyer_paid_shipping_fee: 1.99, actual_shipping_fee: 1.99, seller_transaction_fee: 2.05, service_fee: 3, commission_fee: 5.45, voucher_from_shopee: 6, coins: 4 }],
    ['MY, instalments', 245.88, { original_cost_of_goods_sold: 246, buyer_paid_shipping_fee: 4.9, seller_transaction_fee: 5.02, credit_card_transaction_fee: 6.02, buyer_transaction_fee: 1 }],
    ['ID, withholding tax', 170_050, { original_cost_of_goods_sold: 200_000, buyer_paid_shipping_fee: 9_000, actual_shipping_fee: 9_000, commission_fee: 11_700, service_fee: 16_000, withholding_tax: 1_000, seller_order_processing_fee: 1_250 }],
    ['BR, canceled', 0, { original_cost_of_goods_sold: 10.98, seller_return_refund: -10.98, order_selling_price: 0 }],
  ])('%s closes', (_, escrow, income) => {
    expect(amountsOf(withIncome({ ...income, escrow_amount: escrow })).unexplained).toBe(0);
  }); // prettier-ignore

  test('the list price and its discount are a pair, also with gifts and after a partial return', () => {
    const pairs = ['01-id-addon-free-gift.json', '02-vn-partial-return.json'].map((name) => {
      const {
        order_original_price: list,
        seller_discount: discount,
        goods_sold: sold,
      } = amountsOf(escrowOf(escrowSample(name)));
      return [list, discount, sold];
    });
    expect(pairs).toEqual([
      [998_999, 649_999, 349_000],
      [74_000, 21_400, 52_600],
    ]);
  });

  test('an amount that no term reads is unexplained', () => {
    const body = escrowSample('10-ph-withholding-tax.json');
    const { order_income: income } = unwrap(body) as { order_income: Record<string, unknown> };
    const { amounts, unknownFields } = incomeOf(
      withIncome({ ...income, escrow_amount: 847.4, new_fee: 2, other_fee: 0 }),
      'COMPLETED',
    );
    expect([amounts.unexplained, unknownFields]).toEqual([-2, ['new_fee']]);
  });

  test('it is not known without the goods or the escrow amount', () => {
    expect(amountsOf(withIncome({ escrow_amount: 5 })).unexplained).toBeUndefined();
    expect(amountsOf(withIncome({ original_cost_of_goods_sold: 5 })).unexplained).toBeUndefined();
  });

  test('fees, taxes and prepaid ads are apart', () => {
    const {
      fees,
      taxes,
      other_fees: other,
      withholding_taxes: withheld,
      sales_taxes: sales,
      import_duties: duties,
      ads_escrow_top_up_fee_or_technical_support_fee: ads,
    } = amountsOf(
      withIncome({
        commission_fee: 1,
        fbs_fee: 2,
        withholding_pit_tax: 3,
        shipping_fee_sst: 4,
        th_import_duty: 5,
        ads_escrow_top_up_fee_or_technical_support_fee: 6,
        trade_in_bonus_by_seller: 7,
      }),
    );
    expect({ fees, other, taxes, withheld, sales, duties, ads }).toEqual({
      fees: 3,
      other: 2,
      taxes: 12,
      withheld: 3,
      sales: 4,
      duties: 5,
      ads: 6,
    });
  });

  test('each name of a field is read, that of the batch page too', () => {
    const batch = {
      shipping_fee_discount_from_pl: 1,
      trade_in_bonus_seller: 2,
      shipping_seller_protection_fee_premium_amount: 3,
      refund_amount_to_buyer: 4,
    };
    expect(amountsOf(withIncome(batch))).toMatchObject({
      shipping_fee_discount_from_3pl: 1,
      trade_in_bonus_by_seller: 2,
      other_fees: 3,
      seller_return_refund: -4,
    });
    const both = {
      shipping_fee_discount_from_3pl: 0,
      shipping_fee_discount_from_pl: 1,
      seller_return_refund: -5,
      refund_amount_to_buyer: 5,
    };
    expect(amountsOf(withIncome(both))).toMatchObject({ shipping_fee_discount_from_3pl: 1, seller_return_refund: -5 });
  });
});

// The formulas as Shopee's pages v2.payment.get_escrow_detail and …_batch print them, apart from the four amounts of the goods.
const added = [
  'buyer_paid_shipping_fee', 'shopee_shipping_rebate', 'shipping_fee_discount_from_3pl',
  'rsf_seller_protection_fee_claim_amount', 'fsf_seller_protection_fee_claim_amount', 'buyer_paid_packaging_fee',
]; // prettier-ignore
const taken = [
  'voucher_from_seller', 'seller_coin_cash_back', 'actual_shipping_fee', 'reverse_shipping_fee',
  'final_return_to_seller_shipping_fee', 'seller_transaction_fee', 'service_fee', 'commission_fee', 'campaign_fee',
  'shipping_seller_protection_fee_amount', 'delivery_seller_protection_fee_premium_amount', 'final_escrow_product_gst',
  'order_ams_commission_fee', 'escrow_tax', 'sales_tax_on_lvg', 'reverse_shipping_fee_sst', 'shipping_fee_sst',
  'withholding_tax', 'overseas_return_service_fee', 'vat_on_imported_goods', 'withholding_vat_tax',
  'withholding_pit_tax', 'withholding_cit_tax', 'seller_order_processing_fee', 'trade_in_bonus_by_seller', 'fbs_fee',
  'ads_escrow_top_up_fee_or_technical_support_fee', 'th_import_duty',
]; // prettier-ignore

describe('any body that keeps to the identity', () => {
  /** Every field of the sum, in hundredths, each at random present. */
  const bodyOf = (scale: 1 | 100) => {
    const names = [...added.map((name) => [name, 'add'] as const), ...taken.map((name) => [name, 'subtract'] as const)];
    const amount = fc.integer({ min: 0, max: 50_000_000 }).map((units) => units * scale);
    const parts = fc.record(Object.fromEntries(names.map(([name]) => [name, amount])), { requiredKeys: [] });
    return fc.record({ parts, goods: amount, before: amount, now: amount, refund: amount }).map((body) => {
      const { parts: fields, goods, before, now, refund } = body;
      const charged = names.reduce((sum, [name, role]) => sum + (role === 'add' ? 1 : -1) * (fields[name] ?? 0), 0);
      const escrow = goods - before + now - refund + charged;
      const major = (minor: number) => minor / 100;
      return {
        ...Object.fromEntries(Object.entries(fields).map(([name, minor = 0]) => [name, major(minor)])),
        original_cost_of_goods_sold: major(goods),
        original_shopee_discount: major(before),
        shopee_discount: major(now),
        seller_return_refund: -major(refund),
        escrow_amount: major(escrow),
      };
    });
  };

  test.each([
    ['cents', 1],
    ['whole units only', 100],
  ] as const)('closes, with %s', (_, scale) => {
    fc.assert(
      fc.property(bodyOf(scale), (body) => {
        expect(amountsOf(withIncome(body)).unexplained).toBe(0);
      }),
    );
  });

  test('shows what was charged beside it, to the cent', () => {
    fc.assert(
      fc.property(bodyOf(1), fc.integer({ min: -10_000, max: 10_000 }), (body, extra) => {
        const charged = { ...body, escrow_amount: (Math.round(body.escrow_amount * 100) + extra) / 100 };
        expect(amountsOf(withIncome(charged)).unexplained).toBe(extra / 100);
      }),
    );
  });

  test.each([
    ['MYR', 2],
    ['VND', 0],
  ])('of two currencies closes in that of the row, whatever is rounded (%s)', (currency, decimals) => {
    const cents = fc.integer({ min: 0, max: 10_000_000 });
    const body = fc.record({
      price: cents,
      refund: cents,
      commission: cents,
      service: cents,
      drc: cents,
      rate: fc.integer({ min: 1, max: 99_999 }),
    });
    fc.assert(
      fc.property(
        body,
        fc.integer({ min: 4, max: 1_000 }),
        fc.boolean(),
        ({ price, refund, commission, service, drc, rate: tenThousandths }, extra, isNegative) => {
          const rate = tenThousandths / 10_000;
          const convert = (minor: number) => Number(((minor * rate) / 100).toFixed(decimals));
          const escrow = price - refund - commission - service - drc;
          const income = {
            pri_currency: 'CNY',
            aff_currency: currency,
            exchange_rate: rate,
            original_price_pri: price / 100,
            seller_return_refund_pri: (isNegative ? -1 : 1) * (refund / 100),
            drc_adjustable_refund_pri: drc / 100,
            commission_fee_pri: commission / 100,
            service_fee_pri: service / 100,
            escrow_amount_pri: escrow / 100,
            commission_fee: convert(commission),
            service_fee: convert(service),
            escrow_amount: convert(escrow),
          };
          expect(amountsOf(withIncome(income)).unexplained).toBe(0);
          const charged = {
            ...income,
            escrow_amount: Number((income.escrow_amount + (extra + 3) / 10 ** decimals).toFixed(decimals)),
          };
          expect(amountsOf(withIncome(charged)).unexplained).toBeGreaterThanOrEqual(extra / 10 ** decimals);
        },
      ),
    );
  });
});

describe('adjustments', () => {
  test('are in the final amount, each with its date and reason', () => {
    const { amounts, adjustments } = incomeOf(
      escrowOf(escrowSample('09-br-adjustment-after-payout.json')),
      'COMPLETED',
    );
    expect(amounts).toMatchObject({
      escrow_amount: 33.8,
      total_adjustment_amount: -6.46,
      escrow_amount_after_adjustment: 27.34,
    });
    expect(adjustments).toHaveLength(2);
    expect(adjustments).toMatchObject([{ currency: 'BRL', reason: expect.any(String), date: expect.any(Number) }, {}]);
  });

  const silent = { original_cost_of_goods_sold: 10, escrow_amount: 10 };

  test('are not known when an answer says nothing of them, nor is then the final amount', () => {
    for (const status of ['COMPLETED', 'CANCELLED', 'TO_RETURN']) {
      const { total_adjustment_amount: total, escrow_amount_after_adjustment: final } = amountsOf(
        withIncome(silent),
        status,
      );
      expect([total, final]).toEqual([undefined, undefined]);
    }
  });

  test('are none before the order is completed', () => {
    expect(amountsOf(withIncome(silent), 'SHIPPED').escrow_amount_after_adjustment).toBe(10);
  });

  test('are summed up when Shopee names them without their sum; a final amount of 0 is one', () => {
    const lines = [{ amount: -4.5 }, { amount: -5.5 }];
    expect(amountsOf(withIncome({ ...silent, order_adjustment: lines }))).toMatchObject({
      total_adjustment_amount: -10,
      escrow_amount_after_adjustment: 0,
    });
    expect(amountsOf(withIncome({ ...silent, escrow_amount_after_adjustment: 0 })).escrow_amount_after_adjustment).toBe(
      0,
    );
  });
});

test('an order of a SIP affiliate has two currencies and the rate between them', () => {
  const { amounts, currency, other } = incomeOf(escrowOf(escrowSample('05-cb-sip-affiliate.json')), 'SHIPPED');
  expect({ currency, other }).toEqual({ currency: 'MYR', other: { currency: 'CNY', rate: 0.65 } });
  expect(amounts).toMatchObject({
    goods_sold: 149.5,
    commission_fee: 13,
    service_fee: 6.5,
    escrow_amount: 130,
    escrow_amount_pri: 200,
    unexplained: 0,
  });
});

test('every term has a name of its own, and what is not part of the sum says so', () => {
  const labels = incomeIds.map(incomeLabel);
  expect(new Set(labels).size).toBe(labels.length);
  const silent = incomeIds.filter(
    (id: IncomeId) => incomeTerms[id].role === 'info' && !incomeTerms[id].note.includes('ot part of the sum'),
  );
  expect(silent).toEqual([]);
});
