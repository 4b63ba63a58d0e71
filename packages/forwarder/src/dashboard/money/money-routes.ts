import { HttpError, type HttpServer } from '@shopee-webhook/runtime';
import { Money, StatementView } from '@shopee-webhook/contracts/dashboard-api';
import { formatMoney } from '@shopee-webhook/shopee';
import { z } from 'zod';
import type { WorkerClient } from '../workers/worker-client.ts';
import type { MoneyReports } from './money-reports.ts';

export interface MoneyRoutesDeps {
  moneyReports: MoneyReports;
  workerClient: WorkerClient;
}

const tags = ['dashboard'];
const params = z.object({
  shop: z.string().regex(/^\d+$/),
  month: z.string().regex(/^\d{4}-(?:0[1-9]|1[0-2])$/, 'must be a month such as 2026-11'),
});
/** The worker reads the whole sheet. */
const timeoutMs = 120_000;
const workbookType = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet';

/** GET /api/money and /api/statements: what does not agree, and what a month brought. */
export async function moneyRoutes(app: HttpServer, { moneyReports, workerClient }: MoneyRoutesDeps): Promise<void> {
  const money = { tags, summary: 'Payouts and wallets', response: { 200: Money } };
  app.get('/money', { schema: money }, async () => moneyReports.view());

  const statement = { tags, summary: 'A month’s statement of a shop', params, response: { 200: StatementView } };
  app.get('/statements/:shop/:month', { schema: statement }, async ({ params: requested }) => {
    const { statements } = await workerClient.call('statement', { ...requested, file: false }, timeoutMs);
    return {
      statements: statements.map(({ currency, lines }) => ({
        currency,
        lines: lines.map(({ amount, ...line }) => ({
          ...line,
          text: amount === null ? null : formatMoney(amount, currency),
        })),
      })),
    };
  });

  const file = { tags, summary: 'A month’s statement of a shop as an Excel workbook', params };
  app.get('/statements/:shop/:month/file', { schema: file }, async ({ params: requested }, reply) => {
    const { fileName, base64 } = await workerClient.call('statement', { ...requested, file: true }, timeoutMs);
    if (base64 === null) {
      throw new HttpError(404, 'nothing_to_state', 'Nothing was paid out in that month, and the wallet did not move');
    }
    return reply
      .header('content-disposition', `attachment; filename="${fileName}"`)
      .type(workbookType)
      .send(Buffer.from(base64, 'base64'));
  });
}
