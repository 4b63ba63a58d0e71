import type { RpcResult } from '@shopee-webhook/contracts/worker-rpc';
import type { TokenStore } from '@shopee-webhook/store';
import type { SheetReader } from '@shopee-webhook/sheets';
import { Book } from '../money/book.ts';
import { buildStatements } from '../money/statement.ts';
import { statementWorkbook } from '../money/statement-workbook.ts';

export interface StatementDeps {
  reader: Pick<SheetReader, 'readEntries' | 'getTimeZone'>;
  tokens: Pick<TokenStore, 'list'>;
  findSpreadsheet: (shopId: string) => string | undefined;
}

/** A shop's statement of a month, from the sheet as it is now; with the workbook when `file` is set. Throws GoogleError. */
export async function getStatement(
  { reader, tokens, findSpreadsheet }: StatementDeps,
  { shop: shopId, month, file }: { shop: string; month: string; file: boolean },
): Promise<RpcResult<'statement'>> {
  const fileName = `statement-${shopId}-${month}.xlsx`;
  const spreadsheetId = findSpreadsheet(shopId);
  if (spreadsheetId === undefined) return { fileName, statements: [], base64: null };
  const book = new Book(reader, spreadsheetId);
  const [orders, transactions, returns, shops] = await Promise.all([
    book.orders(),
    book.transactions(),
    book.returns(),
    tokens.list(),
  ]);
  const known = shops.find((one) => one.shopId === shopId);
  const region = known?.region ?? orders.find((order) => order.shopId === shopId)?.region ?? '';
  const shop = known?.shopName ?? shopId;
  const statements = buildStatements({ shopId, shop, region, month, orders, transactions, returns });
  return {
    fileName,
    statements: statements.map(({ currency, lines }) => ({
      currency,
      lines: lines.map(({ label, amount = null, kind, note = null }) => ({ label, amount, kind, note })),
    })),
    base64: file && statements.length > 0 ? (await statementWorkbook(statements)).toString('base64') : null,
  };
}
