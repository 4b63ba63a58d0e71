import { HttpError, type HttpServer } from '@shopee-webhook/runtime';
import { z } from 'zod';
import { readSession } from '../session/auth.ts';
import type { SseBroadcaster } from './sse-broadcaster.ts';
import type { Login } from '../session/login.ts';

/** GET /api/live: live events (server-sent events); see LiveMessage. */
export async function liveRoute(app: HttpServer, deps: { broadcaster: SseBroadcaster; login: Login }): Promise<void> {
  const { broadcaster, login } = deps;
  const schema = {
    tags: ['dashboard'],
    summary: 'Live event stream',
    querystring: z.object({ after: z.string().max(40).optional() }),
  };
  app.get('/live', { schema }, async (request, reply) => {
    if (broadcaster.atCapacity) throw new HttpError(503, 'too_many_connections', 'too many live connections');
    const session = readSession(request);
    const lastEventId = [request.headers['last-event-id']].flat()[0] ?? request.query.after;
    reply.hijack();
    broadcaster.add(reply.raw, { lastEventId: lastEventId, isAllowed: () => login.isValid(session) });
  });
  // Before the server waits for its requests to end: these never do.
  app.addHook('preClose', async () => broadcaster.close());
}
