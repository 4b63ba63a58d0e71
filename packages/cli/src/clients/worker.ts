import { callWorker as call, WorkerUnreachableError, type WorkerEndpoint } from '@shopee-webhook/contracts';
import { commonEnv, httpUrl, portsEnv, readEnv, systemClock } from '@shopee-webhook/runtime';
import { type RpcResult, type RpcParams, type RpcMethod } from '@shopee-webhook/contracts/worker-rpc';
import { z } from 'zod';
import { CliError, exitCodes } from '../errors/cli-error.ts';
import type { Environment } from '../output/shell.ts';

const { PARTNER_KEY } = commonEnv;
const { WORKER_PORT } = portsEnv;
const Env = z.object({ PARTNER_KEY, WORKER_PORT, FORWARD_WEBHOOK_URL: httpUrl.optional() });

/** The worker's address: FORWARD_WEBHOOK_URL, else this machine. */
export function workerAddress(env: Environment): WorkerEndpoint {
  const { PARTNER_KEY: key, WORKER_PORT: port, FORWARD_WEBHOOK_URL: url } = readEnv(Env, env);
  return { url: url ?? `http://127.0.0.1:${String(port)}`, key, now: systemClock.wallMs };
}

/** Where the running worker is: its address without the route. */
export function workerUrl(env: Environment): string {
  const { WORKER_PORT: port, FORWARD_WEBHOOK_URL: url } = readEnv(Env.omit({ PARTNER_KEY: true }), env);
  return url === undefined ? `http://127.0.0.1:${String(port)}` : new URL(url).origin;
}

/** Calls the running worker; throws a CliError (69) when it is unreachable. */
export async function callWorker<Verb extends RpcMethod>(
  worker: WorkerEndpoint,
  verb: Verb,
  params: RpcParams<Verb>,
): Promise<RpcResult<Verb>> {
  try {
    return await call(worker, verb, params, 120_000);
  } catch (cause) {
    if (!(cause instanceof WorkerUnreachableError)) throw cause;
    const at = new URL(worker.url).origin;
    throw new CliError(`cannot reach the worker at ${at}: ${cause.message}`, exitCodes.unreachable, { cause });
  }
}
