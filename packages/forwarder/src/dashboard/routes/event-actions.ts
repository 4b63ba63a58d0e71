import { HttpError, type HttpServer } from '@shopee-webhook/runtime';
import type { HistoryClient } from '../../history/history-client.ts';
import { DryRun, Queued } from '../api-types.ts';
import type { DeadLetters } from '../dead-letters.ts';
import type { Requeue } from '../requeue.ts';
import type { WorkerLink } from '../worker-link.ts';
import { IdParam } from './event-routes.ts';

export interface EventActionsParts {
  link: WorkerLink;
  history: HistoryClient;
  deadLetters: DeadLetters;
  requeue: Requeue;
}

const tags = ['dashboard'];

/** What is done with one event: handle it again, whatever became of it; see what that would write. */
export async function eventActions(app: HttpServer, parts: EventActionsParts): Promise<void> {
  const { history, deadLetters, requeue, link } = parts;
  const schema = { tags, summary: 'Handle an event again', params: IdParam, response: { 200: Queued } };
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
  const trial = { tags, summary: 'What handling an event would write', params: IdParam, response: { 200: DryRun } };
  app.post('/events/:id/dry-run', { schema: trial }, async ({ params: { id } }) => {
    const payloadText = (await history.call('event', id))?.push?.text ?? (await deadPayload(deadLetters, id));
    if (payloadText === undefined) throw new HttpError(409, 'no_payload', 'its push is not kept here');
    return link.ask('dry-run', { id, payloadText });
  });
}

/** The push of a dead letter, which is kept with it. */
async function deadPayload(deadLetters: DeadLetters, id: string): Promise<string | undefined> {
  return (await deadLetters.one(id))?.payload ?? undefined;
}
