import { systemClock } from '@shopee-webhook/runtime';
import { internalAuthHeaders } from '@shopee-webhook/contracts';
import { activityEntrySchema, type ActivityEntry } from '@shopee-webhook/store';
import { z } from 'zod';

/**
 * The worker's response to a message that was delivered over HTTP. `steps`: activity that is recorded nowhere yet; undefined
 * from a worker that does not say.
 */
export type WorkerResponse =
  | { kind: 'handled'; notificationText: string | undefined; steps?: ActivityEntry[] | undefined }
  | { kind: 'dead-letter'; reason: string; error: string; steps?: ActivityEntry[] | undefined }
  /** This message later; others may go on. */
  | {
      kind: 'retry';
      delayMs: number;
      error: string;
      countsAsFailure: boolean;
      steps?: ActivityEntry[] | undefined;
    }
  /** No worker responds: all wait. `interrupted`: it crashed, perhaps because of this message. */
  | { kind: 'unreachable'; error: string; interrupted?: boolean };

export interface WorkerClientOptions {
  /** FORWARD_WEBHOOK_URL. */
  url: string;
  /** PARTNER_KEY: known to both services. */
  key: string;
  timeoutMs?: number;
  now?: () => number;
}

const steps = z.array(activityEntrySchema).optional().catch(undefined);
const Handled = z.object({
  outcome: z.literal('handled'),
  notification: z.record(z.string(), z.unknown()).optional(),
  steps,
});
const DeadLetter = z.object({ outcome: z.literal('dead-letter'), reason: z.string(), error: z.string(), steps });
const Retry = z.object({
  outcome: z.literal('retry'),
  reason: z.string(),
  retryAfterMs: z.number().nonnegative(),
  countsAsFailure: z.boolean().default(false),
  steps,
});

/** No event is deferred for longer. */
export const maxDelayMs = 6 * 3_600_000;
const rejectedDelayMs = 60_000;

/** Delivers to the worker over HTTP, for when Redis is unavailable. */
export class WorkerClient {
  readonly #options: WorkerClientOptions;

  constructor(options: WorkerClientOptions) {
    this.#options = options;
  }

  /** Delivers one message and waits until it is handled. Never rejects. Safe to repeat: the worker's effects are idempotent. */
  async process(messageText: string, signal: AbortSignal): Promise<WorkerResponse> {
    const { url, key, timeoutMs = 60_000, now = systemClock.wallMs } = this.#options;
    try {
      const response = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...internalAuthHeaders(key, messageText, now()) },
        body: messageText,
        redirect: 'manual',
        signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
      });
      return parseResponse(response.status, await response.text());
    } catch (error) {
      return { kind: 'unreachable', error: reasonOf(error), interrupted: isInterrupted(error) };
    }
  }
}

function parseResponse(status: number, text: string): WorkerResponse {
  const body = parse(text);
  const handled = Handled.safeParse(body);
  if (status === 200 && handled.success) {
    const { notification, steps: reported } = handled.data;
    const notificationText = notification === undefined ? undefined : JSON.stringify(notification);
    return { kind: 'handled', notificationText, steps: reported };
  }
  const dead = DeadLetter.safeParse(body);
  if (status === 422 && dead.success) {
    const { reason, error, steps: reported } = dead.data;
    return { kind: 'dead-letter', reason, error, steps: reported };
  }
  const retry = Retry.safeParse(body);
  if (status === 503 && retry.success) {
    const { retryAfterMs, reason: error, countsAsFailure } = retry.data;
    // A deferral is no news: an outage of hours must not fill the history with it.
    const reported = countsAsFailure ? retry.data.steps : [];
    const delayMs = Math.min(retryAfterMs, maxDelayMs);
    return { kind: 'retry', delayMs, error, countsAsFailure, steps: reported };
  }
  if (status === 401)
    return {
      kind: 'unreachable',
      error: 'the worker rejected our signature: is PARTNER_KEY the same, and the clock right?',
    };
  // About this message: the next one may fare better.
  if (status === 400 || status === 413)
    return {
      kind: 'retry',
      delayMs: rejectedDelayMs,
      error: `the worker responded ${String(status)}`,
      countsAsFailure: false,
    };
  return {
    kind: 'unreachable',
    error: `not a worker's response (status ${String(status)}): is FORWARD_WEBHOOK_URL right?`,
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Not JSON, so not our worker's response.
    return undefined;
  }
}

/** The connection was open, and closed before the response was complete. */
function isInterrupted(error: unknown): boolean {
  const cause = error instanceof Error ? error.cause : undefined;
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  return code === 'UND_ERR_SOCKET' || code === 'ECONNRESET' || code === 'EPIPE';
}

/** fetch hides the cause ("connect ECONNREFUSED …") behind "fetch failed". */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message;
}
