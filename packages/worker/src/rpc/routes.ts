import { errorBody, HttpError, type HttpServer } from '@shopee-webhook/runtime';
import { verifyInternalRequest } from '@shopee-webhook/contracts';
import { workerRpc, type RpcResult, type RpcParams, type RpcMethod } from '@shopee-webhook/contracts/worker-rpc';
import { z } from 'zod';

/** What each verb does. */
export type RpcHandlers = {
  [Verb in RpcMethod]: (asked: RpcParams<Verb>) => Promise<RpcResult<Verb>>;
};

export interface RpcRoutesDeps {
  partnerKey: string;
  handlers: RpcHandlers;
}

const Params = z.object({ verb: z.string() });

/** POST /internal/<verb>: what the dashboard asks through the forwarder, which signs it. */
export async function rpcRoutes(app: HttpServer, { partnerKey, handlers }: RpcRoutesDeps): Promise<void> {
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
    if (!verifyInternalRequest({ timestamp, signature, body }, { partnerKey, now: Date.now() })) {
      throw new HttpError(401, 'unauthorized', 'not signed by the forwarder');
    }
    const { verb } = request.params;
    if (!isMethod(verb)) throw new HttpError(404, 'unknown_verb', 'the worker does not know this: is it older?');
    return callHandler(handlers, verb, body);
  });
}

async function callHandler(desk: RpcHandlers, verb: RpcMethod, body: string): Promise<unknown> {
  const { params, result } = workerRpc[verb];
  const parsed = z.looseObject({ verb: z.literal(verb), ask: params }).safeParse(tryParseJson(body));
  // The verb stands in the body too, or a request that was overheard could be sent again to another one.
  if (!parsed.success) throw new HttpError(400, 'bad_request', z.prettifyError(parsed.error));
  // The verb's own schema has just checked it, which TypeScript cannot follow over a union of verbs.
  const act = desk[verb] as (asked: unknown) => Promise<unknown>;
  return result.parse(await act(parsed.data.ask));
}

function isMethod(text: string): text is RpcMethod {
  return Object.hasOwn(workerRpc, text);
}

function tryParseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Told as what it lacks.
    return undefined;
  }
}
