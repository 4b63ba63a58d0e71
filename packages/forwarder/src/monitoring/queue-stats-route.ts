import { QueueStats } from '@shopee-webhook/contracts';
import type { HttpServer } from '@shopee-webhook/runtime';
import type { QueueStatsReader } from './queue-stats.ts';

/** GET /queue/stats: open to all, so it holds counters only, no personal data. */
export async function queueStatsRoute(
  app: HttpServer,
  { queueStats }: { queueStats: QueueStatsReader },
): Promise<void> {
  const schema = {
    tags: ['operation'],
    summary: 'Queue, spool and circuit breaker statistics',
    response: { 200: QueueStats },
  };
  app.get('/queue/stats', { schema }, async () => queueStats.read());
}
