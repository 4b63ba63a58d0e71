import type { HttpServer } from '@shopee-webhook/runtime';
import { QueueStatsBody, type QueueStatsReader } from './queue-stats.ts';

/** GET /queue/stats: open to all, so it holds figures only, no personal data. */
export async function queueStatsRoute(app: HttpServer, { reporter }: { reporter: QueueStatsReader }): Promise<void> {
  const schema = {
    tags: ['operation'],
    summary: 'Queue, spool and circuit breaker in figures',
    response: { 200: QueueStatsBody },
  };
  app.get('/queue/stats', { schema }, async () => reporter.report());
}
