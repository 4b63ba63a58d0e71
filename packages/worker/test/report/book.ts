import type { Cell } from '@shopee-webhook/sheets';
import type { BookRow, CostRow } from '../../../sandbox/src/summary/calculate-summary.ts';
import { serialDate } from '../../../sheets/src/format/serial-date.ts';
import { amountColumnIds, feeColumnIds } from '../../src/report/summary-columns.ts';

/** An order as the worker writes it: cells by column id, times in unix seconds. */
export interface WrittenOrder {
  shopId: string;
  order: Record<string, Cell>;
  lines: Record<string, Cell>[];
}

export interface BookOptions {
  orders: number;
  seed: number;
  /** Unix seconds of the newest order. */
  newest: number;
  /** How far back the oldest one is. */
  days: number;
  skus: number;
}

const shops = [
  { shopId: '700000001', shop: 'Kedai <Satu> *', currency: 'MYR' },
  { shopId: '700000002', shop: '700000002', currency: 'MYR' },
  { shopId: '700000003', shop: "Toko's 3", currency: 'IDR' },
  { shopId: '700000003', shop: "Toko's 3", currency: 'CNY' },
] as const;

const statuses = [
  'COMPLETED', 'COMPLETED', 'COMPLETED', 'SHIPPED', 'READY_TO_SHIP', 'CANCELLED', 'UNPAID', 'TO_RETURN', 'IN_CANCEL', 'A_NEW_STATUS',
] as const; // prettier-ignore

/** SKUs that formulas take for something else where they are careless. */
const oddSkus = ['', '00123', '1E5', 'A*B', 'Q?', '~tilde', '>5', '<>', '=1', 'Tee-Blk', 'TRUE', '"quoted"', 'ä ö'];

export function skuOf(n: number): string {
  return oddSkus[n] ?? `SKU-${n}`;
}

/** Orders of several shops and currencies in every state, by chance. */
export function randomOrders({ orders, seed, newest, days, skus }: BookOptions): WrittenOrder[] {
  const random = randomOf(seed);
  const below = (limit: number) => Math.floor(random() * limit);
  const cents = (limit: number) => below(limit * 100) / 100;
  return Array.from({ length: orders }, (_, n) => {
    const shop = shops[random() < 0.6 ? 0 : 1 + below(3)] ?? shops[0];
    const status = statuses[below(statuses.length)] ?? 'COMPLETED';
    const createdAt = newest - below(days * 86_400);
    // Digits and one E: a number, to whom takes it for one.
    const sn = n % 3 === 0 ? `2511${String(n).padStart(6, '0')}E2` : `251101${String(n).padStart(8, '0')}`;
    const isSettled = status !== 'UNPAID' && random() < 0.8;
    const isCharged = status === 'CANCELLED' && random() < 0.3;
    const shared: Record<string, Cell> = {
      order_sn: sn,
      shop: shop.shop,
      shop_id: shop.shopId,
      currency: shop.currency,
      order_status: status,
      create_time: createdAt,
    };
    const lines = Array.from({ length: random() < 0.02 ? 0 : 1 + below(3) }, () => {
      const quantity = 1 + below(4);
      const line: Record<string, Cell> = {
        ...shared,
        item_name: `Item ${below(skus)}`,
        quantity,
        line_total: cents(200),
      };
      line['sku'] = skuOf(below(skus));
      if (random() < 0.15) line['cancelled_quantity'] = below(quantity + 1);
      if (random() < 0.15) line['returned_quantity'] = below(quantity + 1);
      return line;
    });
    const goods = lines.reduce((sum, { line_total: total }) => sum + Number(total), 0);
    const order: Record<string, Cell> = { ...shared, [amountColumnIds.goods]: isSettled ? goods : null };
    if (isSettled && (status !== 'CANCELLED' || isCharged)) {
      for (const id of [amountColumnIds.fees, amountColumnIds.taxes, ...feeColumnIds])
        if (random() < 0.7) order[id] = cents(9);
      order[amountColumnIds.shippingLoss] = cents(10) - 3;
      const net = isCharged ? -cents(5) : cents(150);
      order[amountColumnIds.net] = net;
      for (const line of lines) line['net_share'] = net / lines.length;
    }
    // What people type into cells of money.
    if (random() < 0.05) order[feeColumnIds[below(feeColumnIds.length)] ?? ''] = 'see note';
    if (random() < 0.03) order[amountColumnIds.net] = '12,50';
    return { shopId: shop.shopId, order, lines };
  });
}

/** Costs of most SKUs: some change on a day, some are no numbers, and some are missing. */
export function randomCosts({ seed, newest, days, skus }: Omit<BookOptions, 'orders'>, timeZone: string): CostRow[] {
  const random = randomOf(seed + 1);
  const rows: CostRow[] = [];
  for (let n = 0; n < skus; n += 1) {
    const kind = random();
    const sku = n % 4 === 0 ? skuOf(n).toLowerCase() : skuOf(n);
    const row = (changed: Partial<CostRow>) =>
      rows.push({ sku, unitCost: Math.floor(random() * 4000) / 100, validFrom: '', resellable: '', ...changed });
    if (kind < 0.15) continue;
    if (kind < 0.22) row({ unitCost: 'about 5' });
    else if (kind < 0.28) row({ unitCost: '' });
    else if (kind < 0.34) row({ validFrom: 'last week' });
    else if (kind < 0.6) {
      const day = Math.floor(serialDate(newest, timeZone)) - Math.floor(random() * days);
      row({ validFrom: day, resellable: 'no' });
      row({ validFrom: day - 20, resellable: 'yes' });
      if (kind < 0.5) row({});
    } else row({ resellable: kind < 0.8 ? 'No' : '' });
  }
  // Not in the order of SKUs or days.
  return rows.sort((a, b) => String(a.unitCost).localeCompare(String(b.unitCost)));
}

/** The rows as the sheet has them: times as its serial numbers, and what Shopee did not send as blank cells. */
export function toBookRow(cells: Record<string, Cell>, timeZone: string): BookRow {
  const created = cells['create_time'];
  const at = typeof created === 'number' ? { create_time: serialDate(created, timeZone) } : {};
  return Object.fromEntries(Object.entries({ ...cells, ...at }).map(([id, cell]) => [id, cell ?? '']));
}

/** Numbers from 0 to 1 that are the same for the same seed (mulberry32). */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d_2b_79_f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
