import { z } from 'zod';
import { proofHeaders } from './forwarder-proof.ts';
import { workerApi, type WorkerAnswers, type WorkerAsks, type WorkerVerb } from './worker-api.ts';

/** No worker answers, or it refuses; the message says which. */
export class WorkerAwayError extends Error {
  override readonly name = 'WorkerAwayError';
}

export interface WorkerAddress {
  /** Any address of the worker. */
  url: string;
  /** PARTNER_KEY. */
  key: string;
  now?: () => number;
}

const ErrorAnswer = z.object({ message: z.string() });
const patienceMs = 30_000;

/** Asks a running worker what only it can know or do, signed. Throws WorkerAwayError. */
export async function askWorker<Verb extends WorkerVerb>(
  worker: WorkerAddress,
  verb: Verb,
  asked: WorkerAsks<Verb>,
  timeoutMs = patienceMs,
): Promise<WorkerAnswers<Verb>> {
  const { status, text } = await post(worker, verb, JSON.stringify({ verb, ask: asked }), timeoutMs);
  const answer = parseOr(text);
  if (status !== 200) {
    const { data } = ErrorAnswer.safeParse(answer);
    throw new WorkerAwayError(`it answers ${String(status)}${data === undefined ? '' : `: ${data.message}`}`);
  }
  const parsed = workerApi[verb].answers.safeParse(answer);
  if (!parsed.success) throw new WorkerAwayError('it answers something else: is it of another version?');
  return parsed.data as WorkerAnswers<Verb>;
}

async function post(
  { url, key, now = Date.now }: WorkerAddress,
  verb: string,
  body: string,
  timeoutMs: number,
): Promise<{ status: number; text: string }> {
  try {
    const response = await fetch(`${new URL(url).origin}/internal/${verb}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...proofHeaders(key, body, now()) },
      body,
      redirect: 'manual',
      signal: AbortSignal.timeout(timeoutMs),
    });
    return { status: response.status, text: await response.text() };
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause.message : String(error);
    throw new WorkerAwayError(cause, { cause: error });
  }
}

function parseOr(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Not our worker's answer.
    return undefined;
  }
}
