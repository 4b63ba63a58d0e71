import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checkLedger, ledgerMonths, type LedgerLine } from './ledger.ts';

const monthOf = (at: number) => new Date(at * 1000).toISOString().slice(0, 7);
const start = Date.parse('2026-01-01T00:00:00Z') / 1000;

/** A wallet in the order of its transactions; many share a second, and many return to an earlier balance. */
const wallet = fc
  .record({
    opening: fc.integer({ min: -500, max: 1_000_000 }),
    steps: fc.array(
      fc.record({ change: fc.integer({ min: -5, max: 5 }), seconds: fc.constantFrom(0, 0, 0, 1, 900_000) }),
      { minLength: 1, maxLength: 60 },
    ),
  })
  .map(({ opening, steps }) => {
    let at = start;
    let balance = opening;
    const lines = steps.map(({ change, seconds }, index): LedgerLine => {
      at += seconds;
      balance += change;
      return { id: String(index * 7_919 + 100), at, change, balance };
    });
    return { opening, lines };
  });

const shuffled = (lines: readonly LedgerLine[]) =>
  fc.shuffledSubarray([...lines], { minLength: lines.length, maxLength: lines.length });

describe('a ledger', () => {
  test('without a missing transaction has no gap, in whatever order its transactions come', () => {
    fc.assert(
      fc.property(
        wallet.chain(({ opening, lines }) => fc.tuple(fc.constant(opening), fc.constant(lines), shuffled(lines))),
        ([opening, lines, mixed]) => {
          const checked = checkLedger(mixed, opening);
          expect(checked.map(({ gap }) => gap)).toEqual(lines.map(() => 0));
          expect(checked.at(-1)?.balance).toBe(lines.at(-1)?.balance);
        },
      ),
    );
  });

  test('shows exactly what the missing transactions moved', () => {
    fc.assert(
      fc.property(
        wallet.chain(({ opening, lines }) =>
          fc.record({
            opening: fc.constant(opening),
            lines: fc.constant(lines),
            // The last one stays: without it nothing tells the closing balance.
            present: fc.subarray(lines.slice(0, -1)).map((some) => [...some, ...lines.slice(-1)]),
          }),
        ),
        ({ opening, lines, present }) => {
          fc.pre(present.filter(({ at }) => at === lines.at(-1)?.at).length === 1);
          const gap = checkLedger(present, opening).reduce((sum, line) => sum + (line.gap ?? 0), 0);
          const missing = lines.filter((line) => !present.includes(line)).reduce((sum, { change }) => sum + change, 0);
          expect(gap).toBe(missing);
        },
      ),
    );
  });

  test('keeps every transaction once', () => {
    fc.assert(
      fc.property(
        wallet.chain(({ lines }) => fc.subarray(lines)),
        (some) => {
          const ids = checkLedger(some).map(({ id }) => id);
          expect(ids.toSorted()).toEqual(some.map(({ id }) => id).toSorted());
        },
      ),
    );
  });

  test('adds up month by month, and one month begins where the last one ended', () => {
    fc.assert(
      fc.property(
        wallet.chain(({ lines }) => fc.subarray(lines)),
        (some) => {
          const months = ledgerMonths(checkLedger(some), monthOf);
          for (const [index, { opening, added, deducted, gap, closing }] of months.entries()) {
            expect(opening + added + deducted + gap).toBe(closing);
            expect(opening).toBe(months[index - 1]?.closing ?? opening);
          }
          expect(months.reduce((sum, { transactions }) => sum + transactions, 0)).toBe(some.length);
        },
      ),
    );
  });

  test('does not claim a gap before the first transaction that it knows', () => {
    const line = { id: '1', at: start, change: 5, balance: 105 };
    expect(checkLedger([line])).toEqual([{ ...line, gap: undefined }]);
    expect(ledgerMonths(checkLedger([line]), monthOf)).toMatchObject([{ opening: 100, closing: 105, gap: 0 }]);
  });
});
