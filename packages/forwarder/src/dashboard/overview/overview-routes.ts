import { type HttpServer, systemClock } from '@shopee-webhook/runtime';
import { z } from 'zod';
import type { HistoryClient } from '@shopee-webhook/history';
import { ChartRange, Charts, Overview } from '@shopee-webhook/contracts/dashboard-api';
import { buildCharts } from './charts.ts';
import type { OverviewBuilder } from './overview.ts';

/** GET /api/overview and /api/charts. */
export async function overviewRoutes(
  app: HttpServer,
  { overview, history }: { overview: OverviewBuilder; history: HistoryClient },
): Promise<void> {
  const tags = ['dashboard'];
  const schema = { tags, summary: 'Overview', response: { 200: Overview } };
  app.get('/overview', { schema }, async () => overview.overview());

  const charts = {
    tags,
    summary: 'Metrics over time',
    querystring: z.object({ range: ChartRange.default('1h') }),
    response: { 200: Charts },
  };
  app.get('/charts', { schema: charts }, async ({ query }) => buildCharts(history, query.range, systemClock.wallMs()));
}
