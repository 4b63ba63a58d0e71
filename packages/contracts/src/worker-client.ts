import { z } from 'zod';
import { internalAuthHeaders } from './internal-auth.ts';
import { workerRpc, type RpcResult, type RpcParams, type RpcMethod } from './worker-rpc.ts';

/** No worker responds, or it rejects the call; the message says which. */
export class WorkerUnreachableError extends Error {
  override readonly name = 'WorkerUnreachableError';
}

export interface WorkerEndpoint {
  /** Any address of the worker. */
  url: string;
  /** PARTNER_KEY. */
  key: string;
  /** Wall time, ms since 1970. */
  now: () => number;
}

const ErrorResponse = z.object({ message: z.string() });
const defaultTimeoutMs = 30_000;

/** Asks a running worker what only it can know or do, signed. Throws WorkerUnreachableError. */
export async function callWorker<Method extends RpcMethod>(
  worker: WorkerEndpoint,
  method: Method,
  params: RpcParams<Method>,
  timeoutMs = defaultTimeoutMs,
): Promise<RpcResult<Method>> {
  const { status, text } = await post(worker, method, JSON.stringify({ method, params }), timeoutMs);
  const response = tryParseJson(text);
  if (status !== 200) {
    const { data } = ErrorResponse.safeParse(response);
    throw new WorkerUnreachableError(`it answers ${String(status)}${data === undefined ? '' : `: ${data.message}`}`);
  }
  const parsed = workerRpc[method].result.safeParse(response);
  if (!parsed.success) throw new WorkerUnreachableError('it answers something else: is it of another version?');
  return parsed.data as RpcResult<Method>;
}

async function post(
  { url, key, now }: WorkerEndpoint,
  method: string,
  body: string,
  timeoutMs: number,
): Promise<{ status: number; text: string }> {
  try {
    const response = await fetch(`${new URL(url).origin}/internal/${method}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...internalAuthHeaders(key, body, now()) },
      body,
      redirect: 'manual',
      signal: AbortSignal.timeout(timeoutMs),
    });
    return { status: response.status, text: await response.text() };
  } catch (error) {
    throw new WorkerUnreachableError(reasonOf(error, timeoutMs), { cause: error });
  }
}

function reasonOf(error: unknown, timeoutMs: number): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name === 'TimeoutError') return `it has not answered within ${String(timeoutMs / 1000)} s`;
  return error.cause instanceof Error ? error.cause.message : error.message;
}

function tryParseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Not our worker's answer.
    return undefined;
  }
}
