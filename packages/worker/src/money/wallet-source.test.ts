import type { WalletPage, WalletQuery } from '@shopee-webhook/shopee';
import { describe, expect, test } from 'vitest';
import { cursorPages, walletTransactions } from './wallet-source.ts';

const auth = { shopId: '7', accessToken: 'a' };
const line = (index: number) => ({ transaction_id: String(222_000 + index), amount: 1, create_time: 1_000 + index });

/** A wallet of `count` transactions, newest first, that pages as Shopee does. */
function source(
  count: number,
  start: (query: WalletQuery) => number,
  lines = Array.from({ length: count }, (_, n) => n),
) {
  const requested: number[] = [];
  const getWalletTransactions = async (_shop: unknown, query: WalletQuery): Promise<WalletPage> => {
    requested.push(query.pageNo);
    const from = start(query);
    const page = lines.slice(from, from + query.pageSize).map((index) => line(index));
    return { transaction_list: page, more: from + query.pageSize < lines.length };
  };
  const shopee = { getWalletTransactions, getPayouts: neverCalled, getBillingTransactions: neverCalled };
  return { requested, deps: { shopee, call: <T>(send: (shop: typeof auth) => Promise<T>) => send(auth) } };
}

const neverCalled = () => Promise.reject(new Error('not called'));
const span = { from: 0, to: 10_000 };

describe('the wallet is read to its end and each transaction once, whatever page_no counts:', () => {
  const meanings: [string, (query: WalletQuery) => number][] = [
    ['pages from 0', ({ pageNo, pageSize }) => pageNo * pageSize],
    ['pages from 1', ({ pageNo, pageSize }) => Math.max(0, pageNo - 1) * pageSize],
    ['entries', ({ pageNo }) => pageNo],
  ];
  test.for(meanings)('%s', async ([, start]) => {
    for (const count of [0, 1, 99, 100, 101, 102, 250, 300, 301, 650]) {
      const { deps, requested } = source(count, start);
      const ids = (await walletTransactions(deps, span)).map(({ transaction_id: id }) => id);
      expect([ids.length, new Set(ids).size]).toEqual([count, count]);
      expect(requested.length).toBeLessThanOrEqual(Math.ceil(count / 100) + 2);
    }
  });

  test('a transaction that comes in between does not hide another one', async () => {
    const lines = Array.from({ length: 250 }, (_, n) => n);
    const { deps, requested } = source(
      250,
      ({ pageNo, pageSize }) => {
        if (requested.length === 2) lines.unshift(900);
        return pageNo * pageSize;
      },
      lines,
    );
    const ids = new Set((await walletTransactions(deps, span)).map(({ transaction_id: id }) => id));
    expect(ids.size).toBeGreaterThanOrEqual(250);
  });

  test('a page that never ends is an error, not a loop', async () => {
    const { deps } = source(1_000, () => 0);
    await expect(walletTransactions(deps, span)).rejects.toThrow('repeats a page');
  });
});

test('a repeated cursor is an error, not a loop', async () => {
  const pages = async () => {
    for await (const page of cursorPages(async () => ({ more: true, next_cursor: 'x' }))) expect(page.more).toBe(true);
  };
  await expect(pages()).rejects.toThrow('repeats the cursor');
});
