import { HttpError, type HttpServer } from '@shopee-webhook/runtime';
import { z } from 'zod';
import { sessionOf } from '../guard.ts';
import type { LiveWatchers } from '../live-watchers.ts';
import type { Login } from '../login.ts';

/** GET /api/live: what happens, as it happens (server-sent events); see LiveMessage. */
export async function liveRoute(app: HttpServer, parts: { live: LiveWatchers; login: Login }): Promise<void> {
  const { live, login } = parts;
  const schema = {
    tags: ['dashboard'],
    summary: 'What happens, as it happens',
    querystring: z.object({ after: z.string().max(40).optional() }),
  };
  app.get('/live', { schema }, async (request, reply) => {
    if (live.isFull) throw new HttpError(503, 'too_many_watchers', 'too many pages are open: close some');
    const session = sessionOf(request);
    const given = [request.headers['last-event-id']].flat()[0] ?? request.query.after;
    reply.hijack();
    live.add(reply.raw, { lastEventId: given, isAllowed: () => login.isOpen(session) });
  });
  // Before the server waits for its requests to end: these never do.
  app.addHook('preClose', async () => live.close());
}
