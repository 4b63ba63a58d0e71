import type { IncomingMessage } from 'node:http';
import { type HttpServer, systemClock } from '@shopee-webhook/runtime';
import { isVerification, MalformedPushError, parsePush, type Push } from '@shopee-webhook/shopee';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { PushOutcome } from './response-stats.ts';
import { BodyError, type Admission } from './admission.ts';
import type { PushIngest } from './push-ingest.ts';
import type { PushObserver, PushResponse } from './push-observer.ts';
import { isSignature, type PushVerifier } from './push-verifier.ts';

export interface WebhookDeps {
  admission: Admission;
  verifier: PushVerifier;
  ingest: PushIngest;
  /** Called with each response once it is sent: statistics, history, logs. */
  observer: PushObserver;
}

const maxBodyBytes = 1024 * 1024;
/** Longer than any verification push: no more is read of what nobody signed. */
const maxUnsignedBytes = 1024;
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
    'Signed by Shopee: `Authorization` is the bare hex HMAC-SHA256 of `callback URL|raw body`. Every response has an empty ' +
    'body: Shopee counts a 200 with any content as a failed push.',
  consumes: ['application/json'],
  response: Object.fromEntries([...new Set(Object.values(statusOf))].map((status) => [status, empty])),
};

/**
 * POST /webhook/shopee, as a plugin of its own, so that its parser, which leaves the body as the bytes that came, stays
 * here. Shopee waits 3 s, for chat messages 2 s, and sends again after 5, 30 and 180 minutes what got no 200.
 */
export async function webhookRoute(app: HttpServer, deps: WebhookDeps): Promise<void> {
  const { admission, observer } = deps;
  const send = (request: FastifyRequest, reply: FastifyReply, startedAt: number, response: PushResponse) => {
    reply.code(statusOf[response.kind]).header('content-length', '0').send();
    observer.onResponse({
      request,
      response,
      status: statusOf[response.kind],
      ms: systemClock.monotonicMs() - startedAt,
    });
    return reply;
  };
  // The headers alone decide whether a body is read at all.
  app.addHook('onRequest', async (request, reply) => {
    // Shopee does not document its Content-Type: whatever it says, the body is bytes.
    request.raw.headers['content-type'] = 'application/octet-stream';
    const announced = Number(request.headers['content-length'] ?? 0);
    if (announced <= maxBytesFor(request)) return;
    await send(request, reply.header('connection', 'close'), systemClock.monotonicMs(), tooLarge(request, announced));
  });
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', (request: FastifyRequest, payload: IncomingMessage) =>
    admission.read(payload, maxBytesFor(request)),
  );
  app.setErrorHandler((error: Error, request, reply) =>
    send(request, reply.header('connection', 'close'), systemClock.monotonicMs(), toFailure(error, request)),
  );
  // Whatever stands in Shopee's console reaches the route: a redirect would lose the push, for Shopee follows none.
  for (const url of ['/webhook/shopee', '/webhook/shopee/']) {
    app.post(
      url,
      {
        schema: { ...schema, hide: url.endsWith('/') },
        bodyLimit: maxBodyBytes,
        // The observer's one line names the request itself: a child logger for each push would be made for nothing.
        childLoggerFactory: (logger) => logger,
      },
      async (request, reply) => {
        const startedAt = systemClock.monotonicMs();
        admission.enter();
        const response = await handle(request, deps).finally(() => admission.leave());
        return send(request, reply, startedAt, response);
      },
    );
  }
}

async function handle(request: FastifyRequest, { verifier, ingest }: WebhookDeps): Promise<PushResponse> {
  const body = request.body instanceof Uint8Array ? request.body : noBody;
  // Its key may not exist yet: the console makes one on the page that cannot be saved before this has its response.
  if (isVerificationBody(body)) return { kind: 'verification', code: 0 };
  const { authorization } = request.headers;
  const verification = verifier.verify({ authorization, body, path: request.url, headers: request.headers });
  if (!verification.valid) {
    const { reason, hint, urls } = verification;
    return { kind: 'unauthorized', reason, hint, urls, body };
  }
  const push = parse(body);
  if (push instanceof MalformedPushError) return { kind: 'bad', reason: 'not-a-push', error: push, body };
  const startedAt = systemClock.monotonicMs();
  const result = await ingest.accept(push);
  const persistMs = systemClock.monotonicMs() - startedAt;
  return { ...result, push, url: verification.url, persistMs, code: push.code, shop: push.shopId };
}

/** Shopee signs every push but the one that verifies the URL, and that is short. */
function maxBytesFor({ headers }: FastifyRequest): number {
  return isSignature(headers.authorization) ? maxBodyBytes : maxUnsignedBytes;
}

function tooLarge(request: FastifyRequest, announced: number | undefined): PushResponse {
  if (!isSignature(request.headers.authorization)) return { kind: 'unauthorized', reason: 'no-signature' };
  const size = announced === undefined ? '' : `: ${String(announced)} bytes`;
  return { kind: 'too-large', reason: 'too-large', error: new Error(`larger than 1 MiB${size}`) };
}

/** A body that was not read to its end, or a fault of ours. */
function toFailure(error: Error, request: FastifyRequest): PushResponse {
  if (error instanceof BodyError && error.kind === 'too-large') return tooLarge(request, undefined);
  const isAborted = error instanceof BodyError && error.kind === 'aborted';
  return { kind: isAborted ? 'bad' : 'unavailable', reason: 'unreadable', error };
}

function parse(body: Uint8Array): Push | MalformedPushError {
  try {
    return parsePush(body);
  } catch (error) {
    if (error instanceof MalformedPushError) return error;
    throw error;
  }
}

function isVerificationBody(body: Uint8Array): boolean {
  if (body.length > maxUnsignedBytes) return false;
  if (!Buffer.from(body.buffer, body.byteOffset, body.length).includes('verify_info')) return false;
  const push = parse(body);
  return !(push instanceof MalformedPushError) && isVerification(push) && typeof push.data['verify_info'] === 'string';
}
