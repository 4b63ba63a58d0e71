import { quoteTitle } from '@shopee-webhook/sheets';
import { amountColumnIds } from './summary-columns.ts';
import { listedOrders, wildcardsEscaped, type SummaryData } from './summary-data.ts';

/** The rows of a table that a figure is for: what a cell holds, or the chosen period. */
export type Rows = { day: string } | { month: string } | { status: string } | 'period';

/** Less than any amount: a criterion that every number meets and no text does. */
const anyNumber = '">-999999999999999"';
const notCanceled = '"<>CANCELLED"';

/**
 * The formulas of the figures in Summary and Costs, without the `=`. All count on the hidden tab of `SummaryData`, use only
 * functions that Google Sheets and LibreOffice 24.8 share, and take arguments parted by `;`, which every language accepts;
 * none has a decimal number or an array literal, whose signs differ.
 */
export class SummaryFormulas {
  readonly data: SummaryData;

  constructor(data: SummaryData) {
    this.data = data;
  }

  /** Orders that were not canceled. */
  orders(rows: Rows): string {
    return this.data.orders((n) => `COUNTIFS(${this.#matching(rows, n)}; ${this.#status(n)}; ${notCanceled})`);
  }

  goods(rows: Rows): string {
    const goods = (n: number) => this.data.source('orders', n, amountColumnIds.goods);
    return this.data.orders(
      (n) => `SUMIFS(${goods(n)}; ${this.#matching(rows, n)}; ${this.#status(n)}; ${notCanceled})`,
    );
  }

  fees(rows: Rows): string {
    return this.#sum(rows, amountColumnIds.fees);
  }

  taxes(rows: Rows): string {
    return this.#sum(rows, amountColumnIds.taxes);
  }

  /** One of the fees. */
  fee(rows: Rows, columnId: string): string {
    return this.#sum(rows, columnId);
  }

  shippingLoss(rows: Rows): string {
    return this.#sum(rows, amountColumnIds.shippingLoss);
  }

  /** What Shopee settles, also of canceled orders that were charged something. */
  net(rows: Rows): string {
    return this.#sum(rows, amountColumnIds.net);
  }

  /** Orders not canceled whose income Shopee has not given yet. */
  withoutIncome(rows: Rows): string {
    const net = (n: number) => this.data.source('orders', n, amountColumnIds.net);
    const settled = this.data.orders(
      (n) => `COUNTIFS(${this.#matching(rows, n)}; ${this.#status(n)}; ${notCanceled}; ${net(n)}; ${anyNumber})`,
    );
    return `${this.orders(rows)} - (${settled})`;
  }

  cost(rows: Exclude<Rows, { status: string }>): string {
    return this.data.lines((n) => `SUMIFS(${this.data.ofItems('cost', n)}; ${this.#linesMatching(rows, n)})`);
  }

  /** Net less cost of the lines of which both are known. */
  profit(rows: Exclude<Rows, { status: string }>): string {
    return this.data.lines((n) => `SUMIFS(${this.data.ofItems('profit', n)}; ${this.#linesMatching(rows, n)})`);
  }

  /** Goods sold of those lines. */
  pricedGoods(rows: Exclude<Rows, { status: string }>): string {
    return this.data.lines((n) => `SUMIFS(${this.data.ofItems('pricedGoods', n)}; ${this.#linesMatching(rows, n)})`);
  }

  withoutCost(rows: Exclude<Rows, { status: string }>): string {
    const days = (n: number) => this.data.ofItems('daysWithoutCost', n);
    const { from, to } = this.#bounds(rows);
    return this.data.lines((n) =>
      from === to ? `COUNTIF(${days(n)}; ${from})` : `COUNTIFS(${days(n)}; ">=" & ${from}; ${days(n)}; "<=" & ${to})`,
    );
  }

  /** A figure of the SKU whose key is in a cell: of what was sold, of what was canceled (`c`), or of both. */
  sku(
    key: string,
    of: 'quantity' | 'returned_quantity' | 'line_total' | 'net_share' | 'cost' | 'profit' | 'pricedGoods',
  ): string {
    const { data } = this;
    const isOurs = (one: string): one is 'cost' | 'profit' | 'pricedGoods' =>
      one === 'cost' || one === 'profit' || one === 'pricedGoods';
    const column = (n: number) => (isOurs(of) ? data.ofItems(of, n) : data.source('items', n, of));
    const sum = (n: number, wanted: string) =>
      `SUMIF(${data.ofItems('lineSku', n)}; ${wildcardsEscaped(wanted)}; ${column(n)})`;
    // A canceled order that was charged something lowers the profit, and is nothing that was sold.
    const canceled = of === 'profit' || of === 'net_share';
    return data.lines((n) => sum(n, key) + (canceled ? ` + ${sum(n, `"c" & MID(${key}; 2; 999)`)}` : ''));
  }

  /** A cell of Items in the first row of the SKU whose key is in a cell. */
  ofSku(key: string, id: string): string {
    const { data } = this;
    return data.inputs.items.reduceRight(
      (otherwise, _, n) =>
        `IFERROR(XLOOKUP(${key}; ${data.ofItems('lineSku', n)}; ${data.source('items', n, id)}); ${otherwise})`,
      '""',
    );
  }

  /** Key of the SKU that sold for the `rank`th most. */
  skuOfRank(rank: string): string {
    const { data } = this;
    const { keys, goods } = data.soldSkus;
    return `IFERROR(INDEX(${keys}; MATCH(LARGE(${goods}; ${rank}); ${goods}; 0)); "")`;
  }

  /** A number that tells where the `rank`th newest order of the period is; '' when there is none. */
  orderOfRank(rank: string): string {
    const block = this.data.newestOrders;
    return `IF(${rank} > ${listedOrders}; ""; IF(LARGE(${block}; ${rank}) > 0; LARGE(${block}; ${rank}); ""))`;
  }

  /** A cell of the order that such a number tells. */
  ofOrder(code: string, id: string): string {
    const { row, tab } = this.#decoded(code);
    const cells = this.data.inputs.orders.map((_, n) => `INDEX(${this.data.source('orders', n, id)}; ${row})`);
    return cells.length === 1 ? (cells[0] ?? '""') : `CHOOSE(${tab} + 1; ${cells.join('; ')})`;
  }

  /** The sum of a column about the lines of an order, and how many lines have a number in it. */
  linesOfOrder(sn: string, name: 'cost' | 'profit'): { sum: string; known: string; lines: string } {
    const { data } = this;
    const isTheirs = (n: number) =>
      `(${data.source('items', n, 'order_sn')} = ${sn}) * ISNUMBER(${data.ofItems('lineDay', n)})`;
    return {
      sum: data.lines((n) => `SUMPRODUCT(${isTheirs(n)}; ${data.ofItems(name, n)})`),
      known: data.lines((n) => `SUMPRODUCT(${isTheirs(n)} * ISNUMBER(${data.ofItems(name, n)}))`),
      lines: data.lines((n) => `SUMPRODUCT(${isTheirs(n)})`),
    };
  }

  /** Rows of Costs that have a SKU, and no number as its cost, or no date as its first day. */
  unusableCosts(): string {
    const costs = (letter: string) => `${quoteTitle(this.data.inputs.costsTitle)}!$${letter}:$${letter}`;
    return (
      `SUMPRODUCT((${costs('A')} <> "") * (ROW(${costs('A')}) > 1) * ` +
      `(1 - ISNUMBER(${costs('B')}) * (1 - ISTEXT(${costs('D')}) * (${costs('D')} <> ""))))`
    );
  }

  #sum(rows: Rows, id: string): string {
    return this.data.orders((n) => `SUMIFS(${this.data.source('orders', n, id)}; ${this.#matching(rows, n)})`);
  }

  #status(n: number): string {
    return this.data.source('orders', n, 'order_status');
  }

  #matching(rows: Rows, n: number): string {
    const { data } = this;
    if (rows === 'period') {
      const day = data.ofOrders('orderDay', n);
      return `${day}; ">=" & ${data.scalar('from')}; ${day}; "<=" & ${data.scalar('to')}`;
    }
    if ('day' in rows) return `${data.ofOrders('orderDay', n)}; ${rows.day}`;
    if ('status' in rows) return `${data.ofOrders('orderStatus', n)}; ${rows.status}`;
    return `${data.ofOrders('orderMonth', n)}; ${monthNumber(rows.month)}`;
  }

  #linesMatching(rows: Exclude<Rows, { status: string }>, n: number): string {
    const { data } = this;
    const day = data.ofItems('lineDay', n);
    if (rows === 'period') return `${day}; ">=" & ${data.scalar('from')}; ${day}; "<=" & ${data.scalar('to')}`;
    if ('day' in rows) return `${day}; ${rows.day}`;
    return `${data.ofItems('lineMonth', n)}; ${monthNumber(rows.month)}`;
  }

  /** First and last day. */
  #bounds(rows: Exclude<Rows, { status: string }>): { from: string; to: string } {
    if (rows === 'period') return { from: this.data.scalar('from'), to: this.data.scalar('to') };
    if ('day' in rows) return { from: rows.day, to: rows.day };
    return { from: rows.month, to: `(EDATE(${rows.month}; 1) - 1)` };
  }

  #decoded(code: string): { row: string; tab: string } {
    const rest = `(${code} - INT(${code} / 67108864) * 67108864)`;
    return { tab: `INT(${rest} / 1048576)`, row: `(${rest} - INT(${rest} / 1048576) * 1048576)` };
  }
}

function monthNumber(day: string): string {
  return `YEAR(${day}) * 12 + MONTH(${day})`;
}
