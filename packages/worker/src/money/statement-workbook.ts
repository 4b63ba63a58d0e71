import writeExcelFile, { type Cell, type SheetData } from 'write-excel-file/node';
import { currencyDecimals, incomeIds, incomeLabel, timeZoneOf } from '@shopee-webhook/shopee';
import { serialDate } from '@shopee-webhook/sheets';
import { type Statement, type StatementLine } from './statement.ts';

/** A column of a list in the workbook. */
interface ListColumn<Row> {
  header: string;
  /** Characters. */
  width: number;
  kind: 'text' | 'amount' | 'date';
  of: (row: Row) => string | number | undefined;
}

type StatementOrder = Statement['orders'][number];
type StatementTransaction = Statement['transactions'][number];
type StatementReturn = Statement['returns'][number];

const headerStyle = { fontWeight: 'bold', backgroundColor: '#1f3a4d', textColor: '#ffffff' } as const;

const orderColumns: readonly ListColumn<StatementOrder>[] = [
  { header: 'Order SN', width: 20, kind: 'text', of: ({ orderSn }) => orderSn },
  { header: 'Status', width: 14, kind: 'text', of: ({ status }) => status },
  { header: 'Created', width: 17, kind: 'date', of: ({ createdAt }) => createdAt },
  { header: 'Paid out at', width: 17, kind: 'date', of: ({ releasedAt }) => releasedAt },
  ...incomeIds.map((id): ListColumn<StatementOrder> => ({
    header: incomeLabel(id),
    width: 14,
    kind: 'amount',
    of: ({ amounts }) => amounts[id],
  })),
];

const walletColumns: readonly ListColumn<StatementTransaction>[] = [
  { header: 'Time', width: 17, kind: 'date', of: ({ at }) => at },
  { header: 'Kind', width: 14, kind: 'text', of: ({ kind }) => kind },
  { header: 'Type', width: 28, kind: 'text', of: ({ type }) => type },
  { header: 'Amount', width: 14, kind: 'amount', of: ({ amount }) => amount },
  { header: 'Balance', width: 14, kind: 'amount', of: ({ balance }) => balance },
  { header: 'Unexplained', width: 14, kind: 'amount', of: ({ gap }) => gap },
  { header: 'Status', width: 14, kind: 'text', of: ({ status }) => status },
  { header: 'Order SN', width: 20, kind: 'text', of: ({ orderSn }) => orderSn },
  { header: 'Return SN', width: 20, kind: 'text', of: ({ returnSn }) => returnSn },
  { header: 'Withdrawal ID', width: 20, kind: 'text', of: ({ withdrawalId }) => withdrawalId },
  { header: 'Description', width: 50, kind: 'text', of: ({ description }) => description },
  // Its key is the shop's id, a colon, and Shopee's id.
  { header: 'Transaction ID', width: 22, kind: 'text', of: ({ id }) => id.replace(/^\d+:/, '') },
];

const returnColumns: readonly ListColumn<StatementReturn>[] = [
  { header: 'Return SN', width: 22, kind: 'text', of: ({ returnSn }) => returnSn },
  { header: 'Order SN', width: 20, kind: 'text', of: ({ orderSn }) => orderSn },
  { header: 'Status', width: 14, kind: 'text', of: ({ status }) => status },
  { header: 'Refund', width: 14, kind: 'amount', of: ({ refund }) => refund },
  { header: 'Compensation', width: 14, kind: 'amount', of: ({ compensation }) => compensation },
  { header: 'Return shipping paid by', width: 24, kind: 'text', of: ({ shippingPayer }) => shippingPayer },
];

/**
 * A workbook (`.xlsx`) with the statements and, of each, the rows behind it. Texts and ids are written as texts, so that
 * none becomes a formula or a rounded number; dates are those of the shop's zone.
 */
export async function statementWorkbook(statements: readonly Statement[]): Promise<Buffer> {
  const isOne = statements.length === 1;
  const sheets = statements.flatMap((statement) => {
    const name = (title: string) => (isOne ? title : `${title} ${statement.currency}`);
    return [
      {
        sheet: name('Statement'),
        data: summaryData(statement),
        columns: [{ width: 44 }, { width: 18 }, { width: 60 }],
      },
      listSheet(name('Orders'), statement, statement.orders, orderColumns),
      listSheet(name('Wallet'), statement, statement.transactions, walletColumns),
      listSheet(name('Returns'), statement, statement.returns, returnColumns),
    ];
  });
  return await writeExcelFile(sheets).toBuffer();
}

function summaryData(statement: Statement): SheetData {
  const { shop, shopId, month, currency, region } = statement;
  const fact = (label: string, value: string): Cell[] => [text(label, { fontWeight: 'bold' }), text(value)];
  return [
    fact('Shop', `${shop} (${shopId})`),
    fact('Month', `${month}, by release date, ${timeZoneOf(region)}`),
    fact('Currency', currency),
    [],
    ...statement.lines.map((line) => summaryRow(line, currency)),
    [],
    [text('Positive amounts are the seller’s. – is not known.')],
  ];
}

function summaryRow({ label, amount, kind, note }: StatementLine, currency: string): Cell[] {
  const style = kind === 'amount' ? {} : ({ fontWeight: 'bold' } as const);
  if (kind === 'section') return [text(label, style)];
  return [
    text(label, style),
    amount === undefined ? text('–', { align: 'right' }) : money(amount, currency, style),
    text(note),
  ];
}

function listSheet<Row>(
  sheet: string,
  statement: Statement,
  rows: readonly Row[],
  columns: readonly ListColumn<Row>[],
) {
  const zone = timeZoneOf(statement.region);
  const cell = ({ kind, of }: ListColumn<Row>, row: Row): Cell => {
    const value = of(row);
    if (value === undefined) return null;
    if (typeof value === 'string' || kind === 'text') return text(String(value));
    return kind === 'amount' ? money(value, statement.currency) : date(value, zone);
  };
  return {
    sheet,
    data: [
      columns.map(({ header }) => text(header, headerStyle)),
      ...rows.map((row) => columns.map((column) => cell(column, row))),
    ],
    columns: columns.map(({ width }) => ({ width })),
    stickyRowsCount: 1,
  };
}

/** A text stays one: its cell is of the type String, whatever it begins with. */
function text(value: string | undefined, style: object = {}): Cell {
  return value === undefined || value === '' ? null : { value: printable(value), type: String, format: '@', ...style };
}

/** XML has no place for control characters. */
function printable(value: string): string {
  return value.toWellFormed().replace(/[^\P{Cc}\t\n\r]/gu, '');
}

function money(value: number, currency: string, style: object = {}): Cell {
  return { value, type: Number, format: currencyDecimals(currency) === 0 ? '#,##0' : '#,##0.00', ...style };
}

/** A moment (unix seconds) as the shop's clock shows it: a spreadsheet knows no zones. */
function date(seconds: number, zone: string): Cell {
  return { value: serialDate(seconds, zone), type: Number, format: 'yyyy-mm-dd hh:mm' };
}
