import { callWorker as call, WorkerUnreachableError, type WorkerEndpoint } from '@shopee-webhook/contracts';
import { commonEnv, httpUrl, portsEnv, readEnv } from '@shopee-webhook/runtime';
import { type RpcResult, type RpcParams, type RpcMethod } from '@shopee-webhook/contracts/worker-rpc';
import { z } from 'zod';
import { CliError, exitCodes } from '../errors.ts';
import type { Environment } from '../output/shell.ts';

const { PARTNER_KEY } = commonEnv;
const { WORKER_PORT } = portsEnv;
const Env = z.object({ PARTNER_KEY, WORKER_PORT, FORWARD_WEBHOOK_URL: httpUrl.optional() });

/** Where the running worker is: as the forwarder knows it, else on this machine. */
export function workerAddress(env: Environment): WorkerEndpoint {
  const { PARTNER_KEY: key, WORKER_PORT: port, FORWARD_WEBHOOK_URL: url } = readEnv(Env, env);
  return { url: url ?? `http://127.0.0.1:${String(port)}`, key };
}

/** Asks the running worker; throws a CliError (69) when none answers. */
export async function callWorker<Verb extends RpcMethod>(
  worker: WorkerEndpoint,
  verb: Verb,
  asked: RpcParams<Verb>,
): Promise<RpcResult<Verb>> {
  try {
    return await call(worker, verb, asked, 120_000);
  } catch (cause) {
    if (!(cause instanceof WorkerUnreachableError)) throw cause;
    const at = new URL(worker.url).origin;
    throw new CliError(`the worker at ${at} cannot be asked: ${cause.message}`, exitCodes.unreachable, { cause });
  }
}
