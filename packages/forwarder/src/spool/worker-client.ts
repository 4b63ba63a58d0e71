import { internalAuthHeaders } from '@shopee-webhook/contracts';
import { activityEntrySchema, type ActivityEntry } from '@shopee-webhook/store';
import { z } from 'zod';

/**
 * What the worker made of a message that it was handed over HTTP. `steps`: what happened and is recorded nowhere yet;
 * undefined from a worker that does not say.
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
  /** The worker is not there, or is no worker: all wait. `brokeOff`: it ended, perhaps of this message. */
  | { kind: 'away'; error: string; interrupted?: boolean };

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

/** For no longer is an event put off. */
export const maxDelayMs = 6 * 3_600_000;
const rejectedDelayMs = 60_000;

/** The HTTP way to the worker, for when Redis is away. */
export class WorkerClient {
  readonly #options: WorkerClientOptions;

  constructor(options: WorkerClientOptions) {
    this.#options = options;
  }

  /** Hands over one message and waits until it is handled. Never rejects. Safe to repeat: the worker's effects are idempotent. */
  async process(messageText: string, signal: AbortSignal): Promise<WorkerResponse> {
    const { url, key, timeoutMs = 60_000, now = Date.now } = this.#options;
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
      return { kind: 'away', error: reasonOf(error), interrupted: isInterrupted(error) };
    }
  }
}

function parseResponse(status: number, text: string): WorkerResponse {
  const body = parse(text);
  const handled = Handled.safeParse(body);
  if (status === 200 && handled.success) {
    const { notification, steps: told } = handled.data;
    const notificationText = notification === undefined ? undefined : JSON.stringify(notification);
    return { kind: 'handled', notificationText, steps: told };
  }
  const dead = DeadLetter.safeParse(body);
  if (status === 422 && dead.success) {
    const { reason, error, steps: told } = dead.data;
    return { kind: 'dead-letter', reason, error, steps: told };
  }
  const retry = Retry.safeParse(body);
  if (status === 503 && retry.success) {
    const { retryAfterMs, reason: error, countsAsFailure } = retry.data;
    // One that only waits for its side is no news: an outage of hours must not fill the history with it.
    const told = countsAsFailure ? retry.data.steps : [];
    const delayMs = Math.min(retryAfterMs, maxDelayMs);
    return { kind: 'retry', delayMs, error, countsAsFailure, steps: told };
  }
  if (status === 401)
    return { kind: 'away', error: 'the worker refuses our signature: is PARTNER_KEY the same, and the clock right?' };
  // About this message: the next one may fare better.
  if (status === 400 || status === 413)
    return {
      kind: 'retry',
      delayMs: rejectedDelayMs,
      error: `the worker answered ${String(status)}`,
      countsAsFailure: false,
    };
  return { kind: 'away', error: `no worker's answer (status ${String(status)}): is FORWARD_WEBHOOK_URL right?` };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Not JSON, so not our worker's answer.
    return undefined;
  }
}

/** The connection stood, and was closed before the answer was whole. */
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
