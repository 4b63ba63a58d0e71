import { createHmac } from 'node:crypto';
import { z } from 'zod';

/** What the worker made of a message that it was handed over HTTP. */
export type WorkerAnswer =
  | { kind: 'handled'; notificationText: string | undefined }
  | { kind: 'dead-letter'; reason: string; error: string }
  /** This message later; others may go on. */
  | { kind: 'retry'; delayMs: number; error: string; countsAsFailure: boolean }
  /** The worker is not there, or is no worker: all wait. */
  | { kind: 'away'; error: string };

export interface WorkerClientOptions {
  /** FORWARD_WEBHOOK_URL. */
  url: string;
  /** PARTNER_KEY: known to both services. */
  key: string;
  timeoutMs?: number;
  now?: () => number;
}

const Handled = z.object({ outcome: z.literal('handled'), notification: z.record(z.string(), z.unknown()).optional() });
const DeadLetter = z.object({ outcome: z.literal('dead-letter'), reason: z.string(), error: z.string() });
const Retry = z.object({
  outcome: z.literal('retry'),
  reason: z.string(),
  retryAfterMs: z.number().nonnegative(),
  countsAsFailure: z.boolean().default(false),
});

const longestDelayMs = 6 * 3_600_000;
const refusedDelayMs = 60_000;

/** The HTTP way to the worker, for when Redis is away. */
export class WorkerClient {
  readonly #options: WorkerClientOptions;

  constructor(options: WorkerClientOptions) {
    this.#options = options;
  }

  /** Hands over one message and waits until it is handled. Never rejects. Safe to repeat: the worker's effects are idempotent. */
  async process(messageText: string, signal: AbortSignal): Promise<WorkerAnswer> {
    const { url, timeoutMs = 60_000 } = this.#options;
    try {
      const response = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...this.#sign(messageText) },
        body: messageText,
        redirect: 'manual',
        signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
      });
      return answerOf(response.status, await response.text());
    } catch (error) {
      return { kind: 'away', error: reasonOf(error) };
    }
  }

  /** The worker checks it within 5 minutes: hex HMAC-SHA256 of `forwarder|<unix seconds>|<body>`. */
  #sign(body: string): Record<string, string> {
    const { key, now = Date.now } = this.#options;
    const timestamp = String(Math.floor(now() / 1000));
    const signature = createHmac('sha256', key).update(`forwarder|${timestamp}|${body}`).digest('hex');
    return { 'x-forwarder-timestamp': timestamp, 'x-forwarder-signature': signature };
  }
}

function answerOf(status: number, text: string): WorkerAnswer {
  const body = parse(text);
  const handled = Handled.safeParse(body);
  if (status === 200 && handled.success) {
    const { notification } = handled.data;
    return { kind: 'handled', notificationText: notification === undefined ? undefined : JSON.stringify(notification) };
  }
  const dead = DeadLetter.safeParse(body);
  if (status === 422 && dead.success) return { kind: 'dead-letter', reason: dead.data.reason, error: dead.data.error };
  const retry = Retry.safeParse(body);
  if (status === 503 && retry.success) {
    const { retryAfterMs, reason: error, countsAsFailure } = retry.data;
    return { kind: 'retry', delayMs: Math.min(retryAfterMs, longestDelayMs), error, countsAsFailure };
  }
  if (status === 401)
    return { kind: 'away', error: 'the worker refuses our signature: is PARTNER_KEY the same, and the clock right?' };
  // About this message: the next one may fare better.
  if (status === 400 || status === 413)
    return {
      kind: 'retry',
      delayMs: refusedDelayMs,
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

/** fetch hides the cause ("connect ECONNREFUSED …") behind "fetch failed". */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message;
}
