import {
  errorBody,
  HttpError,
  isFromForwarder,
  workerApi,
  type HttpServer,
  type WorkerAnswers,
  type WorkerAsks,
  type WorkerVerb,
} from '@shopee-webhook/runtime';
import { z } from 'zod';

/** What each verb does. */
export type WorkerDesk = {
  [Verb in WorkerVerb]: (asked: WorkerAsks<Verb>) => Promise<WorkerAnswers<Verb>>;
};

export interface InternalRoutesOptions {
  partnerKey: string;
  desk: WorkerDesk;
}

const Params = z.object({ verb: z.string() });

/** POST /internal/<verb>: what the dashboard asks through the forwarder, which signs it. */
export async function internalRoutes(app: HttpServer, { partnerKey, desk }: InternalRoutesOptions): Promise<void> {
  // The signature is over the exact text: this scope keeps bodies as they come.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => done(null, body));
  const schema = {
    tags: ['internal'],
    summary: 'What the dashboard asks (signed by the forwarder)',
    params: Params,
    response: { 200: z.unknown(), 400: errorBody, 401: errorBody, 404: errorBody },
  };
  app.post('/internal/:verb', { schema }, async (request) => {
    const body = typeof request.body === 'string' ? request.body : '';
    const { 'x-forwarder-timestamp': timestamp, 'x-forwarder-signature': signature } = request.headers;
    if (!isFromForwarder({ timestamp, signature, body }, { partnerKey, now: Date.now() })) {
      throw new HttpError(401, 'unauthorized', 'not signed by the forwarder');
    }
    const { verb } = request.params;
    if (!isVerb(verb)) throw new HttpError(404, 'unknown_verb', 'the worker does not know this: is it older?');
    return answer(desk, verb, body);
  });
}

async function answer(desk: WorkerDesk, verb: WorkerVerb, body: string): Promise<unknown> {
  const { asks, answers } = workerApi[verb];
  const parsed = z.looseObject({ verb: z.literal(verb), ask: asks }).safeParse(parseOr(body));
  // The verb stands in the body too, or a request that was overheard could be sent again to another one.
  if (!parsed.success) throw new HttpError(400, 'bad_request', z.prettifyError(parsed.error));
  // The verb's own schema has just checked it, which TypeScript cannot follow over a union of verbs.
  const act = desk[verb] as (asked: unknown) => Promise<unknown>;
  return answers.parse(await act(parsed.data.ask));
}

function isVerb(text: string): text is WorkerVerb {
  return Object.hasOwn(workerApi, text);
}

function parseOr(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Told as what it lacks.
    return undefined;
  }
}
