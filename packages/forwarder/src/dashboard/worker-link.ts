import {
  HttpError,
  proofHeaders,
  workerApi,
  type WorkerAnswers,
  type WorkerAsks,
  type WorkerVerb,
} from '@shopee-webhook/runtime';
import { z } from 'zod';

export interface WorkerLinkOptions {
  /** Any address of the worker. */
  url: string;
  /** PARTNER_KEY. */
  key: string;
  now?: () => number;
}

const ErrorAnswer = z.object({ message: z.string() });
const patienceMs = 30_000;

/** Asks the worker what only it can know or do. */
export class WorkerLink {
  readonly #options: WorkerLinkOptions;
  readonly #origin: string;

  constructor(options: WorkerLinkOptions) {
    this.#options = options;
    this.#origin = new URL(options.url).origin;
  }

  /** Throws HttpError 502 `worker_away` when no worker answers, or another program. */
  async ask<Verb extends WorkerVerb>(
    verb: Verb,
    asked: WorkerAsks<Verb>,
    timeoutMs = patienceMs,
  ): Promise<WorkerAnswers<Verb>> {
    const { status, text } = await this.#post(verb, JSON.stringify({ verb, ask: asked }), timeoutMs);
    const answer = parseOr(text);
    if (status !== 200) {
      const { data } = ErrorAnswer.safeParse(answer);
      throw away(`it answers ${String(status)}${data === undefined ? '' : `: ${data.message}`}`);
    }
    const parsed = workerApi[verb].answers.safeParse(answer);
    if (!parsed.success) throw away('it answers something else: is it of another version?');
    return parsed.data as WorkerAnswers<Verb>;
  }

  async #post(verb: string, body: string, timeoutMs: number): Promise<{ status: number; text: string }> {
    const { key, now = Date.now } = this.#options;
    try {
      const response = await fetch(`${this.#origin}/internal/${verb}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...proofHeaders(key, body, now()) },
        body,
        redirect: 'manual',
        signal: AbortSignal.timeout(timeoutMs),
      });
      return { status: response.status, text: await response.text() };
    } catch (error) {
      const cause = error instanceof Error && error.cause instanceof Error ? error.cause.message : String(error);
      throw away(cause);
    }
  }
}

function away(why: string): HttpError {
  return new HttpError(502, 'worker_away', `the worker cannot be asked now (${why})`);
}

function parseOr(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Not our worker's answer.
    return undefined;
  }
}
