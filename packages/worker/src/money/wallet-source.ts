import type { BillingTransaction, Payout, ShopAuth, ShopeeClient, WalletTransaction } from '@shopee-webhook/shopee';

/** Reads a shop's money page by page; every call goes through `call`, which adds the token and retries. */
export interface WalletSourceDeps {
  shopee: Pick<ShopeeClient, 'getWalletTransactions' | 'getPayouts' | 'getBillingTransactions'>;
  call: <T>(send: (auth: ShopAuth) => Promise<T>) => Promise<T>;
}

/** A payout of a cross-border shop with the lines that make it up. */
export interface PayoutLines {
  payout: Payout;
  lines: BillingTransaction[];
}

/** The most that these calls return at once. */
const pageSize = 100;

/** The transactions of a time span (unix seconds, at most 15 days apart), each once. */
export async function walletTransactions(
  { shopee, call }: WalletSourceDeps,
  { from, to }: { from: number; to: number },
): Promise<WalletTransaction[]> {
  const known = new Map<string, WalletTransaction>();
  const load = async (pageNo: number) => {
    const page = await call((auth) => shopee.getWalletTransactions(auth, { from, to, pageNo, pageSize }));
    const before = known.size;
    for (const line of page.transaction_list) known.set(transactionKey(line), line);
    return { length: page.transaction_list.length, added: known.size - before, more: page.more === true };
  };
  let { more, length } = await load(0);
  // Whether `page_no` counts pages from 0, pages from 1 or entries is not documented: the second page shows it.
  let pageNo = 1;
  let countsEntries = false;
  while (more && length > 0) {
    const page = await load(countsEntries ? known.size : pageNo);
    const isRepeat = page.added === 0 && page.length > 0;
    if (isRepeat && (pageNo > 1 || countsEntries)) throw new Error('Shopee repeats a page of the wallet');
    if (pageNo === 1) countsEntries = page.added === 1 && page.length > 1;
    pageNo += 1;
    ({ more, length } = page);
  }
  return [...known.values()];
}

/** What a transaction is known by: its id, which the page does not document; without one, everything that tells it apart. */
export function transactionKey(line: WalletTransaction): string {
  const { create_time: at, transaction_type: type, amount, current_balance: balance, order_sn: sn } = line;
  return line.transaction_id ?? [at, type, amount, balance, sn, line.withdrawal_id].map((part) => part ?? '').join('-');
}

/** The payouts of a time span (unix seconds, at most 15 days apart) with their lines. */
export async function* payoutsWithLines(
  { shopee, call }: WalletSourceDeps,
  { from, to }: { from: number; to: number },
): AsyncGenerator<PayoutLines> {
  const pages = cursorPages((cursor) => call((auth) => shopee.getPayouts(auth, { from, to, cursor, pageSize })));
  for await (const { payout_list: payouts } of pages) {
    for (const payout of payouts) {
      const { encrypted_payout_id: id } = payout;
      const lines: BillingTransaction[] = [];
      // The lines do not name their payout, so that each is requested by itself.
      const linePages = cursorPages((cursor) =>
        call((auth) =>
          shopee.getBillingTransactions(auth, { payoutIds: id === undefined ? [] : [id], cursor, pageSize }),
        ),
      );
      if (id !== undefined) for await (const page of linePages) lines.push(...page.transactions);
      yield { payout, lines };
    }
  }
}

/** Pages by cursor until there is no next one. Throws when Shopee repeats a cursor. */
export async function* cursorPages<Page extends { more?: boolean | undefined; next_cursor?: string | undefined }>(
  load: (cursor: string) => Promise<Page>,
): AsyncGenerator<Page> {
  const seen = new Set<string>();
  for (let cursor = ''; ;) {
    if (seen.has(cursor)) throw new Error('Shopee repeats the cursor of a page');
    seen.add(cursor);
    const page = await load(cursor);
    yield page;
    cursor = page.more === true ? (page.next_cursor ?? '') : '';
    if (cursor === '') return;
  }
}
