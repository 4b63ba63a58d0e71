import { performance } from 'node:perf_hooks';
import type { HttpServer, Logger, Tracing } from '@shopee-webhook/runtime';
import { isVerification, MalformedPushError, parsePush, type Push } from '@shopee-webhook/shopee';
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { ResponseStats, PushOutcome } from '../monitoring/response-stats.ts';
import type { ReceivedPush } from '@shopee-webhook/history';
import type { IngestResult, PushIngest } from './push-ingest.ts';
import type { ForwarderMetrics } from '../monitoring/metrics.ts';
import type { PushVerifier, SignedRequest, VerificationResult } from './push-verifier.ts';
import { tracePush } from './push-trace.ts';
import type { Rejection, RejectedPushes } from './rejected-pushes.ts';

export interface WebhookDeps {
  verifier: PushVerifier;
  ingest: PushIngest;
  rejected: RejectedPushes;
  responseStats: ResponseStats;
  metrics: ForwarderMetrics;
  tracing?: Tracing | undefined;
  logger: Logger;
  /** How many keys a signature is compared with. */
  keys: number;
  /** Keeps an accepted push for people to look at; returns at once. */
  recordPush: (push: ReceivedPush) => void;
}

const maxBodyBytes = 1024 * 1024;
/** Longer than any verification push: nothing else is parsed before it is verified. */
const maxVerificationBytes = 1024;
const noBody = new Uint8Array(0);
const empty = z.undefined().describe('empty body');

const statusOf: Record<PushOutcome, number> = {
  queued: 200,
  spooled: 200,
  duplicate: 200,
  verification: 200,
  unauthorized: 401,
  bad: 400,
  'too-large': 413,
  unavailable: 503,
};

const schema = {
  tags: ['webhook'],
  summary: "Shopee's pushes",
  description:
    'Signed by Shopee: `Authorization` is the bare hex HMAC-SHA256 of `callback URL|raw body`. Every answer has an empty body, ' +
    'for Shopee counts a 200 with any content as a failed push.',
  consumes: ['application/json'],
  response: Object.fromEntries([...new Set(Object.values(statusOf))].map((status) => [status, empty])),
};

interface PushResponse {
  kind: PushOutcome;
  /** How long it took to make it durable. */
  persistMs?: number;
  code?: number | undefined;
  shop?: string | undefined;
  id?: string | undefined;
  /** Why it was refused, without anything from the body. */
  reason?: string | undefined;
  /** Refused, and without a signature. */
  isUnsigned?: boolean;
  hint?: string | undefined;
  /** The push, when it was accepted for the first time. */
  received?: Pick<ReceivedPush, 'text' | 'url' | 'signature'>;
}

/**
 * POST /webhook/shopee, as a plugin of its own, so that its parser, which leaves the body as the bytes that came, stays
 * here. Shopee waits 3 s, for chat messages 2 s, and sends again after 5, 30 and 180 minutes what was not answered 200.
 */
export async function webhookRoute(app: HttpServer, deps: WebhookDeps): Promise<void> {
  // Shopee does not document its Content-Type: whatever it says, also what is no media type at all, the body is bytes.
  app.addHook('onRequest', ({ raw }, _reply, done) => {
    raw.headers['content-type'] = 'application/octet-stream';
    done();
  });
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  app.setErrorHandler((error: FastifyError, request, reply) => onBodyError(error, { parts: deps, request, reply }));
  // Whatever stands in Shopee's console reaches the route: a redirect would lose the push, for Shopee follows none.
  for (const url of ['/webhook/shopee', '/webhook/shopee/']) {
    app.post(
      url,
      // The route's one line names the request itself: a child logger for each push would be made for nothing.
      {
        schema: { ...schema, hide: url.endsWith('/') },
        bodyLimit: maxBodyBytes,
        childLoggerFactory: (logger) => logger,
      },
      async (request, reply) => {
        const startedAt = performance.now();
        const response = await handle(request, deps);
        return send(reply, response, { parts: deps, startedAt });
      },
    );
  }
}

async function handle(request: FastifyRequest, deps: WebhookDeps): Promise<PushResponse> {
  const body = request.body instanceof Uint8Array ? request.body : noBody;
  // Its key may not exist yet: the console makes one on the page that cannot be saved before this is answered.
  if (isVerificationBody(body)) return { kind: 'verification', code: 0 };
  const signed = signedRequest(request, body);
  const verification = deps.verifier.verify(signed);
  if (!verification.genuine) {
    deps.rejected.record(toRejection(request, body, { status: 401, verification, keysTried: deps.keys }));
    const { reason, hint } = verification;
    return { kind: 'unauthorized', reason, hint, isUnsigned: reason === 'no-signature' };
  }
  const push = parseOrReject(request, body, deps);
  if (push === undefined) return { kind: 'bad', reason: 'not-a-push' };
  const startedAt = performance.now();
  const result: IngestResult = await deps.ingest.accept(push);
  const response = { ...result, keptMs: performance.now() - startedAt, code: push.code, shop: push.shopId };
  if (result.kind !== 'queued' && result.kind !== 'spooled') return response;
  return { ...response, received: { text: push.raw, url: verification.url, signature: signed.authorization } };
}

function send(
  reply: FastifyReply,
  response: PushResponse,
  { parts: deps, startedAt }: { parts: WebhookDeps; startedAt: number },
): FastifyReply {
  const ms = performance.now() - startedAt;
  deps.responseStats.record(response.kind, ms, { isForeign: response.isUnsigned });
  deps.metrics.recordResponse(response.kind, response.code, ms);
  const { kind: outcome, id, code, shop, reason, hint, received } = response;
  if (deps.tracing !== undefined) tracePush(deps.tracing, { ...response, ms, requestId: reply.request.id });
  if (received !== undefined && id !== undefined) deps.recordPush({ id, at: Date.now(), responseMs: ms, ...received });
  const facts = { id, code, shop, outcome, reason, hint, ms: Math.round(ms * 10) / 10, requestId: reply.request.id };
  if (outcome === 'unavailable') deps.logger.error(facts, 'push answered');
  else deps.logger.info(facts, 'push answered');
  return reply.code(statusOf[outcome]).header('content-length', '0').send();
}

/** Bodies that did not come in whole: too large, or broken off. */
function onBodyError(
  error: FastifyError,
  { parts: deps, request, reply }: { parts: WebhookDeps; request: FastifyRequest; reply: FastifyReply },
): FastifyReply {
  const status = error.statusCode ?? 500;
  if (status >= 500) deps.logger.error({ err: error }, 'push not handled');
  const kind: PushOutcome = status === 413 ? 'too-large' : status >= 500 ? 'unavailable' : 'bad';
  deps.rejected.record({
    ...toRejection(request, noBody, { status: statusOf[kind] }),
    reason: kind === 'too-large' ? 'too-large' : 'unreadable',
    detail: kind === 'too-large' ? tooLargeMessage(request) : error.code,
  });
  const isUnsigned = (request.headers.authorization ?? '') === '';
  return send(reply, { kind, reason: error.code, isUnsigned }, { parts: deps, startedAt: performance.now() });
}

/** Of the body nothing was kept: its size is what was announced, if it was. */
function tooLargeMessage(request: FastifyRequest): string {
  const announced = Number(request.headers['content-length']);
  return announced > maxBodyBytes ? `larger than 1 MiB: ${String(announced)} bytes` : 'larger than 1 MiB';
}

function parseOrReject(request: FastifyRequest, body: Uint8Array, deps: WebhookDeps): Push | undefined {
  try {
    return parsePush(body);
  } catch (error) {
    if (!(error instanceof MalformedPushError)) throw error;
    const rejection = toRejection(request, body, { status: 400, keysTried: deps.keys });
    deps.rejected.record({ ...rejection, reason: 'not-a-push', detail: error.message });
    return undefined;
  }
}

function isVerificationBody(body: Uint8Array): boolean {
  if (
    body.length > maxVerificationBytes ||
    !Buffer.from(body.buffer, body.byteOffset, body.length).includes('verify_info')
  )
    return false;
  try {
    const push = parsePush(body);
    return isVerification(push) && typeof push.data['verify_info'] === 'string';
  } catch (error) {
    if (error instanceof MalformedPushError) return false;
    throw error;
  }
}

function signedRequest(request: FastifyRequest, body: Uint8Array): SignedRequest {
  return { authorization: request.headers.authorization, body, path: request.url, headers: request.headers };
}

function toRejection(
  request: FastifyRequest,
  body: Uint8Array,
  more: { status: number; verification?: VerificationResult & { genuine: false }; keysTried?: number },
): Rejection {
  const { status, verification, keysTried } = more;
  return {
    status,
    reason: verification?.reason ?? 'unreadable',
    detail: verification?.hint,
    from: request.ip,
    forwardedFor: String(request.headers['x-forwarded-for'] ?? '') || undefined,
    userAgent: request.headers['user-agent'],
    authorization: request.headers.authorization,
    urlsTried: verification?.urls,
    keysTried,
    body,
  };
}
