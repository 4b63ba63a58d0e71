/** What a cell holds; '' or absent when it is blank. */
export type BookCell = string | number | boolean | undefined;

/** A row by column id. */
export type BookRow = Readonly<Record<string, BookCell>>;

/** The tabs that Summary counts, in their order, and what the seller chose. Days are serial numbers as in the sheet. */
export interface Book {
  orders: readonly (readonly BookRow[])[];
  items: readonly (readonly BookRow[])[];
  costs: readonly CostRow[];
  /** '' for all shops. */
  shopId: string;
  currency: string;
  from: number;
  to: number;
}

export interface CostRow {
  sku: BookCell;
  unitCost: BookCell;
  validFrom: BookCell;
  resellable: BookCell;
}

/** Which columns of Orders the figures are made of. */
export interface BookColumns {
  amounts: Readonly<Record<'goods' | 'fees' | 'taxes' | 'shippingLoss' | 'net', string>>;
  /** Each charge separately. */
  charges: readonly string[];
}

/** The figures of a period; undefined where there is nothing to divide by. */
export interface Figures {
  orders: number;
  goods: number;
  fees: number;
  feeShare: number | undefined;
  taxes: number;
  shippingLoss: number;
  net: number;
  withoutIncome: number;
  cost: number;
  profit: number;
  margin: number | undefined;
  withoutCost: number;
}

export interface SummaryValues {
  figures: Figures;
  checks: { unusableCosts: number; textAmounts: number };
  months: { day: number; figures: Figures }[];
  days: { day: number; figures: Figures }[];
  fees: { amount: number; share: number | undefined; months: (number | undefined)[] }[];
  statuses: { status: string; orders: number; goods: number; net: number; withoutIncome: number }[];
  skus: SkuFigures[];
  missing: { sku: string; item: string; units: number }[];
  newest: OrderFigures[];
}

interface SkuFigures {
  sku: string;
  item: string;
  units: number;
  returned: number;
  goods: number;
  net: number;
  cost: number;
  profit: number;
  margin: number | undefined;
}

interface OrderFigures {
  sn: string;
  day: number;
  status: string;
  goods: number | undefined;
  shippingLoss: number | undefined;
  net: number | undefined;
  cost: number;
  profit: number | undefined;
  margin: number | undefined;
}

interface Line {
  row: BookRow;
  day: number;
  sku: string;
  isCanceled: boolean;
  cost: number | undefined;
  net: number | undefined;
  profit: number | undefined;
  /** The line's goods where its profit is known. */
  pricedGoods: number;
}

/** Everything that Summary and Costs show of a book, by plain arithmetic. */
export function calculateSummary(book: Book, columns: BookColumns): SummaryValues {
  const orders = book.orders.flat().filter((row) => isInScope(book, row));
  const lines = book.items.flat().flatMap((row) => (isInScope(book, row) ? [toLine(book.costs, row)] : []));
  const isWithin = (from: number, to: number) => (day: number) => day >= from && day <= to;
  const figuresOf = (from: number, to: number) => {
    const isOurs = isWithin(from, to);
    return figures(
      orders.filter((row) => isOurs(dayOf(row))),
      lines.filter(({ day }) => isOurs(day)),
      columns,
    );
  };
  const monthStarts = Array.from({ length: 13 }, (_, n) => startOfMonth(book.to, -n));
  const months = monthStarts.map((day) => ({ day, figures: figuresOf(day, startOfMonth(day, 1) - 1) }));
  const days = Array.from({ length: 31 }, (_, n) => book.to - n)
    .filter((day) => day >= book.from)
    .map((day) => ({ day, figures: figuresOf(day, day) }));
  const inPeriod = isWithin(book.from, book.to);
  const periodOrders = orders.filter((row) => inPeriod(dayOf(row)));
  const periodLines = lines.filter(({ day }) => inPeriod(day));
  const total = figures(periodOrders, periodLines, columns);
  return {
    figures: total,
    checks: {
      unusableCosts: book.costs.filter((row) => !isBlank(row.sku) && !isUsable(row)).length,
      textAmounts: orders
        .flatMap((row) => [...Object.values(columns.amounts), ...columns.charges].map((id) => row[id]))
        .filter((cell) => typeof cell === 'string' && cell !== '').length,
    },
    months,
    days,
    fees: columns.charges.map((id) => ({
      amount: sumOf(periodOrders, id),
      share: ratio(sumOf(periodOrders, id), total.goods),
      months: months.map(({ day, figures: { goods } }) => {
        const end = startOfMonth(day, 1) - 1;
        return ratio(
          sumOf(
            orders.filter((row) => isWithin(day, end)(dayOf(row))),
            id,
          ),
          goods,
        );
      }),
    })),
    statuses: statusFigures(periodOrders, columns),
    skus: skuFigures(periodLines).slice(0, 20),
    missing: missingSkus(periodLines),
    newest: newestOrders(book, columns, lines),
  };
}

function figures(orders: readonly BookRow[], lines: readonly Line[], { amounts }: BookColumns): Figures {
  const sold = orders.filter((row) => !isCanceled(row));
  const goods = sumOf(sold, amounts.goods);
  const fees = sumOf(orders, amounts.fees);
  const profit = lines.reduce((sum, line) => sum + (line.profit ?? 0), 0);
  const withoutCost = new Set(
    lines.filter(({ cost }) => cost === undefined).map(({ day, row }) => `${day}|${textOf(row['order_sn'])}`),
  );
  return {
    orders: sold.length,
    goods,
    fees,
    feeShare: ratio(fees, goods),
    taxes: sumOf(orders, amounts.taxes),
    shippingLoss: sumOf(orders, amounts.shippingLoss),
    net: sumOf(orders, amounts.net),
    withoutIncome: sold.filter((row) => numberOf(row[amounts.net]) === undefined).length,
    cost: lines.reduce((sum, line) => sum + (line.cost ?? 0), 0),
    profit,
    margin: ratio(
      profit,
      lines.reduce((sum, line) => sum + line.pricedGoods, 0),
    ),
    withoutCost: withoutCost.size,
  };
}

function statusFigures(orders: readonly BookRow[], columns: BookColumns): SummaryValues['statuses'] {
  const byStatus = Map.groupBy(orders, (row) => textOf(row['order_status']) || '?');
  return [...byStatus]
    .sort(([a], [b]) => a.localeCompare(b, 'en'))
    .map(([status, rows]) => {
      const sold = rows.filter((row) => !isCanceled(row));
      return {
        status,
        orders: rows.length,
        goods: sumOf(sold, columns.amounts.goods),
        net: sumOf(rows, columns.amounts.net),
        withoutIncome: sold.filter((row) => numberOf(row[columns.amounts.net]) === undefined).length,
      };
    });
}

/** The SKUs that sold for most come first. What a canceled order was charged lowers its SKUs' net and profit. */
function skuFigures(lines: readonly Line[]): SkuFigures[] {
  const bySku = Map.groupBy(lines, ({ sku }) => sku);
  return [...bySku]
    .filter(([, ofSku]) => ofSku.some((line) => !line.isCanceled))
    .sort(([a], [b]) => a.localeCompare(b, 'en'))
    .map(([, ofSku]) => {
      const sold = ofSku.filter((line) => !line.isCanceled);
      const total = (pick: (line: Line) => number | undefined, of = sold) =>
        of.reduce((sum, line) => sum + (pick(line) ?? 0), 0);
      const profit = total((line) => line.profit, ofSku);
      return {
        sku: textOf(sold[0]?.row['sku']) || '(no SKU)',
        item: textOf(sold[0]?.row['item_name']),
        units: total(({ row }) => numberOf(row['quantity'])),
        returned: total(({ row }) => numberOf(row['returned_quantity'])),
        goods: total(({ row }) => numberOf(row['line_total'])),
        net: total((line) => line.net, ofSku),
        cost: total((line) => line.cost),
        profit,
        margin: ratio(
          profit,
          total((line) => line.pricedGoods),
        ),
      };
    })
    .sort((a, b) => b.goods - a.goods);
}

function missingSkus(lines: readonly Line[]): SummaryValues['missing'] {
  const missing = new Set(lines.filter(({ cost }) => cost === undefined).map(({ sku }) => sku));
  return [...missing]
    .sort((a, b) => a.localeCompare(b, 'en'))
    .map((sku) => {
      const ofSku = lines.filter((line) => line.sku === sku && !line.isCanceled);
      return {
        sku: textOf(ofSku[0]?.row['sku']) || '(no SKU)',
        item: textOf(ofSku[0]?.row['item_name']),
        units: ofSku.reduce((sum, { row }) => sum + (numberOf(row['quantity']) ?? 0), 0),
      };
    });
}

/** The newest first, by minute; of one minute that of the later tab and row. */
function newestOrders(book: Book, columns: BookColumns, lines: readonly Line[]): OrderFigures[] {
  const placed = book.orders.flatMap((rows, tab) => rows.map((row, at) => ({ row, tab, at })));
  return placed
    .filter(({ row }) => isInScope(book, row) && dayOf(row) >= book.from && dayOf(row) <= book.to)
    .sort((a, b) => minuteOf(b.row) - minuteOf(a.row) || b.tab - a.tab || b.at - a.at)
    .slice(0, 50)
    .map(({ row }) => {
      const ofOrder = lines.filter((line) => line.row['order_sn'] === row['order_sn']);
      const isComplete = ofOrder.every(({ profit }) => profit !== undefined);
      const profit = isComplete ? ofOrder.reduce((sum, line) => sum + (line.profit ?? 0), 0) : undefined;
      const goods = numberOf(row[columns.amounts.goods]);
      return {
        sn: textOf(row['order_sn']),
        day: dayOf(row),
        status: textOf(row['order_status']),
        goods,
        shippingLoss: numberOf(row[columns.amounts.shippingLoss]),
        net: numberOf(row[columns.amounts.net]),
        cost: ofOrder.reduce((sum, line) => sum + (line.cost ?? 0), 0),
        profit,
        margin: profit === undefined || goods === undefined ? undefined : ratio(profit, goods),
      };
    });
}

function toLine(costs: readonly CostRow[], row: BookRow): Line {
  const day = dayOf(row);
  const cost = costOf(costs, row, day);
  const net = numberOf(row['net_share']);
  const profit = cost === undefined || net === undefined ? undefined : net - cost;
  return {
    row,
    day,
    sku: textOf(row['sku']).toUpperCase(),
    isCanceled: isCanceled(row),
    cost,
    net,
    profit,
    pricedGoods: profit === undefined || isCanceled(row) ? 0 : (numberOf(row['line_total']) ?? 0),
  };
}

/** What the units cost that the buyer kept or that cannot be sold again; undefined when that is not known. */
function costOf(costs: readonly CostRow[], row: BookRow, day: number): number | undefined {
  if (isCanceled(row)) return 0;
  const quantity = numberOf(row['quantity']);
  if (quantity === undefined) return undefined;
  const sku = textOf(row['sku']).toUpperCase();
  const candidates = costs.filter(
    (one) =>
      !isBlank(one.sku) &&
      textOf(one.sku).toUpperCase() === sku &&
      (isBlank(one.validFrom) || typeof one.validFrom === 'number'),
  );
  const from = (one: CostRow) => Math.floor(numberOf(one.validFrom) ?? 0);
  const valid = candidates
    .filter((one) => from(one) <= day)
    .reduce<CostRow | undefined>((best, one) => (best === undefined || from(one) > from(best) ? one : best), undefined);
  const isResellable = textOf(valid?.resellable).toUpperCase() !== 'NO';
  const returned = isResellable ? (numberOf(row['returned_quantity']) ?? 0) : 0;
  const units = quantity - (numberOf(row['cancelled_quantity']) ?? 0) - returned;
  if (units === 0) return 0;
  const unitCost = sku === '' ? undefined : numberOf(valid?.unitCost);
  return unitCost === undefined ? undefined : units * unitCost;
}

function isInScope({ shopId, currency }: Book, row: BookRow): boolean {
  const status = row['order_status'];
  return (
    row['currency'] === currency &&
    (shopId === '' || textOf(row['shop_id']) === shopId) &&
    status !== 'UNPAID' &&
    status !== 'REMOVED' &&
    typeof row['create_time'] === 'number'
  );
}

function isCanceled(row: BookRow): boolean {
  return row['order_status'] === 'CANCELLED';
}

function isUsable({ unitCost, validFrom }: CostRow): boolean {
  return typeof unitCost === 'number' && (isBlank(validFrom) || typeof validFrom === 'number');
}

function isBlank(cell: BookCell): boolean {
  return cell === undefined || cell === '';
}

function dayOf(row: BookRow): number {
  return Math.floor(numberOf(row['create_time']) ?? 0);
}

function minuteOf(row: BookRow): number {
  return Math.round((numberOf(row['create_time']) ?? 0) * 1440);
}

function sumOf(rows: readonly BookRow[], id: string): number {
  return rows.reduce((sum, row) => sum + (numberOf(row[id]) ?? 0), 0);
}

function numberOf(cell: BookCell): number | undefined {
  return typeof cell === 'number' ? cell : undefined;
}

function textOf(cell: BookCell): string {
  return cell === undefined ? '' : String(cell);
}

function ratio(part: number, whole: number): number | undefined {
  return whole === 0 ? undefined : part / whole;
}

const dayMs = 86_400_000;
/** Days between the sheet's day 0 and 1970-01-01. */
const epochDay = 25_569;

/** The first day of the month that a day is in, or of one before or after it. */
export function startOfMonth(day: number, months: number): number {
  const date = new Date((day - epochDay) * dayMs);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + months, 1) / dayMs + epochDay;
}
