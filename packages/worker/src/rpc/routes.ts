import { errorBody, HttpError, type HttpServer } from '@shopee-webhook/runtime';
import { verifyInternalRequest } from '@shopee-webhook/contracts';
import { workerRpc, type RpcResult, type RpcParams, type RpcMethod } from '@shopee-webhook/contracts/worker-rpc';
import { z } from 'zod';

/** A handler for each RPC method. */
export type RpcHandlers = {
  [Verb in RpcMethod]: (asked: RpcParams<Verb>) => Promise<RpcResult<Verb>>;
};

export interface RpcRoutesDeps {
  partnerKey: string;
  handlers: RpcHandlers;
}

const Params = z.object({ verb: z.string() });

/** POST /internal/<method>: RPC calls of the dashboard, signed by the forwarder. */
export async function rpcRoutes(app: HttpServer, { partnerKey, handlers }: RpcRoutesDeps): Promise<void> {
  // The signature covers the exact text: this scope does not parse bodies.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => done(null, body));
  const schema = {
    tags: ['internal'],
    summary: 'RPC of the dashboard (signed by the forwarder)',
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
    if (!isMethod(verb)) throw new HttpError(404, 'unknown_verb', 'method not supported by this worker version');
    return callHandler(handlers, verb, body);
  });
}

async function callHandler(desk: RpcHandlers, verb: RpcMethod, body: string): Promise<unknown> {
  const { params, result } = workerRpc[verb];
  const parsed = z.looseObject({ verb: z.literal(verb), ask: params }).safeParse(tryParseJson(body));
  // The method is part of the signed body, or an intercepted request could be replayed to another one.
  if (!parsed.success) throw new HttpError(400, 'bad_request', z.prettifyError(parsed.error));
  // Checked by the method's own schema, which TypeScript cannot follow over a union of methods.
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
    // The schema reports what is missing.
    return undefined;
  }
}
