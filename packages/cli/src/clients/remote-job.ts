import { setTimeout as sleep } from 'node:timers/promises';
import { systemClock } from '@shopee-webhook/runtime';
import { workerAddress } from './worker.ts';
import { CliError, exitCodes } from '../errors/cli-error.ts';
import {
  createHttpJobClient,
  createRedisJobClient,
  type JobRequest,
  type JobClient,
  type JobRecord,
} from './job-client.ts';
import { usesRedis, withRedis } from './redis.ts';
import { progressLine } from '../output/progress.ts';
import type { Shell } from '../output/shell.ts';

/** Workers poll every five seconds. */
const pickupTimeoutMs = 30_000;
const pollMs = 500;
/** A running job's heartbeat is more frequent than this. */
const heartbeatTimeoutMs = 60_000;
/** Moves the cursor to the previous line and clears it. */
const clearPreviousLine = '\u001B[1A\u001B[2K';

/**
 * Requests a job run and follows it until it ends; with REDIS_ENABLED=false over HTTP. Ctrl-C stops following, not the job.
 * Throws a CliError when the job is running already, when no worker picks it up (69), and when it fails.
 */
export async function runRemoteJob(job: JobRequest, shell: Shell): Promise<JobRecord['result']> {
  if (!usesRedis(shell.env)) return followJob(createHttpJobClient(workerAddress(shell.env)), job, shell);
  return withRedis(shell.env, (link) => followJob(createRedisJobClient(link), job, shell));
}

async function followJob(client: JobClient, job: JobRequest, shell: Shell): Promise<JobRecord['result']> {
  const { name } = job;
  const before = await client.read(name);
  if (isRunning(before)) throw new CliError(`${name} is already running`, exitCodes.failure);
  await client.start(job);
  const requestedAt = systemClock.monotonicMs();
  let shown = '';
  for (;;) {
    await sleep(pollMs, undefined, { signal: shell.signal }).catch(() => undefined);
    if (shell.signal.aborted) throw new CliError(`${name} continues in the worker`, exitCodes.failure);
    const now = await client.read(name);
    const begun = now.startedAt !== before.startedAt && now.startedAt !== undefined;
    if (begun && now.ok === true) return now.result;
    if (begun && now.ok === false)
      throw new CliError(`${name} failed: ${now.error ?? 'unknown error'}`, exitCodes.failure);
    if (!begun && systemClock.monotonicMs() - requestedAt > pickupTimeoutMs) {
      await client.cancel(name);
      throw new CliError('no worker picked it up: is one running, with SCHEDULED_JOBS on?', exitCodes.unreachable);
    }
    const progress = begun ? progressLine(now.result) : '';
    // Overwrite the previous progress line.
    if (progress !== shown && shell.isTty && !shell.json)
      shell.err(`${shown === '' ? '' : clearPreviousLine}${progress}`);
    shown = progress;
  }
}

function isRunning({ running, runningAt }: JobRecord): boolean {
  return running ?? (typeof runningAt === 'number' && Math.abs(systemClock.wallMs() - runningAt) < heartbeatTimeoutMs);
}
