import { errorBody, HttpError, type HttpServer, systemClock } from '@shopee-webhook/runtime';
import { verifyInternalRequest } from '@shopee-webhook/contracts';
import { workerRpc, type RpcResult, type RpcParams, type RpcMethod } from '@shopee-webhook/contracts/worker-rpc';
import { z } from 'zod';

/** A handler for each RPC method. */
export type RpcHandlers = {
  [Verb in RpcMethod]: (requested: RpcParams<Verb>) => Promise<RpcResult<Verb>>;
};

export interface RpcRoutesDeps {
  partnerKey: string;
  handlers: RpcHandlers;
}

const Params = z.object({ method: z.string() });

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
  app.post('/internal/:method', { schema }, async (request) => {
    const body = typeof request.body === 'string' ? request.body : '';
    const { 'x-forwarder-timestamp': timestamp, 'x-forwarder-signature': signature } = request.headers;
    if (!verifyInternalRequest({ timestamp, signature, body }, { partnerKey, now: systemClock.wallMs() })) {
      throw new HttpError(401, 'unauthorized', 'not signed by the forwarder');
    }
    const { method } = request.params;
    if (!isMethod(method)) throw new HttpError(404, 'unknown_method', 'method not supported by this worker version');
    return callHandler(handlers, method, body);
  });
}

async function callHandler(allHandlers: RpcHandlers, method: RpcMethod, body: string): Promise<unknown> {
  const { params, result } = workerRpc[method];
  const parsed = z.looseObject({ method: z.literal(method), params }).safeParse(tryParseJson(body));
  // The method is part of the signed body, or an intercepted request could be replayed to another one.
  if (!parsed.success) throw new HttpError(400, 'bad_request', z.prettifyError(parsed.error));
  // Checked by the method's own schema, which TypeScript cannot follow over a union of methods.
  const handle = allHandlers[method] as (input: unknown) => Promise<unknown>;
  return result.parse(await handle(parsed.data.params));
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
