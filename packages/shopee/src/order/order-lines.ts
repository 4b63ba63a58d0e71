import type { Escrow, EscrowItem } from '../api/escrow.ts';
import type { OrderDetail, OrderItem } from '../api/order-detail.ts';
import { otherCurrency } from './income.ts';
import { currencyDecimals } from './money.ts';

/** One line of an order. */
export interface OrderLine {
  /** Tells the lines of one order apart and stays the same from fetch to fetch: item and model, numbered if repeated. */
  key: string;
  name: string;
  sku?: string | undefined;
  variation?: string | undefined;
  quantity: number;
  /** What the buyer pays for one; undefined where only an escrow that is not there yet would tell. */
  unitPrice?: number | undefined;
  /** Before discounts, for one. */
  originalPrice?: number | undefined;
  /** What the buyer pays for the line. */
  lineTotal?: number | undefined;
  itemId?: string | undefined;
  modelId?: string | undefined;
  image?: string | undefined;
}

/** A line with what it was made of. */
export interface SettledLine {
  line: OrderLine;
  item: OrderItem;
  /** The escrow's line for it, whose amounts are line totals. */
  settled: EscrowItem | undefined;
}

/** An order's lines in Shopee's order. Prices are per unit in the order and line totals in the escrow. */
export function orderLines(order: OrderDetail, escrow: Escrow | undefined): OrderLine[] {
  return settledLines(order, escrow).map(({ line }) => line);
}

/** The same lines, each with the order's item and the escrow's line behind it. */
export function settledLines(order: OrderDetail, escrow: Escrow | undefined): SettledLine[] {
  const decimals = Math.max(currencyDecimals(order.currency), 2);
  const lines = (escrow?.order_income.items ?? []).map((line) => inOwnCurrency(line, escrow));
  const settledOf = matchEscrow(order.item_list, lines);
  const keys = lineKeys(order.item_list);
  return order.item_list.map((item, at) => {
    const settled = settledOf.get(item);
    return { line: toLine(item, { settled, key: keys[at] ?? String(at), decimals }), item, settled };
  });
}

/** A line of an order with two currencies has its settlement price in the other one. */
function inOwnCurrency(line: EscrowItem, escrow: Escrow | undefined): EscrowItem {
  const rate = otherCurrency(escrow)?.rate;
  const decimals = currencyDecimals(escrow?.order_income.aff_currency);
  if (rate === undefined || line.original_price_pri === undefined) return line;
  return { ...line, discounted_price: round(line.original_price_pri * rate, decimals) };
}

function toLine(
  item: OrderItem,
  { settled, key, decimals }: { settled: EscrowItem | undefined; key: string; decimals: number },
): OrderLine {
  const quantity = item.model_quantity_purchased ?? 0;
  const unitPrice = getUnitPrice(item, settled);
  const lineTotal = settled?.discounted_price ?? (unitPrice === undefined ? undefined : unitPrice * quantity);
  return {
    key,
    name: item.item_name ?? '',
    sku: item.model_sku || item.item_sku || undefined,
    variation: item.model_name || undefined,
    quantity,
    unitPrice: unitPrice === undefined ? undefined : round(unitPrice, decimals),
    originalPrice: item.model_original_price,
    lineTotal: lineTotal === undefined ? undefined : round(lineTotal, decimals),
    itemId: item.item_id,
    modelId: item.model_id,
    image: item.image_info?.image_url || undefined,
  };
}

/** Items of a bundle deal show 0 in the order, by design: their price is the escrow's, shared out over the line. */
function getUnitPrice(item: OrderItem, line: EscrowItem | undefined): number | undefined {
  const price = item.model_discounted_price;
  const isHidden = price === 0 && item.promotion_type === 'bundle_deal';
  if (price !== undefined && !isHidden) return price;
  const total = line?.discounted_price ?? line?.selling_price;
  const quantity = line?.quantity_purchased ?? 0;
  return total === undefined || quantity === 0 ? undefined : total / quantity;
}

/**
 * The escrow's line of each item: by line where both name it; else by item and model, and of several such lines the one
 * of the same quantity and price first.
 */
function matchEscrow(items: readonly OrderItem[], settled: readonly EscrowItem[]): Map<OrderItem, EscrowItem> {
  const isSame = (item: OrderItem, line: EscrowItem) =>
    line.item_id === item.item_id && (line.model_id ?? '0') === (item.model_id ?? '0');
  const hasSamePrice = (item: OrderItem, line: EscrowItem) =>
    line.quantity_purchased === item.model_quantity_purchased &&
    Math.abs((line.discounted_price ?? 0) - (item.model_discounted_price ?? 0) * (item.model_quantity_purchased ?? 0)) <
      0.005;
  const matches: ((item: OrderItem, line: EscrowItem) => boolean)[] = [
    (item, line) => hasId(line.line_item_id) && line.line_item_id === item.line_item_id,
    (item, line) => isSame(item, line) && hasSamePrice(item, line),
    isSame,
  ];
  const left = new Set(settled);
  const found = new Map<OrderItem, EscrowItem>();
  for (const isMatch of matches) {
    for (const item of items) {
      const line = found.has(item) ? undefined : [...left].find((one) => isMatch(item, one));
      if (line === undefined) continue;
      found.set(item, line);
      left.delete(line);
    }
  }
  return found;
}

/** Not by position: Shopee promises no order of the lines. Those without ids of their own are told apart by their price. */
function lineKeys(items: readonly OrderItem[]): string[] {
  const rankOf = (item: OrderItem) =>
    [
      item.line_item_id,
      item.order_item_id,
      item.promotion_group_id,
      item.add_on_deal_id,
      item.promotion_type,
      item.model_original_price,
      item.model_discounted_price,
      item.model_quantity_purchased,
    ].join('|');
  const ranked = [...items.entries()].sort(([, a], [, b]) =>
    rankOf(a) < rankOf(b) ? -1 : Number(rankOf(a) > rankOf(b)),
  );
  const seen = new Map<string, number>();
  const keys: string[] = [];
  for (const [at, item] of ranked) {
    const base = `${item.item_id ?? '0'}-${item.model_id ?? '0'}`;
    const count = (seen.get(base) ?? 0) + 1;
    seen.set(base, count);
    keys[at] = count === 1 ? base : `${base}-${count}`;
  }
  return keys;
}

function hasId(id: string | undefined): boolean {
  return id !== undefined && id !== '0';
}

function round(amount: number, decimals: number): number {
  return Number(amount.toFixed(decimals));
}
