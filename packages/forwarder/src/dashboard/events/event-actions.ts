import { HttpError, type HttpServer } from '@shopee-webhook/runtime';
import type { HistoryClient } from '@shopee-webhook/history';
import { DryRun, QueuedEvent } from '@shopee-webhook/contracts/dashboard-api';
import type { DeadLetters } from './dead-letters.ts';
import type { Reprocess } from './reprocess.ts';
import type { WorkerClient } from '../workers/worker-client.ts';
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
  const schema = { tags, summary: 'Reprocess an event', params: IdParam, response: { 200: QueuedEvent } };
  app.post('/events/:id/process', { schema }, async ({ params: { id } }) => {
    const found = await history.call('event', id);
    if (found === undefined) throw new HttpError(404, 'not_found', 'event not found');
    const { state } = found.event;
    if (state === 'waiting' || state === 'working' || state === 'retrying') {
      throw new HttpError(409, 'already_queued', 'already queued');
    }
    if (state === 'dead') {
      const { done } = await deadLetters.replayOrDiscard('replay', { ids: [id] }, () => undefined);
      if (done === 1) return { id };
    }
    if (found.push === undefined) {
      throw new HttpError(409, 'no_payload', 'the push is not stored here; refresh the order instead');
    }
    return reprocess.reprocess(id, found.push.text);
  });
  const dryRun = { tags, summary: 'Dry run of an event', params: IdParam, response: { 200: DryRun } };
  app.post('/events/:id/dry-run', { schema: dryRun }, async ({ params: { id } }) => {
    const payloadText = (await history.call('event', id))?.push?.text ?? (await deadPayload(deadLetters, id));
    if (payloadText === undefined) throw new HttpError(409, 'no_payload', 'the push is not stored here');
    return workerClient.call('dry-run', { id, payloadText });
  });
}

/** The push of a dead letter, which is stored with it. */
async function deadPayload(deadLetters: DeadLetters, id: string): Promise<string | undefined> {
  return (await deadLetters.one(id))?.payload ?? undefined;
}
