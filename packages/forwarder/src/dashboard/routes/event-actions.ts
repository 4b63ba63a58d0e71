import { HttpError, type HttpServer } from '@shopee-webhook/runtime';
import type { HistoryClient } from '../../history/history-client.ts';
import { Queued } from '../api-types.ts';
import type { DeadLetters } from '../dead-letters.ts';
import type { Requeue } from '../requeue.ts';
import { IdParam } from './event-routes.ts';

export interface EventActionsParts {
  history: HistoryClient;
  deadLetters: DeadLetters;
  requeue: Requeue;
}

/** POST /api/events/:id/process: the event once more, whatever became of it. */
export async function eventActions(app: HttpServer, parts: EventActionsParts): Promise<void> {
  const { history, deadLetters, requeue } = parts;
  const schema = { tags: ['dashboard'], summary: 'Handle an event again', params: IdParam, response: { 200: Queued } };
  app.post('/events/:id/process', { schema }, async ({ params: { id } }) => {
    const found = await history.call('event', id);
    if (found === undefined) throw new HttpError(404, 'not_found', 'no event of that id is known (any more)');
    const { state } = found.event;
    if (state === 'waiting' || state === 'working' || state === 'retrying') {
      throw new HttpError(409, 'in_hand', 'it is on its way already');
    }
    if (state === 'dead') {
      const { done } = await deadLetters.decide('replay', { ids: [id] }, () => undefined);
      if (done === 1) return { id };
    }
    if (found.push === undefined) {
      throw new HttpError(409, 'no_payload', 'its push is not kept here: refresh its order in place of it');
    }
    return requeue.again(id, found.push.text);
  });
}
