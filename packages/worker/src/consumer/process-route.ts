import { errorBody, HttpError, type HttpServer, type Logger, systemClock } from '@shopee-webhook/runtime';
import { verifyInternalRequest } from '@shopee-webhook/contracts';
import {
  activityEntrySchema,
  MalformedMessageError,
  parseMessage,
  type ActivityEntry,
  type Delivery,
  type Outcome,
  type Settlement,
} from '@shopee-webhook/store';
import { z } from 'zod';
import type { RetryPolicy } from './retry-policy.ts';
import type { EventRouter } from './event-router.ts';
import { logSettled } from './consumer-stats.ts';
import { buildSettlement } from './build-settlement.ts';

export interface ProcessRouteDeps {
  partnerKey: string;
  router: Pick<EventRouter, 'processOne'>;
  policy: RetryPolicy;
  /** Where the steps go while Redis can be reached; false: they went nowhere, and are the forwarder's to keep. */
  recordActivity: (steps: ActivityEntry[]) => Promise<boolean>;
  /** Called with each delivery that was settled. */
  onSettled: (settlement: Settlement) => void;
  logger: Logger;
  isStopping: () => boolean;
  /** A person asked that nothing be handled for now. */
  isPaused: () => boolean;
}

const steps = z.array(activityEntrySchema).optional();

const responses = {
  200: z.object({ outcome: z.literal('handled'), notification: z.unknown().optional(), steps }),
  401: errorBody,
  422: z.object({ outcome: z.literal('dead-letter'), reason: z.string(), error: z.string(), steps }),
  503: z.object({
    outcome: z.literal('retry'),
    reason: z.string(),
    retryAfterMs: z.number(),
    countsAsFailure: z.boolean(),
    steps,
  }),
};

/**
 * The HTTP fallback: the forwarder hands over one message that it cannot put into Redis. 200 only when it was handled;
 * the message stays the forwarder's until then.
 */
export async function processRoute(app: HttpServer, options: ProcessRouteDeps): Promise<void> {
  // The signature is over the exact text: this scope keeps bodies as they come.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => done(null, body));
  const schema = {
    tags: ['events'],
    summary: 'Handle one message now (signed by the forwarder)',
    response: responses,
  };
  app.post('/webhook/process', { schema }, async (request, reply) => {
    const body = typeof request.body === 'string' ? request.body : '';
    const { 'x-forwarder-timestamp': timestamp, 'x-forwarder-signature': signature } = request.headers;
    if (
      !verifyInternalRequest(
        { timestamp, signature, body },
        { partnerKey: options.partnerKey, now: systemClock.wallMs() },
      )
    ) {
      throw new HttpError(401, 'unauthorized', 'not signed by the forwarder');
    }
    if (options.isStopping()) return reply.code(503).send(retryResponse('stopping', 5000));
    if (options.isPaused()) return reply.code(503).send(retryResponse('paused', 15_000));
    const { outcome, notification, steps } = await processMessage(options, body, request.id);
    if (outcome.kind === 'ack') return reply.code(200).send({ outcome: 'handled', ...notification, steps });
    if (outcome.kind === 'dead-letter') {
      return reply.code(422).send({ outcome: 'dead-letter', reason: outcome.reason, error: outcome.error, steps });
    }
    const { reason, delayMs, countsAsFailure } = outcome;
    return reply.code(503).send({ ...retryResponse(reason, delayMs, countsAsFailure), steps });
  });
}

function retryResponse(reason: string, retryAfterMs: number, countsAsFailure = false) {
  return { outcome: 'retry' as const, reason, retryAfterMs: Math.round(retryAfterMs), countsAsFailure };
}

interface ProcessResult {
  outcome: Outcome;
  notification?: { notification: unknown };
  /** Those that are not recorded yet. */
  steps: ActivityEntry[];
}

async function processMessage(options: ProcessRouteDeps, text: string, requestId: string): Promise<ProcessResult> {
  const { router, policy, recordActivity, onSettled, logger } = options;
  const startedAt = systemClock.monotonicMs();
  const delivery = parseDelivery(text);
  if ('outcome' in delivery) return { ...delivery, steps: [] };
  const handling = await router.processOne(delivery);
  const settlement = buildSettlement(delivery, handling, policy);
  onSettled(settlement);
  logSettled(logger, settlement, { ms: Math.round(systemClock.monotonicMs() - startedAt), requestId });
  const { outcome, activity = [] } = settlement;
  const left = (await recordActivity(activity)) ? [] : activity;
  if (handling.kind !== 'done' || handling.notification === undefined) return { outcome, steps: left };
  return { outcome, notification: { notification: handling.notification }, steps: left };
}

function parseDelivery(text: string): Delivery | { outcome: Outcome } {
  try {
    const message = parseMessage(text);
    return { ...message, raw: text, attempt: message.metadata.retry_count + 1, consumer: 'http' };
  } catch (error) {
    if (!(error instanceof MalformedMessageError)) throw error;
    return { outcome: { kind: 'dead-letter', reason: 'malformed', error: error.message } };
  }
}
