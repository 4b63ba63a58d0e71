import { errorBody, HttpError, isFromForwarder, type HttpServer, type Logger } from '@shopee-webhook/runtime';
import {
  activityStep,
  NotAMessageError,
  parseMessage,
  type ActivityStep,
  type Delivery,
  type Outcome,
  type Settlement,
} from '@shopee-webhook/store';
import { z } from 'zod';
import type { RetryPolicy } from './outcome-of.ts';
import type { Pipeline } from './pipeline.ts';
import { logSettled } from './consumer-record.ts';
import { settlementOf } from './settlement-of.ts';

export interface ProcessRouteOptions {
  partnerKey: string;
  pipeline: Pick<Pipeline, 'handleOne'>;
  policy: RetryPolicy;
  /** Where the steps go while Redis can be reached; false: they went nowhere, and are the forwarder's to keep. */
  record: (steps: ActivityStep[]) => Promise<boolean>;
  /** Hears of each delivery that was settled. */
  onSettled: (settlement: Settlement) => void;
  logger: Logger;
  isStopping: () => boolean;
  /** A person asked that nothing be handled for now. */
  isPaused: () => boolean;
}

const steps = z.array(activityStep).optional();

const answers = {
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
export async function processRoute(app: HttpServer, options: ProcessRouteOptions): Promise<void> {
  // The signature is over the exact text: this scope keeps bodies as they come.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => done(null, body));
  const schema = {
    tags: ['events'],
    summary: 'Handle one message now (signed by the forwarder)',
    response: answers,
  };
  app.post('/webhook/process', { schema }, async (request, reply) => {
    const body = typeof request.body === 'string' ? request.body : '';
    const { 'x-forwarder-timestamp': timestamp, 'x-forwarder-signature': signature } = request.headers;
    if (!isFromForwarder({ timestamp, signature, body }, { partnerKey: options.partnerKey, now: Date.now() })) {
      throw new HttpError(401, 'unauthorized', 'not signed by the forwarder');
    }
    if (options.isStopping()) return reply.code(503).send(later('stopping', 5000));
    if (options.isPaused()) return reply.code(503).send(later('paused', 15_000));
    const { outcome, notification, steps } = await handle(options, body, request.id);
    if (outcome.kind === 'ack') return reply.code(200).send({ outcome: 'handled', ...notification, steps });
    if (outcome.kind === 'dead-letter') {
      return reply.code(422).send({ outcome: 'dead-letter', reason: outcome.reason, error: outcome.error, steps });
    }
    const { reason, delayMs, countsAsFailure } = outcome;
    return reply.code(503).send({ ...later(reason, delayMs, countsAsFailure), steps });
  });
}

function later(reason: string, retryAfterMs: number, countsAsFailure = false) {
  return { outcome: 'retry' as const, reason, retryAfterMs: Math.round(retryAfterMs), countsAsFailure };
}

interface Handled {
  outcome: Outcome;
  notification?: { notification: unknown };
  /** Those that are not recorded yet. */
  steps: ActivityStep[];
}

async function handle(options: ProcessRouteOptions, text: string, requestId: string): Promise<Handled> {
  const { pipeline, policy, record, onSettled, logger } = options;
  const startedAt = Date.now();
  const delivery = deliveryOf(text);
  if ('outcome' in delivery) return { ...delivery, steps: [] };
  const handling = await pipeline.handleOne(delivery);
  const settlement = settlementOf(delivery, handling, policy);
  onSettled(settlement);
  logSettled(logger, settlement, { ms: Date.now() - startedAt, requestId });
  const { outcome, steps = [] } = settlement;
  const left = (await record(steps)) ? [] : steps;
  if (handling.kind !== 'done' || handling.notification === undefined) return { outcome, steps: left };
  return { outcome, notification: { notification: handling.notification }, steps: left };
}

function deliveryOf(text: string): Delivery | { outcome: Outcome } {
  try {
    const message = parseMessage(text);
    return { ...message, raw: text, attempt: message.metadata.retry_count + 1, consumer: 'http' };
  } catch (error) {
    if (!(error instanceof NotAMessageError)) throw error;
    return { outcome: { kind: 'dead-letter', reason: 'malformed', error: error.message } };
  }
}
