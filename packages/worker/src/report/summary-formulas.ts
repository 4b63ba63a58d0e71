import { columnName, quoteTitle } from '@shopee-webhook/sheets';

/** A tab that formulas refer to. */
export interface FormulaTab {
  title: string;
  header: { row: number; positions: ReadonlyMap<string, number> };
}

/**
 * The formulas of the tabs Summary and Costs. They live in the sheet and need nobody to feed them. Written so that they
 * mean the same in every language of a spreadsheet: arguments are parted by `;`, which all accept, and there are no
 * array literals and no decimal numbers, whose signs differ. References follow when columns or tabs are moved or renamed.
 */
export interface SummaryInputs {
  orders: readonly FormulaTab[];
  items: readonly FormulaTab[];
  /** Title of the tab Costs; its columns A and B are SKU and unit cost. */
  costsTitle: string;
}

/** Fees that Shopee takes from the seller, by column id of Orders, as the table of fees lists them. */
export const feeColumnIds = [
  'commission_fee',
  'service_fee',
  'seller_transaction_fee',
  'order_ams_commission_fee',
  'campaign_fee',
  'seller_order_processing_fee',
] as const;

/** What a table shows instead of its first row while it has none. */
export const noOrders = 'No orders yet';
export const noItems = 'No items yet';

const counted = `<> 'CANCELLED' and Col2 <> 'UNPAID'`;

/** Day, orders, sales, fees, net, fee share, cost of goods, profit, margin; the newest day first. */
export function perDayFormula(sources: SummaryInputs): string {
  const unlabelled = labels(['count(Col2)', 'sum(Col3)', 'sum(Col4)', 'sum(Col5)', 'sum(Col6)']);
  return guarded(noOrders, [
    ...orderNames(sources),
    ...costNames(sources),
    ['order_cost', 'IF(has_net; IFNA(VLOOKUP(order_ids; cost_table; 2; FALSE); 0); 0)'],
    [
      'per_day',
      `QUERY(HSTACK(IF(LEN(created_at); INT(created_at); ); states; sales; fees; net; order_cost); ` +
        `"select Col1, count(Col2), sum(Col3), sum(Col4), sum(Col5), sum(Col6) where Col1 is not null and Col2 ${counted} ` +
        `group by Col1 order by Col1 desc limit 400 ${unlabelled}"; 0)`,
    ],
    ['day_sales', 'CHOOSECOLS(per_day; 3)'],
    ['day_profit', 'CHOOSECOLS(per_day; 5) - CHOOSECOLS(per_day; 6)'],
    'HSTACK(CHOOSECOLS(per_day; 1; 2; 3; 4; 5); IF(day_sales = 0; ; CHOOSECOLS(per_day; 4) / day_sales); ' +
      'CHOOSECOLS(per_day; 6); day_profit; IF(day_sales = 0; ; day_profit / day_sales))',
  ]);
}

/** Status, orders, sales. */
export function perStatusFormula(sources: SummaryInputs): string {
  return guarded(noOrders, [
    ...orderNames(sources),
    `QUERY(HSTACK(states; sales); "select Col1, count(Col1), sum(Col2) where Col1 is not null and Col1 <> '' ` +
      `group by Col1 order by count(Col1) desc ${labels(['count(Col1)', 'sum(Col2)'])}"; 0)`,
  ]);
}

/** SKU, item, units, sales of the twenty that sold for most. */
export function topSkusFormula({ items }: SummaryInputs): string {
  const column = (id: string) => columnOf(items, id);
  return guarded(noItems, [
    `QUERY(HSTACK(${column('sku')}; ${column('order_status')}; ${column('item_name')}; IFERROR(${column('quantity')} * 1; 0); ` +
      `IFERROR(${column('line_total')} * 1; 0)); "select Col1, max(Col3), sum(Col4), sum(Col5) where Col1 is not null and Col1 <> '' ` +
      `and Col2 ${counted} group by Col1 order by sum(Col5) desc limit 20 ` +
      `${labels(['max(Col3)', 'sum(Col4)', 'sum(Col5)'])}"; 0)`,
  ]);
}

/** The sum of one of the fees over all orders that count. */
export function feeFormula({ orders }: SummaryInputs, columnId: string): string {
  const sums = orders.map((tab) => {
    const states = rangeOf(tab, 'order_status');
    return `SUMIFS(${rangeOf(tab, columnId)}; ${states}; "<>CANCELLED"; ${states}; "<>UNPAID")`;
  });
  return `=${sums.join(' + ')}`;
}

/** A warning when amounts of several currencies would be added up; else nothing. */
export function currencyFormula({ orders }: SummaryInputs): string {
  const currency = columnOf(orders, 'currency');
  return `=IF(COUNTUNIQUE(${currency}) > 1; "Orders in several currencies are added up as if they were one."; "")`;
}

/** Order, day, sales, net, cost of goods, profit, margin of the 500 newest orders whose net is known. */
export function perOrderFormula(sources: SummaryInputs): string {
  return guarded('No settled orders yet', [
    ...orderNames(sources),
    ...costNames(sources),
    [
      'recent',
      'QUERY(HSTACK(order_ids; states; created_at; sales; net; has_net * 1); ' +
        `"select Col1, Col3, Col4, Col5 where Col1 is not null and Col6 = 1 and Col2 ${counted} order by Col3 desc limit 500"; 0)`,
    ],
    ['recent_cost', 'IFNA(VLOOKUP(CHOOSECOLS(recent; 1); cost_table; 2; FALSE); 0)'],
    ['recent_sales', 'CHOOSECOLS(recent; 3)'],
    ['recent_profit', 'CHOOSECOLS(recent; 4) - recent_cost'],
    'HSTACK(recent; recent_cost; recent_profit; IF(recent_sales = 0; ; recent_profit / recent_sales))',
  ]);
}

/** SKU, item and units of what was sold and has no cost yet; the most sold first. */
export function withoutCostFormula({ items, costsTitle }: SummaryInputs): string {
  const column = (id: string) => columnOf(items, id);
  const known = costColumn(costsTitle, 'A');
  return guarded('Every SKU has a cost', [
    `QUERY(HSTACK(${column('sku')}; ${column('item_name')}; IFERROR(${column('quantity')} * 1; 0); ` +
      `ISNA(XLOOKUP(${column('sku')}; ${known}; ${known})) * 1); "select Col1, max(Col2), sum(Col3) where Col1 is not null and Col1 <> '' ` +
      `and Col4 = 1 group by Col1 order by sum(Col3) desc limit 200 ${labels(['max(Col2)', 'sum(Col3)'])}"; 0)`,
  ]);
}

type Named = [name: string, value: string];

/** Names for the columns of Orders that several formulas begin with. */
function orderNames({ orders }: SummaryInputs): Named[] {
  const column = (id: string) => columnOf(orders, id);
  const [final, escrow] = [column('escrow_amount_after_adjustment'), column('escrow_amount')];
  return [
    ['order_ids', column('order_sn')],
    ['created_at', column('create_time')],
    ['states', column('order_status')],
    ['sales', `IFERROR(${column('total_amount')} * 1; 0)`],
    ['has_net', `LEN(${final}) + LEN(${escrow}) > 0`],
    ['net', `IFERROR(IF(LEN(${final}); ${final}; ${escrow}) * 1; 0)`],
    ['fees', `IFERROR(${feeColumnIds.map(column).join(' + ')}; 0)`],
  ];
}

/** The cost of each order's goods, as a table of two columns; SKUs without a cost count as 0. */
function costNames({ items, costsTitle }: SummaryInputs): Named[] {
  const column = (id: string) => columnOf(items, id);
  // Not VLOOKUP, for which the * of a SKU as `POSTER 10*15` stands for anything.
  const unitCost = `XLOOKUP(${column('sku')}; ${costColumn(costsTitle, 'A')}; ${costColumn(costsTitle, 'B')}; 0)`;
  const lineCost = `IFERROR(${column('quantity')} * ${unitCost}; 0)`;
  const query = `select Col1, sum(Col2) where Col1 is not null group by Col1 ${labels(['sum(Col2)'])}`;
  return [['cost_table', `QUERY(HSTACK(${column('order_sn')}; ${lineCost}); "${query}"; 0)`]];
}

/** One formula of named steps, the last of which has no name; shows `otherwise` where there is nothing to show. */
function guarded(otherwise: string, steps: readonly (Named | string)[]): string {
  const parts = steps.map((step) => (typeof step === 'string' ? step : `${step[0]}; ${step[1]}`));
  const body = steps.length === 1 ? parts.join('') : `LET(${parts.join('; ')})`;
  return `=ARRAYFORMULA(IFERROR(${body}; "${otherwise}"))`;
}

/** A column of all tabs of a kind, without the header. */
function columnOf(tabs: readonly FormulaTab[], id: string): string {
  const ranges = tabs.map((tab) => rangeOf(tab, id));
  return ranges.length === 1 ? (ranges[0] ?? '') : `VSTACK(${ranges.join('; ')})`;
}

function rangeOf({ title, header }: FormulaTab, id: string): string {
  const name = columnName(header.positions.get(id) ?? 0);
  return `${quoteTitle(title)}!$${name}$${String(header.row + 1)}:$${name}`;
}

/** A column of Costs with its heading, so that it also holds a row that the seller inserts right below that. */
function costColumn(costsTitle: string, name: string): string {
  return `${quoteTitle(costsTitle)}!$${name}$1:$${name}`;
}

/** Without it QUERY puts a row of headings above its answer. */
function labels(columns: readonly string[]): string {
  return `label ${columns.map((column) => `${column} ''`).join(', ')}`;
}
