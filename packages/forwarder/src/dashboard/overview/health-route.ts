import type { HealthChecks, HttpServer } from '@shopee-webhook/runtime';
import { z } from 'zod';

/** GET /api/health: what GET /health shows to this machine only. */
export async function healthRoute(app: HttpServer, { health }: { health: HealthChecks }): Promise<void> {
  const schema = { tags: ['dashboard'], summary: 'Health checks', response: { 200: z.looseObject({}) } };
  app.get('/health', { schema }, async () => ({ ...health.report() }));
}
