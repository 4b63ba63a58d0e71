import {
  askWorker,
  commonEnv,
  httpUrl,
  portsEnv,
  readEnv,
  WorkerAwayError,
  type WorkerAddress,
  type WorkerAnswers,
  type WorkerAsks,
  type WorkerVerb,
} from '@shopee-webhook/runtime';
import { z } from 'zod';
import { CliError, exitCodes } from './errors.ts';
import type { Environment } from './shell.ts';

const { PARTNER_KEY } = commonEnv;
const { WORKER_PORT } = portsEnv;
const Env = z.object({ PARTNER_KEY, WORKER_PORT, FORWARD_WEBHOOK_URL: httpUrl.optional() });

/** Where the running worker is: as the forwarder knows it, else on this machine. */
export function workerOf(env: Environment): WorkerAddress {
  const { PARTNER_KEY: key, WORKER_PORT: port, FORWARD_WEBHOOK_URL: url } = readEnv(Env, env);
  return { url: url ?? `http://127.0.0.1:${String(port)}`, key };
}

/** Asks the running worker; throws a CliError (69) when none answers. */
export async function ask<Verb extends WorkerVerb>(
  worker: WorkerAddress,
  verb: Verb,
  asked: WorkerAsks<Verb>,
): Promise<WorkerAnswers<Verb>> {
  try {
    return await askWorker(worker, verb, asked, 120_000);
  } catch (cause) {
    if (!(cause instanceof WorkerAwayError)) throw cause;
    const at = new URL(worker.url).origin;
    throw new CliError(`the worker at ${at} cannot be asked: ${cause.message}`, exitCodes.unreachable, { cause });
  }
}
