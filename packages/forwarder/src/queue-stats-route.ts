import type { HttpServer } from '@shopee-webhook/runtime';
import { queueReport, type QueueReporter } from './queue-report.ts';

/** GET /queue/stats: open to all, so it holds figures only, no personal data. */
export async function queueStatsRoute(app: HttpServer, { reporter }: { reporter: QueueReporter }): Promise<void> {
  const schema = {
    tags: ['operation'],
    summary: 'Queue, spool and circuit breaker in figures',
    response: { 200: queueReport },
  };
  app.get('/queue/stats', { schema }, async () => reporter.report());
}
