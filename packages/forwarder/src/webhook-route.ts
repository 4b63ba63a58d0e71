import { performance } from 'node:perf_hooks';
import type { HttpServer, Logger, Tracing } from '@shopee-webhook/runtime';
import { isVerification, NotAPushError, parsePush, type Push } from '@shopee-webhook/shopee';
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { AnswerCounts, AnswerKind } from './answer-counts.ts';
import type { ReceivedPush } from './history/rows.ts';
import type { Acceptance, Intake } from './intake.ts';
import type { ForwarderMetrics } from './metrics.ts';
import type { PushVerifier, SignedRequest, Verdict } from './push-verifier.ts';
import { tracePush } from './push-trace.ts';
import type { Refusal, RefusedPushes } from './refused-pushes.ts';

export interface WebhookParts {
  verifier: PushVerifier;
  intake: Intake;
  refused: RefusedPushes;
  answers: AnswerCounts;
  metrics: ForwarderMetrics;
  tracing?: Tracing | undefined;
  logger: Logger;
  /** How many keys a signature is compared with. */
  keys: number;
  /** Keeps an accepted push for people to look at; returns at once. */
  keepPush: (push: ReceivedPush) => void;
}

const maxBodyBytes = 1024 * 1024;
/** Longer than any verification push: nothing else is parsed before it is verified. */
const verificationBytes = 1024;
const noBody = new Uint8Array(0);
const empty = z.undefined().describe('empty body');

const statusOf: Record<AnswerKind, number> = {
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

interface Answer {
  kind: AnswerKind;
  /** How long it took to make it durable. */
  keptMs?: number;
  code?: number | undefined;
  shop?: string | undefined;
  id?: string | undefined;
  /** Why it was refused, without anything from the body. */
  reason?: string | undefined;
  /** Refused, and without a signature. */
  isForeign?: boolean;
  hint?: string | undefined;
  /** The push, when it was accepted for the first time. */
  received?: Pick<ReceivedPush, 'text' | 'url' | 'signature'>;
}

/**
 * POST /webhook/shopee, as a plugin of its own, so that its parser, which leaves the body as the bytes that came, stays
 * here. Shopee waits 3 s, for chat messages 2 s, and sends again after 5, 30 and 180 minutes what was not answered 200.
 */
export async function webhookRoute(app: HttpServer, parts: WebhookParts): Promise<void> {
  // Shopee does not document its Content-Type: whatever it says, also what is no media type at all, the body is bytes.
  app.addHook('onRequest', ({ raw }, _reply, done) => {
    raw.headers['content-type'] = 'application/octet-stream';
    done();
  });
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  app.setErrorHandler((error: FastifyError, request, reply) => answerFault(error, { parts, request, reply }));
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
        const answer = await handle(request, parts);
        return send(reply, answer, { parts, startedAt });
      },
    );
  }
}

async function handle(request: FastifyRequest, parts: WebhookParts): Promise<Answer> {
  const body = request.body instanceof Uint8Array ? request.body : noBody;
  // Its key may not exist yet: the console makes one on the page that cannot be saved before this is answered.
  if (isVerificationBody(body)) return { kind: 'verification', code: 0 };
  const signed = signedRequest(request, body);
  const verdict = parts.verifier.verify(signed);
  if (!verdict.genuine) {
    parts.refused.add(refusalOf(request, body, { status: 401, verdict, keysTried: parts.keys }));
    const { reason, hint } = verdict;
    return { kind: 'unauthorized', reason, hint, isForeign: reason === 'no-signature' };
  }
  const push = parseOrRefuse(request, body, parts);
  if (push === undefined) return { kind: 'bad', reason: 'not-a-push' };
  const startedAt = performance.now();
  const acceptance: Acceptance = await parts.intake.accept(push);
  const answer = { ...acceptance, keptMs: performance.now() - startedAt, code: push.code, shop: push.shopId };
  if (acceptance.kind !== 'queued' && acceptance.kind !== 'spooled') return answer;
  return { ...answer, received: { text: push.raw, url: verdict.url, signature: signed.authorization } };
}

function send(
  reply: FastifyReply,
  answer: Answer,
  { parts, startedAt }: { parts: WebhookParts; startedAt: number },
): FastifyReply {
  const ms = performance.now() - startedAt;
  parts.answers.add(answer.kind, ms, { isForeign: answer.isForeign });
  parts.metrics.answered(answer.kind, answer.code, ms);
  const { kind: outcome, id, code, shop, reason, hint, received } = answer;
  if (parts.tracing !== undefined) tracePush(parts.tracing, { ...answer, ms, requestId: reply.request.id });
  if (received !== undefined && id !== undefined) parts.keepPush({ id, at: Date.now(), ackMs: ms, ...received });
  const facts = { id, code, shop, outcome, reason, hint, ms: Math.round(ms * 10) / 10, requestId: reply.request.id };
  if (outcome === 'unavailable') parts.logger.error(facts, 'push answered');
  else parts.logger.info(facts, 'push answered');
  return reply.code(statusOf[outcome]).header('content-length', '0').send();
}

/** Bodies that did not come in whole: too large, or broken off. */
function answerFault(
  error: FastifyError,
  { parts, request, reply }: { parts: WebhookParts; request: FastifyRequest; reply: FastifyReply },
): FastifyReply {
  const status = error.statusCode ?? 500;
  if (status >= 500) parts.logger.error({ err: error }, 'push not handled');
  const kind: AnswerKind = status === 413 ? 'too-large' : status >= 500 ? 'unavailable' : 'bad';
  parts.refused.add({
    ...refusalOf(request, noBody, { status: statusOf[kind] }),
    reason: kind === 'too-large' ? 'too-large' : 'unreadable',
    detail: kind === 'too-large' ? tooLargeText(request) : error.code,
  });
  const isForeign = (request.headers.authorization ?? '') === '';
  return send(reply, { kind, reason: error.code, isForeign }, { parts, startedAt: performance.now() });
}

/** Of the body nothing was kept: its size is what was announced, if it was. */
function tooLargeText(request: FastifyRequest): string {
  const announced = Number(request.headers['content-length']);
  return announced > maxBodyBytes ? `larger than 1 MiB: ${String(announced)} bytes` : 'larger than 1 MiB';
}

function parseOrRefuse(request: FastifyRequest, body: Uint8Array, parts: WebhookParts): Push | undefined {
  try {
    return parsePush(body);
  } catch (error) {
    if (!(error instanceof NotAPushError)) throw error;
    const refusal = refusalOf(request, body, { status: 400, keysTried: parts.keys });
    parts.refused.add({ ...refusal, reason: 'not-a-push', detail: error.message });
    return undefined;
  }
}

function isVerificationBody(body: Uint8Array): boolean {
  if (
    body.length > verificationBytes ||
    !Buffer.from(body.buffer, body.byteOffset, body.length).includes('verify_info')
  )
    return false;
  try {
    const push = parsePush(body);
    return isVerification(push) && typeof push.data['verify_info'] === 'string';
  } catch (error) {
    if (error instanceof NotAPushError) return false;
    throw error;
  }
}

function signedRequest(request: FastifyRequest, body: Uint8Array): SignedRequest {
  return { authorization: request.headers.authorization, body, path: request.url, headers: request.headers };
}

function refusalOf(
  request: FastifyRequest,
  body: Uint8Array,
  more: { status: number; verdict?: Verdict & { genuine: false }; keysTried?: number },
): Refusal {
  const { status, verdict, keysTried } = more;
  return {
    status,
    reason: verdict?.reason ?? 'unreadable',
    detail: verdict?.hint,
    from: request.ip,
    forwardedFor: String(request.headers['x-forwarded-for'] ?? '') || undefined,
    userAgent: request.headers['user-agent'],
    authorization: request.headers.authorization,
    urlsTried: verdict?.urls,
    keysTried,
    body,
  };
}
