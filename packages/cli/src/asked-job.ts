import { setTimeout as sleep } from 'node:timers/promises';
import { workerOf } from './ask.ts';
import { CliError, exitCodes } from './errors.ts';
import { jobsAtWorker, jobsInRedis, type AskedJob, type JobDesk, type JobRecord } from './job-records.ts';
import { usesRedis, withRedis } from './redis-link.ts';
import { progressLine } from './progress.ts';
import type { Shell } from './shell.ts';

/** A worker looks every five seconds. */
const takeUpMs = 30_000;
const lookMs = 500;
/** A worker that runs a job says so more often than this. */
const aliveMs = 60_000;
/** Moves a terminal to the line before and clears it. */
const lineBefore = '\u001B[1A\u001B[2K';

/**
 * Asks whichever worker looks first to run a job, and follows it to its end; with REDIS_ENABLED=false the one worker is
 * asked over HTTP. Ctrl-C stops following, not the job. Throws a CliError when it runs already, when no worker takes it
 * up (69), and when it fails.
 */
export async function runAskedJob(job: AskedJob, shell: Shell): Promise<JobRecord['result']> {
  if (!usesRedis(shell.env)) return follow(jobsAtWorker(workerOf(shell.env)), job, shell);
  return withRedis(shell.env, (link) => follow(jobsInRedis(link), job, shell));
}

async function follow(desk: JobDesk, job: AskedJob, shell: Shell): Promise<JobRecord['result']> {
  const { name } = job;
  const before = await desk.read(name);
  if (isRunning(before)) throw new CliError(`${name} is running already`, exitCodes.trouble);
  await desk.start(job);
  const askedAt = Date.now();
  let shown = '';
  for (;;) {
    await sleep(lookMs, undefined, { signal: shell.signal }).catch(() => undefined);
    if (shell.signal.aborted) throw new CliError(`${name} goes on in the worker`, exitCodes.trouble);
    const now = await desk.read(name);
    const begun = now.beganAt !== before.beganAt && now.beganAt !== undefined;
    if (begun && now.ok === true) return now.result;
    if (begun && now.ok === false) throw new CliError(`${name} failed: ${now.error ?? 'no reason'}`, exitCodes.trouble);
    if (!begun && Date.now() - askedAt > takeUpMs) {
      await desk.withdraw(name);
      throw new CliError('no worker took it up: is one running, with SCHEDULED_JOBS on?', exitCodes.unreachable);
    }
    const progress = begun ? progressLine(now.result) : '';
    // Over the line that stands there.
    if (progress !== shown && shell.isTty && !shell.json) shell.err(`${shown === '' ? '' : lineBefore}${progress}`);
    shown = progress;
  }
}

function isRunning({ running, runningAt }: JobRecord): boolean {
  return running ?? (typeof runningAt === 'number' && Date.now() - runningAt < aliveMs);
}
