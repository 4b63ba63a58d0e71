import type { HttpServer } from '@shopee-webhook/runtime';
import { z } from 'zod';
import type { HistoryClient } from '../../history/history-client.ts';
import { ChartRange, Charts, Overview } from '../api-types.ts';
import { chartsOf } from '../charts.ts';
import type { OverviewMaker } from '../overview.ts';

/** GET /api/overview and /api/charts. */
export async function overviewRoutes(
  app: HttpServer,
  { overview, history }: { overview: OverviewMaker; history: HistoryClient },
): Promise<void> {
  const tags = ['dashboard'];
  const schema = { tags, summary: 'Is every order in the sheet?', response: { 200: Overview } };
  app.get('/overview', { schema }, async () => overview.overview());

  const charts = {
    tags,
    summary: 'Figures over time',
    querystring: z.object({ range: ChartRange.default('1h') }),
    response: { 200: Charts },
  };
  app.get('/charts', { schema: charts }, async ({ query }) => chartsOf(history, query.range, Date.now()));
}
