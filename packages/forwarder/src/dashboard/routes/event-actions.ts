import { HttpError, type HttpServer } from '@shopee-webhook/runtime';
import type { HistoryClient } from '@shopee-webhook/history';
import { DryRun, QueuedEvent } from '@shopee-webhook/contracts/dashboard-api';
import type { DeadLetters } from '../dead-letters.ts';
import type { Reprocess } from '../reprocess.ts';
import type { WorkerClient } from '../worker-client.ts';
import { IdParam } from './event-routes.ts';

export interface EventActionsDeps {
  workerClient: WorkerClient;
  history: HistoryClient;
  deadLetters: DeadLetters;
  reprocess: Reprocess;
}

const tags = ['dashboard'];

/** What is done with one event: handle it again, whatever became of it; see what that would write. */
export async function eventActions(app: HttpServer, deps: EventActionsDeps): Promise<void> {
  const { history, deadLetters, reprocess, workerClient } = deps;
  const schema = { tags, summary: 'Handle an event again', params: IdParam, response: { 200: QueuedEvent } };
  app.post('/events/:id/process', { schema }, async ({ params: { id } }) => {
    const found = await history.call('event', id);
    if (found === undefined) throw new HttpError(404, 'not_found', 'no event of that id is known (any more)');
    const { state } = found.event;
    if (state === 'waiting' || state === 'working' || state === 'retrying') {
      throw new HttpError(409, 'in_hand', 'it is on its way already');
    }
    if (state === 'dead') {
      const { done } = await deadLetters.replayOrDiscard('replay', { ids: [id] }, () => undefined);
      if (done === 1) return { id };
    }
    if (found.push === undefined) {
      throw new HttpError(409, 'no_payload', 'its push is not kept here: refresh its order in place of it');
    }
    return reprocess.reprocess(id, found.push.text);
  });
  const dryRun = { tags, summary: 'What handling an event would write', params: IdParam, response: { 200: DryRun } };
  app.post('/events/:id/dry-run', { schema: dryRun }, async ({ params: { id } }) => {
    const payloadText = (await history.call('event', id))?.push?.text ?? (await deadPayload(deadLetters, id));
    if (payloadText === undefined) throw new HttpError(409, 'no_payload', 'its push is not kept here');
    return workerClient.call('dry-run', { id, payloadText });
  });
}

/** The push of a dead letter, which is kept with it. */
async function deadPayload(deadLetters: DeadLetters, id: string): Promise<string | undefined> {
  return (await deadLetters.one(id))?.payload ?? undefined;
}
