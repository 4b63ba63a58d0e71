import {
  columnName,
  derivedSheetId,
  formulaRequest,
  quoteTitle,
  textRequest,
  type SheetsRequest,
} from '@shopee-webhook/sheets';
import { amountColumnIds, feeColumnIds } from './summary-columns.ts';

/** A tab that formulas refer to. */
export interface FormulaTab {
  title: string;
  header: { positions: ReadonlyMap<string, number> };
}

export interface SummaryInputs {
  orders: readonly FormulaTab[];
  items: readonly FormulaTab[];
  summaryTitle: string;
  costsTitle: string;
  dataTitle: string;
}

export const dataSheetId = derivedSheetId(10);

/** How many of the newest orders are listed with their profit. */
export const listedOrders = 50;
const shortCapacity = 100;

/** Where the scalars stand in column A of the tab: one below the other. */
const scalars = ['shop', 'currency', 'from', 'to', 'costRows', 'skuRows', 'shopLength'] as const;
type Scalar = (typeof scalars)[number];

/** Columns of the tab that are there once, in this order from column B on. */
const single = [
  'costSku', 'costCode', 'unitCost', 'resellable',
  'shopStarts', 'shopStack', 'shops', 'shopLabels', 'currencyStarts', 'currencyStack', 'currencies',
  'statusStarts', 'statusStack', 'statuses', 'skuStarts', 'skuStack', 'skus', 'skuGoods',
  'missingStarts', 'missingStack', 'missing',
] as const; // prettier-ignore
/** Columns that are there once for each tab of orders, all of a kind side by side… */
const perOrders = [
  'orderDay', 'orderMonth', 'orderStatus', 'shopIds', 'currencyCodes', 'statusCodes', 'newest', 'textAmounts',
] as const; // prettier-ignore
/** …and for each tab of lines. */
const perItems = [
  'lineDay', 'lineMonth', 'lineSku', 'cost', 'profit', 'pricedGoods', 'daysWithoutCost', 'skuCodes', 'missingCodes',
] as const; // prettier-ignore

type Single = (typeof single)[number];
type PerOrders = (typeof perOrders)[number];
type PerItems = (typeof perItems)[number];

/**
 * The hidden tab that Summary and Costs count on: for each row of Orders and Items its day, month and state, where it is
 * within the chosen shop and currency, and what the goods of a line cost. Its rows are those of the tab that they are about.
 */
export class SummaryData {
  readonly inputs: SummaryInputs;
  readonly #title: string;

  constructor(inputs: SummaryInputs) {
    this.inputs = inputs;
    this.#title = quoteTitle(inputs.dataTitle);
  }

  scalar(name: Scalar): string {
    return `${this.#title}!$A$${scalars.indexOf(name) + 1}`;
  }

  /** How many rows a tab has, as the columns about it. */
  #rows(kind: 'orders' | 'items', n: number): string {
    const before = scalars.length + (kind === 'items' ? this.inputs.orders.length : 0);
    return `${this.#title}!$A$${before + n + 1}`;
  }

  column(name: Single): string {
    return this.#whole(1 + single.indexOf(name));
  }

  /** A column about a tab of orders, exactly as long as the tab. */
  ofOrders(name: PerOrders, n: number): string {
    return this.#sized(this.#ordersAt(name, n), this.#rows('orders', n));
  }

  /** A column about a tab of lines, exactly as long as the tab. */
  ofItems(name: PerItems, n: number): string {
    return this.#sized(this.#itemsAt(name, n), this.#rows('items', n));
  }

  /** As much of a list as is filled. */
  get soldSkus(): { keys: string; goods: string } {
    const sized = (name: Single) => this.#sized(1 + single.indexOf(name), this.scalar('skuRows'));
    return { keys: sized('skus'), goods: sized('skuGoods') };
  }

  /** The numbers that tell the newest orders, of all tabs. */
  get newestOrders(): string {
    const [first, last] = [this.#ordersAt('newest', 0), this.#ordersAt('newest', this.inputs.orders.length - 1)];
    return `${this.#title}!$${columnName(first)}$1:$${columnName(last)}$${listedOrders}`;
  }

  /** How many SKUs can be listed; one that is sold in two tabs counts twice until the lists are put together. */
  get #skuCapacity(): number {
    return 1000 + 250 * (this.inputs.items.length - 1);
  }

  /** How many SKUs are beyond that. */
  get skusBeyond(): string {
    const { length } = this.inputs.items;
    const starts = columnName(1 + single.indexOf('skuStarts'));
    const last = this.#whole(this.#itemsAt('skuCodes', length - 1));
    return `MAX(0; ${this.#title}!$${starts}$${length} + COUNTIF(${last}; "?*") - ${this.#skuCapacity})`;
  }

  /** How many cells of amounts hold a text, in all tabs. */
  get textAmounts(): string {
    const at = (n: number) => columnName(this.#ordersAt('textAmounts', n));
    return `SUM(${this.#title}!$${at(0)}$1:$${at(this.inputs.orders.length - 1)}$1)`;
  }

  /** All columns of a kind, as one block. */
  block(name: PerOrders | PerItems): string {
    const isOrders = isOneOf(perOrders, name);
    const count = isOrders ? this.inputs.orders.length : this.inputs.items.length;
    const at = isOrders ? this.#ordersAt(name, 0) : this.#itemsAt(name, 0);
    return `${this.#title}!$${columnName(at)}:$${columnName(at + count - 1)}`;
  }

  /** The cells of a list to choose from. */
  choices(name: 'shopLabels' | 'currencies'): string {
    const letter = columnName(1 + single.indexOf(name));
    return `${this.#title}!$${letter}$1:$${letter}$${shortCapacity + 1}`;
  }

  firstChoice(name: 'shopLabels' | 'currencies', otherwise: string): string {
    const first = `${this.#title}!$${columnName(1 + single.indexOf(name))}$1`;
    return `IF(${first} & "" = ""; "${otherwise}"; ${first})`;
  }

  get columnCount(): number {
    const { orders, items } = this.inputs;
    return 1 + single.length + perOrders.length * orders.length + perItems.length * items.length;
  }

  newTab(): SheetsRequest {
    const gridProperties = { rowCount: this.#skuCapacity, columnCount: this.columnCount };
    return {
      addSheet: { properties: { sheetId: dataSheetId, title: this.inputs.dataTitle, hidden: true, gridProperties } },
    };
  }

  /** More columns for more tabs; what stood in them is cleared, for each has moved. */
  wider(data: { gridProperties?: { columnCount?: number | null } | null }): SheetsRequest[] {
    const length = this.columnCount - (data.gridProperties?.columnCount ?? 0);
    const append = { appendDimension: { sheetId: dataSheetId, dimension: 'COLUMNS', length } };
    const clear = { repeatCell: { range: { sheetId: dataSheetId }, cell: {}, fields: 'userEnteredValue' } };
    return [...(length > 0 ? [append] : []), clear];
  }

  requests(): SheetsRequest[] {
    const scalarCells = this.#scalarFormulas().map((text, row) => ({ row, column: 0, text }));
    const singleCells = this.#singleFormulas();
    const { orders, items } = this.inputs;
    const orderCells = orders.flatMap((tab, n) =>
      perOrders.map((name) => ({ row: 0, column: this.#ordersAt(name, n), text: this.#orderFormula(name, tab, n) })),
    );
    const itemCells = items.flatMap((tab, n) =>
      perItems.map((name) => ({ row: 0, column: this.#itemsAt(name, n), text: this.#itemFormula(name, tab, n) })),
    );
    return [
      ...[...scalarCells, ...orderCells, ...itemCells].map((cell) => formulaRequest(dataSheetId, cell)),
      ...singleCells,
    ];
  }

  #ordersAt(name: PerOrders, n: number): number {
    return 1 + single.length + perOrders.indexOf(name) * this.inputs.orders.length + n;
  }

  #itemsAt(name: PerItems, n: number): number {
    const { orders, items } = this.inputs;
    return 1 + single.length + perOrders.length * orders.length + perItems.indexOf(name) * items.length + n;
  }

  #whole(at: number): string {
    return `${this.#title}!$${columnName(at)}:$${columnName(at)}`;
  }

  #sized(at: number, rows: string): string {
    const whole = this.#whole(at);
    return `INDEX(${whole}; 1):INDEX(${whole}; ${rows})`;
  }

  #scalarFormulas(): string[] {
    const { orders, items, summaryTitle } = this.inputs;
    const summary = quoteTitle(summaryTitle);
    const costSku = `${quoteTitle(this.inputs.costsTitle)}!$A:$A`;
    const byName: Record<Scalar, string> = {
      // The choice reads `700000001 · My shop`.
      shop: `=IF(${summary}!$B$3 = "${allShops}"; "x"; "x" & LEFT(${summary}!$B$3; FIND(" · "; ${summary}!$B$3 & " · ") - 1))`,
      // Of all shops nothing of an id is compared.
      shopLength: `=IF(${summary}!$B$3 = "${allShops}"; 0; 99)`,
      currency: `=${summary}!$D$3 & ""`,
      from: `=${summary}!$H$3`,
      to: `=${summary}!$J$3`,
      skuRows: `=MAX(1; COUNTIF(${this.column('skus')}; "?*"))`,
      costRows: `=MAX(1; SUMPRODUCT(MAX((${costSku} <> "") * ROW(${costSku}))))`,
    };
    const rows = [...orders, ...items].map(({ title }) => `=ROWS(${quoteTitle(title)}!$A:$A)`);
    return [...scalars.map((name) => byName[name]), ...rows];
  }

  #singleFormulas(): SheetsRequest[] {
    const { costsTitle } = this.inputs;
    const costs = (letter: string) => `${quoteTitle(costsTitle)}!$${letter}:$${letter}`;
    const once = (name: Single, text: string) =>
      formulaRequest(dataSheetId, { row: 0, column: 1 + single.indexOf(name), text });
    const unique = (name: Single, stack: Single) =>
      once(name, arrayOf(`IFERROR(SORT(UNIQUE(FILTER(${this.column(stack)}; ${this.column(stack)} <> ""))); "")`));
    const [sku, code] = [this.column('costSku'), this.column('costCode')];
    const { keys: skus } = this.soldSkus;
    return [
      // The heading is nobody's SKU.
      once('costSku', arrayOf(`IF(ROW(${costs('A')}) = 1; ""; UPPER(${costs('A')} & ""))`)),
      // Which SKU, by the row that names it first, and from which day on.
      once(
        'costCode',
        arrayOf(
          `IF((${sku} = "") + ISTEXT(${costs('D')}) * (${costs('D')} <> "") > 0; ""; ` +
            `XMATCH(${sku}; ${sku}) * 100000 + IF(ISNUMBER(${costs('D')}); INT(${costs('D')}); 0))`,
        ),
      ),
      once('unitCost', arrayOf(`IF((${code} <> "") * ISNUMBER(${costs('B')}); ${costs('B')}; "")`)),
      once('resellable', arrayOf(`IF(UPPER(${costs('E')} & "") = "NO"; 0; 1)`)),
      ...this.#stack('shopIds', 'shopStarts', 'shopStack', shortCapacity),
      unique('shops', 'shopStack'),
      this.#shopLabels(),
      // The last to choose.
      textRequest(dataSheetId, { row: shortCapacity, column: 1 + single.indexOf('shopLabels'), text: allShops }, false),
      ...this.#stack('currencyCodes', 'currencyStarts', 'currencyStack', shortCapacity),
      unique('currencies', 'currencyStack'),
      ...this.#stack('statusCodes', 'statusStarts', 'statusStack', shortCapacity),
      unique('statuses', 'statusStack'),
      ...this.#stack('skuCodes', 'skuStarts', 'skuStack', this.#skuCapacity),
      unique('skus', 'skuStack'),
      // No two are the same, so that each has a rank of its own.
      once(
        'skuGoods',
        arrayOf(
          `IF(${skus} = ""; ""; ${this.lines(
            (n) =>
              `SUMIF(${this.ofItems('lineSku', n)}; ${wildcardsEscaped(skus)}; ${this.source('items', n, 'line_total')})`,
          )} - ROW(${skus}) / 10000000000)`,
        ),
      ),
      ...this.#stack('missingCodes', 'missingStarts', 'missingStack', this.#skuCapacity),
      unique('missing', 'missingStack'),
    ];
  }

  /** `700000001 · My shop`: the name that stands first in Orders. */
  #shopLabels(): SheetsRequest {
    const shop = `$${columnName(1 + single.indexOf('shops'))}1`;
    const name = this.inputs.orders.reduceRight(
      (otherwise, _, n) =>
        `IFERROR(XLOOKUP(${shop}; ${this.source('orders', n, 'shop_id')}; ${this.source('orders', n, 'shop')}); ${otherwise})`,
      '""',
    );
    return this.#repeated('shopLabels', shortCapacity, `=IF(${shop} = ""; ""; ${shop} & " · " & ${name})`);
  }

  /** One formula in so many rows; its relative references count from its first row. */
  #repeated(name: Single, rowCount: number, formulaValue: string): SheetsRequest {
    const column = 1 + single.indexOf(name);
    return {
      repeatCell: {
        range: {
          sheetId: dataSheetId,
          startRowIndex: 0,
          endRowIndex: rowCount,
          startColumnIndex: column,
          endColumnIndex: column + 1,
        },
        cell: { userEnteredValue: { formulaValue } },
        fields: 'userEnteredValue',
      },
    };
  }

  /** A column of one of the sources. */
  source(kind: 'orders' | 'items', n: number, id: string): string {
    const tab = this.inputs[kind][n];
    const name = columnName(tab?.header.positions.get(id) ?? 0);
    return `${quoteTitle(tab?.title ?? '')}!$${name}:$${name}`;
  }

  /** The sum of an expression over all tabs of lines. */
  lines(expression: (n: number) => string): string {
    return this.inputs.items.map((_, n) => expression(n)).join(' + ') || '0';
  }

  /** The sum of an expression over all tabs of orders. */
  orders(expression: (n: number) => string): string {
    return this.inputs.orders.map((_, n) => expression(n)).join(' + ') || '0';
  }

  /** The filled cells of some columns, one column below the other: where each begins, and then the cells. */
  #stack(name: PerOrders | PerItems, starts: Single, stack: Single, capacity: number): SheetsRequest[] {
    const isOrders = isOneOf(perOrders, name);
    const count = isOrders ? this.inputs.orders.length : this.inputs.items.length;
    const at = isOrders ? this.#ordersAt(name, 0) : this.#itemsAt(name, 0);
    const startsAt = 1 + single.indexOf(starts);
    const letter = columnName(startsAt);
    const startCells = Array.from({ length: count }, (_, n) => ({
      row: n,
      column: startsAt,
      text: n === 0 ? '=0' : `=$${letter}$${n} + COUNTIF(${this.#whole(at + n - 1)}; "?*")`,
    }));
    const which = `MATCH(ROW() - 1; $${letter}$1:$${letter}$${Math.max(1, count)}; 1)`;
    const text = `=IFERROR(INDEX(${this.block(name)}; ROW() - INDEX($${letter}$1:$${letter}$${Math.max(1, count)}; ${which}); ${which}) & ""; "")`;
    return [...startCells.map((cell) => formulaRequest(dataSheetId, cell)), this.#repeated(stack, capacity, text)];
  }

  /** Whether each id of a column is the chosen shop's. */
  #ofShop(ids: string): string {
    return `("x" & LEFT(${ids} & ""; ${this.scalar('shopLength')}) = ${this.scalar('shop')})`;
  }

  #inScope(kind: 'orders' | 'items', n: number): string {
    const of = (id: string) => this.source(kind, n, id);
    const currency = this.scalar('currency');
    return (
      `(${of('currency')} = ${currency}) * ${this.#ofShop(of('shop_id'))} * ` +
      `(${of('order_status')} <> "UNPAID") * (${of('order_status')} <> "REMOVED") * ISNUMBER(${of('create_time')})`
    );
  }

  #orderFormula(name: PerOrders, _tab: FormulaTab, n: number): string {
    const of = (id: string) => this.source('orders', n, id);
    const day = this.ofOrders('orderDay', n);
    const status = this.ofOrders('orderStatus', n);
    const formulas: Record<PerOrders, () => string> = {
      orderDay: () => arrayOf(`IF(${this.#inScope('orders', n)}; INT(${of('create_time')}); "")`),
      orderMonth: () => arrayOf(monthOf(day)),
      orderStatus: () => arrayOf(this.#inPeriod(day, `IF(${of('order_status')} = ""; "?"; ${of('order_status')})`)),
      // Cells of amounts that hold a text: it counts as unknown.
      textAmounts: () =>
        `=${[...Object.values(amountColumnIds), ...feeColumnIds]
          .map((id) => `SUMPRODUCT(ISNUMBER(${day}) * ISTEXT(${of(id)}) * (${of(id)} <> ""))`)
          .join(' + ')}`,
      shopIds: () => arrayOf(`IFERROR(UNIQUE(FILTER(${of('shop_id')} & ""; ISNUMBER(${of('create_time')}))); "")`),
      currencyCodes: () =>
        arrayOf(
          `IFERROR(UNIQUE(FILTER(${of('currency')}; ISNUMBER(${of('create_time')}) * ` +
            `${this.#ofShop(of('shop_id'))})); "")`,
        ),
      statusCodes: () => arrayOf(`IFERROR(UNIQUE(FILTER(${status}; ${status} <> "")); "")`),
      // Minute, tab and row in one number, so that numbers alone tell which orders are the newest.
      newest: () =>
        arrayOf(
          `IFERROR(LARGE(IF(${status} <> ""; ROUND(${of('create_time')} * 1440; 0) * 67108864 + ${n * 1_048_576} + ` +
            `ROW(${day}); 0); SEQUENCE(${listedOrders})); 0)`,
        ),
    };
    return formulas[name]();
  }

  #inPeriod(day: string, value: string): string {
    return `IF(ISNUMBER(${day}) * (${day} >= ${this.scalar('from')}) * (${day} <= ${this.scalar('to')}); ${value}; "")`;
  }

  #itemFormula(name: PerItems, _tab: FormulaTab, n: number): string {
    const of = (id: string) => this.source('items', n, id);
    const [day, cost, sku] = [this.ofItems('lineDay', n), this.ofItems('cost', n), this.ofItems('lineSku', n)];
    const profit = this.ofItems('profit', n);
    const net = of('net_share');
    const formulas: Record<PerItems, () => string> = {
      lineDay: () => arrayOf(`IF(${this.#inScope('items', n)}; INT(${of('create_time')}); "")`),
      lineMonth: () => arrayOf(monthOf(day)),
      // The letter keeps a SKU of digits a text, and tells what a canceled order was for from what was sold.
      lineSku: () =>
        arrayOf(this.#inPeriod(day, `IF(${of('order_status')} = "CANCELLED"; "c"; "s") & UPPER(${of('sku')} & "")`)),
      cost: () => this.#costFormula(n),
      profit: () => arrayOf(`IF(ISNUMBER(${cost}) * ISNUMBER(${net}); ${net} - ${cost}; "")`),
      pricedGoods: () =>
        arrayOf(
          `IF(ISNUMBER(${profit}) * ISNUMBER(${of('line_total')}) * (${of('order_status')} <> "CANCELLED"); ${of('line_total')}; "")`,
        ),
      daysWithoutCost: () =>
        arrayOf(
          `IFERROR(LEFT(UNIQUE(FILTER(${day} & "|" & ${of('order_sn')}; ISNUMBER(${day}) * (${cost} = ""))); 5) * 1; "")`,
        ),
      skuCodes: () => arrayOf(`IFERROR(UNIQUE(FILTER(${sku}; LEFT(${sku}; 1) = "s")); "")`),
      missingCodes: () => arrayOf(`IFERROR(UNIQUE(FILTER(${sku}; (${sku} <> "") * (${cost} = ""))); "")`),
    };
    return formulas[name]();
  }

  /** What the goods of a line cost that the buyer kept, or that came back and cannot be sold again; '' when it is not known. */
  #costFormula(n: number): string {
    const of = (id: string) => this.source('items', n, id);
    const day = this.ofItems('lineDay', n);
    const costs = (name: 'costSku' | 'costCode' | 'unitCost' | 'resellable') =>
      `INDEX(${this.column(name)}; 1):INDEX(${this.column(name)}; ${this.scalar('costRows')})`;
    const code = costs('costCode');
    const units = `IF(${of('order_status')} = "CANCELLED"; 0; ${of('quantity')} - ${known(of('cancelled_quantity'))} - ${known(of('returned_quantity'))} * again)`;
    return arrayOf(
      [
        `LET(sku_row; XMATCH(UPPER(${of('sku')} & ""); ${costs('costSku')})`,
        `sku_code; sku_row * 100000 + ${day}`,
        `found; XLOOKUP(sku_code; ${code}; ${code}; 0; -1)`,
        `again; IFERROR(IF(INT(found / 100000) = sku_row; XLOOKUP(sku_code; ${code}; ${costs('resellable')}; 1; -1); 1); 1)`,
        `units; ${units}`,
        `unit; IF((${of('sku')} <> "") * (INT(found / 100000) = sku_row); XLOOKUP(sku_code; ${code}; ${costs('unitCost')}; ""; -1); "")`,
        `IF(ISNUMBER(${day}); IFERROR(IF(units = 0; 0; IFERROR(units * unit; "")); ""); ""))`,
      ].join('; '),
    );
  }
}

export const allShops = 'All shops';

/** A text as SUMIF finds it letter by letter. */
export function wildcardsEscaped(text: string): string {
  return `SUBSTITUTE(SUBSTITUTE(SUBSTITUTE(${text}; "~"; "~~"); "*"; "~*"); "?"; "~?")`;
}

function monthOf(day: string): string {
  return `IF(ISNUMBER(${day}); YEAR(${day}) * 12 + MONTH(${day}); "")`;
}

/** What is no number counts for nothing by itself, and spoils nothing beside it. */
function known(column: string): string {
  return `IF(ISNUMBER(${column}); ${column}; 0)`;
}

function arrayOf(text: string): string {
  return `=ARRAYFORMULA(${text})`;
}

function isOneOf<Name extends string>(names: readonly Name[], name: string): name is Name {
  return names.some((one) => one === name);
}
