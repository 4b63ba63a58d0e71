import { type Logger, type Tracing, systemClock } from '@shopee-webhook/runtime';
import type { ReceivedPush } from '@shopee-webhook/history';
import type { Push } from '@shopee-webhook/shopee';
import type { FastifyRequest } from 'fastify';
import type { PushOutcome, ResponseStats } from './response-stats.ts';
import type { EventLog } from './event-log.ts';
import type { PushIngest } from './push-ingest.ts';
import { tracePush } from './push-trace.ts';
import type { RejectedPushes, RejectionReason } from './rejected-pushes.ts';
import type { SignatureHint } from './signature-hint.ts';

/** What a request to the webhook route came to. */
export interface PushResponse {
  kind: PushOutcome;
  /** Of the message that it became. */
  id?: string | undefined;
  code?: number | undefined;
  shop?: string | undefined;
  /** Of a push that Redis has. */
  digest?: string | undefined;
  /** The push, when its signature is valid. */
  push?: Push | undefined;
  /** What it was signed for. */
  url?: string | undefined;
  /** How long it took to make it durable. */
  persistMs?: number | undefined;
  /** Why it was rejected. */
  reason?: RejectionReason | undefined;
  error?: Error | undefined;
  hint?: SignatureHint | undefined;
  /** What a wrong signature was compared with. */
  urls?: string[] | undefined;
  /** Of a rejected push, as far as it was read. */
  body?: Uint8Array | undefined;
}

/** A response that was sent. */
export interface SentResponse {
  request: FastifyRequest;
  response: PushResponse;
  status: number;
  /** From the whole body to the response. */
  ms: number;
}

export interface PushObserverDeps {
  ingest: Pick<PushIngest, 'remember'>;
  responseStats: ResponseStats;
  rejected: RejectedPushes;
  metrics: { recordResponse(outcome: PushOutcome, code: number | undefined, ms: number): void };
  eventLog: EventLog;
  /** Records an accepted push for the event history; returns at once. */
  recordPush: (push: ReceivedPush) => void;
  tracing: Tracing | undefined;
  /** How many keys a signature is compared with. */
  keys: number;
  logger: Logger;
}

const noBody = new Uint8Array(0);
const maxAddresses = 1_000;

/** Counts, records and logs each push: only after its response, so that none of it delays a push. */
export class PushObserver {
  readonly #deps: PushObserverDeps;
  #sent: SentResponse[] = [];
  #unsigned = { requests: 0, addresses: new Set<string>() };

  constructor(deps: PushObserverDeps) {
    this.#deps = deps;
  }

  /** Returns at once. */
  onResponse(sent: SentResponse): void {
    this.#sent.push(sent);
    // Other responses that are ready are sent first.
    if (this.#sent.length === 1) setImmediate(() => this.flush());
  }

  /** Does now what waits. */
  flush(): void {
    const sent = this.#sent;
    this.#sent = [];
    for (const one of sent) this.#record(one);
  }

  /** One line for all unsigned requests since the last time: anybody can send any number. */
  logUnsigned(): void {
    const { requests, addresses } = this.#unsigned;
    if (requests === 0) return;
    this.#unsigned = { requests: 0, addresses: new Set() };
    this.#deps.logger.info({ requests, addresses: addresses.size }, 'unsigned requests rejected');
  }

  #record({ request, response, status, ms }: SentResponse): void {
    const { ingest, responseStats, metrics, eventLog, recordPush, tracing, logger } = this.#deps;
    const { kind, id, code, shop, push, url, reason, hint, error } = response;
    const isUnsigned = reason === 'no-signature';
    if (response.digest !== undefined) ingest.remember(response.digest);
    responseStats.record(kind, ms, { isUnsigned });
    metrics.recordResponse(kind, code, ms);
    if (reason !== undefined) this.#reject(request, response, status);
    if (tracing !== undefined) tracePush(tracing, { ...response, ms, requestId: request.id });
    if (push !== undefined && id !== undefined && (kind === 'queued' || kind === 'spooled')) {
      const { authorization: signature } = request.headers;
      recordPush({ id, at: systemClock.wallMs(), responseMs: ms, text: push.raw, url, signature });
      eventLog.append({ id, outcome: kind, code: push.code, shop, pushText: push.raw });
    }
    if (isUnsigned) {
      this.#unsigned.requests += 1;
      if (this.#unsigned.addresses.size < maxAddresses) this.#unsigned.addresses.add(request.ip);
      return;
    }
    const rounded = Math.round(ms * 10) / 10;
    const fields = {
      id,
      code,
      shop,
      outcome: kind,
      reason,
      hint: hint?.text,
      err: error,
      ms: rounded,
      requestId: request.id,
    };
    if (kind === 'unavailable') logger.error(fields, 'push not accepted');
    else if (reason === undefined) logger.info(fields, 'push accepted');
    else logger.info(fields, 'push rejected');
  }

  #reject(
    { ip, headers }: FastifyRequest,
    { reason = 'unreadable', hint, error, urls, body }: PushResponse,
    status: number,
  ) {
    this.#deps.rejected.record({
      status,
      reason,
      detail: hint?.text ?? error?.message,
      isNear: hint?.isNear,
      // A connection that was closed by now has no address.
      from: ip || 'unknown',
      forwardedFor: String(headers['x-forwarded-for'] ?? '') || undefined,
      userAgent: headers['user-agent'],
      authorization: headers.authorization,
      urlsTried: urls,
      keysTried: body === undefined ? 0 : this.#deps.keys,
      body: body ?? noBody,
    });
  }
}
