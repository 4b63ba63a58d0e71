import { strFromU8, unzipSync } from 'fflate';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { buildStatements, type StatementInputs } from '../../src/money/statement.ts';
import { statementWorkbook } from '../../src/money/statement-workbook.ts';
import { bookOrder, bookTransaction } from './book.ts';

const at = (text: string) => Date.parse(text) / 1000;

function inputs(change: Partial<StatementInputs>): StatementInputs {
  return {
    shopId: '7',
    shop: 'Shop',
    region: 'SG',
    month: '2026-11',
    orders: [],
    transactions: [],
    returns: [],
    ...change,
  };
}

function amountsOf(change: Partial<StatementInputs>): Record<string, number | undefined> {
  const [statement] = buildStatements(inputs(change));
  return Object.fromEntries((statement?.lines ?? []).map(({ label, amount }) => [label, amount]));
}

const cents = fc.integer({ min: -100_000, max: 1_000_000 }).map((amount) => amount / 100);

describe('a statement', () => {
  test('has exactly the orders that were released in the month of the shop’s zone', () => {
    const orders = [
      bookOrder({ orderSn: 'before', releasedAt: at('2026-10-31T15:59:59Z') }),
      bookOrder({ orderSn: 'first', releasedAt: at('2026-10-31T16:00:00Z') }),
      bookOrder({ orderSn: 'last', releasedAt: at('2026-11-30T15:59:59Z') }),
      bookOrder({ orderSn: 'after', releasedAt: at('2026-11-30T16:00:00Z') }),
      bookOrder({ orderSn: 'other shop', shopId: '8', releasedAt: at('2026-11-15T00:00:00Z') }),
      bookOrder({ orderSn: 'not paid', releasedAt: undefined }),
    ];
    const [statement] = buildStatements(inputs({ orders }));
    expect(statement?.orders.map(({ orderSn }) => orderSn)).toEqual(['first', 'last']);
  });

  test('adds up: the lines to the escrow amount, with adjustments to the final amount, with the wallet to the net', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ commission: cents, taxes: cents, goods: cents, adjustment: cents, unexplained: cents }), {
          minLength: 1,
          maxLength: 30,
        }),
        fc.array(fc.record({ kind: fc.constantFrom('ads', 'compensation', 'unknown', 'withdrawal'), amount: cents }), {
          minLength: 1,
          maxLength: 20,
        }),
        (bodies, lines) => {
          const minor = (amount: number) => Math.round(amount * 100);
          const orders = bodies.map(({ commission, taxes, goods, adjustment, unexplained }, index) => {
            const escrow = (minor(goods) - minor(commission) - minor(taxes) + minor(unexplained)) / 100;
            const final = (minor(escrow) + minor(adjustment)) / 100;
            return bookOrder({
              orderSn: String(index),
              releasedAt: at('2026-11-10T00:00:00Z'),
              escrowAmount: escrow,
              finalAmount: final,
              paidOut: final,
              amounts: {
                seller_return_refund: goods,
                commission_fee: commission,
                withholding_taxes: taxes,
                unexplained,
                escrow_amount: escrow,
                total_adjustment_amount: adjustment,
                escrow_amount_after_adjustment: final,
              },
            });
          });
          const transactions = lines.map(({ kind, amount }, index) =>
            bookTransaction({ kind, amount, id: `7:${String(index)}`, orderSn: '', at: at('2026-11-11T00:00:00Z') }),
          );
          const [statement] = buildStatements(inputs({ orders, transactions }));
          const rows = statement?.lines ?? [];
          const labels = rows.map(({ label }) => label);
          const amountOf = (label: string) => minor(rows.find((row) => row.label === label)?.amount ?? Number.NaN);
          const sumBetween = (from: string, to: string) =>
            rows
              .slice(labels.indexOf(from) + 1, labels.indexOf(to))
              .reduce((total, { amount = 0 }) => total + minor(amount), 0);
          expect(sumBetween('Goods', 'Escrow amount')).toBe(amountOf('Escrow amount'));
          expect(amountOf('Escrow amount') + amountOf('Adjustments')).toBe(amountOf('Final amount'));
          expect(amountOf('Final amount') + sumBetween('Beside the orders, by the wallet', 'Net')).toBe(
            amountOf('Net'),
          );
          expect(amountOf('Paid out')).toBe(amountOf('Final amount'));
        },
      ),
    );
  });

  test('claims nothing that is not known', () => {
    const order = bookOrder({ releasedAt: at('2026-11-10T00:00:00Z'), paidOut: undefined });
    expect(amountsOf({ orders: [order] })).toMatchObject({
      'Paid out': undefined,
      Net: undefined,
      Commission: undefined,
    });
    const without = { ...order, orderSn: 'B', escrowAmount: undefined };
    const amounts = amountsOf({ orders: [{ ...order, amounts: { commission_fee: 2 } }, without] });
    expect(amounts).toMatchObject({ Commission: -2 });
    expect(Object.keys(amounts)[1]).toMatch(/^1 of them without an escrow/);
  });

  test('has the wallet’s month with its gap, and a withdrawal once', () => {
    const november = (day: number, change: Parameters<typeof bookTransaction>[0]) =>
      bookTransaction({ at: at(`2026-11-0${String(day)}T00:00:00Z`), orderSn: '', id: `7:${String(day)}`, ...change });
    const transactions = [
      november(1, { amount: 10, balance: 110 }),
      november(2, { amount: -30, balance: 80, kind: 'withdrawal', type: 'WITHDRAWAL_CREATED' }),
      november(3, { amount: -30, balance: 80, kind: 'withdrawal', type: 'WITHDRAWAL_COMPLETED' }),
      november(4, { amount: -1, balance: 84, kind: 'ads' }),
    ];
    expect(amountsOf({ transactions })).toMatchObject({
      'Opening balance': 100, Added: 10, Deducted: -31, 'of it withdrawn': -30, Unexplained: 5, 'Closing balance': 84, Ads: -1,
    }); // prettier-ignore
  });

  test('is one per currency', () => {
    const orders = ['MYR', 'CNY'].map((currency) =>
      bookOrder({ currency, orderSn: currency, releasedAt: at('2026-11-10T00:00:00Z') }),
    );
    expect(buildStatements(inputs({ orders })).map(({ currency }) => currency)).toEqual(['CNY', 'MYR']);
  });
});

describe('the workbook', () => {
  const dangerous = ['=1+2', '+84 90', '-5', '@SUM(A1)', '<b>&"', '0012', '\u0007bell'];

  async function filesOf(change: Partial<StatementInputs>): Promise<Record<string, string>> {
    const files = unzipSync(await statementWorkbook(buildStatements(inputs(change))));
    return Object.fromEntries(Object.entries(files).map(([path, bytes]) => [path, strFromU8(bytes)]));
  }

  test('holds texts as texts and ids as ids: no formula, no number of 18 digits', async () => {
    const transactions = dangerous.map((description, index) =>
      bookTransaction({
        description,
        id: `7:22227600000000000${String(index)}`,
        withdrawalId: '9007199254740993',
        at: at('2026-11-11T00:00:00Z'),
      }),
    );
    const files = await filesOf({ shop: '=HYPERLINK("x")', transactions });
    const sheets = Object.entries(files).filter(([path]) => /^xl\/worksheets\/sheet\d+\.xml$/.test(path));
    expect(sheets).toHaveLength(4);
    const all = Object.values(files).join('\n');
    expect(all).not.toMatch(/<f[ >]/);
    for (const [, xml] of sheets) {
      for (const [, attributes = '', value = ''] of xml.matchAll(/<c ([^>]*)>(?:<v>([^<]*)<\/v>)?/g)) {
        const isText = /t="(?:s|inlineStr)"/.test(attributes);
        // What is no text is an amount or a date: none has 16 digits before its point.
        expect(isText || (value.split('.', 1)[0] ?? '').length < 16, `${attributes} ${value}`).toBe(true);
      }
    }
    const strings = files['xl/sharedStrings.xml'] ?? '';
    for (const text of ['222276000000000003', '9007199254740993', '=1+2', '+84 90', '@SUM(A1)', '0012', '>-5<']) {
      expect(strings).toContain(text);
    }
    expect(strings).toContain('&lt;b&gt;&amp;');
    expect(strings).not.toContain('\u0007');
  });

  test('shows dates of the shop’s zone, and amounts as numbers', async () => {
    const orders = [bookOrder({ releasedAt: at('2026-11-30T15:30:00Z'), amounts: { escrow_amount: 12.34 } })];
    const files = await filesOf({ orders });
    const xml = files['xl/worksheets/sheet2.xml'] ?? '';
    // 2026-11-30 23:30 in Singapore, in days since 1899-12-30.
    expect(xml).toMatch(/<v>46356\.97916666/);
    expect(xml).toContain('<v>12.34</v>');
  });
});
