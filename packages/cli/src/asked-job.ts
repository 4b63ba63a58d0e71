import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { CliError, exitCodes } from './errors.ts';
import type { RedisLink } from './redis-link.ts';
import type { Shell } from './shell.ts';

const Record = z.object({
  beganAt: z.number().nullish(),
  endedAt: z.number().nullish(),
  ok: z.boolean().nullish(),
  error: z.string().nullish(),
  runningAt: z.number().nullish(),
  result: z.record(z.string(), z.unknown()).nullish(),
});

type JobRecord = z.infer<typeof Record>;

/** A worker looks every five seconds. */
const takeUpMs = 30_000;
const lookMs = 500;
/** A worker that runs a job says so more often than this. */
const aliveMs = 60_000;

/**
 * Asks whichever worker looks first to run a job, and follows it to its end. Ctrl-C stops following, not the job.
 * Throws a CliError when it runs already, when no worker takes it up (69), and when it fails.
 */
export async function runAskedJob(
  { redis, keys }: RedisLink,
  job: { name: string; options: Readonly<{ [name: string]: unknown }> },
  shell: Shell,
): Promise<JobRecord['result']> {
  const field = `asked:${job.name}`;
  const read = async () => Record.parse(JSON.parse((await redis.hget(keys.jobs, job.name)) ?? '{}'));
  const before = await read();
  if (isRunning(before)) throw new CliError(`${job.name} is running already`, exitCodes.trouble);
  await redis.hset(keys.jobs, field, JSON.stringify(job.options));
  const askedAt = Date.now();
  let shown = '';
  for (;;) {
    await sleep(lookMs, undefined, { signal: shell.signal }).catch(() => undefined);
    if (shell.signal.aborted) throw new CliError(`${job.name} goes on in the worker`, exitCodes.trouble);
    const now = await read();
    const begun = now.beganAt !== before.beganAt && now.beganAt !== undefined;
    if (begun && now.ok === true) return now.result;
    if (begun && now.ok === false)
      throw new CliError(`${job.name} failed: ${now.error ?? 'no reason'}`, exitCodes.trouble);
    if (!begun && Date.now() - askedAt > takeUpMs) {
      await redis.hdel(keys.jobs, field);
      throw new CliError('no worker took it up: is one running, with SCHEDULED_JOBS on?', exitCodes.unreachable);
    }
    const progress = begun ? progressOf(now) : '';
    if (progress !== shown && shell.isTty && !shell.json) shell.err(progress);
    shown = progress;
  }
}

function isRunning({ runningAt }: JobRecord): boolean {
  return typeof runningAt === 'number' && Date.now() - runningAt < aliveMs;
}

function progressOf({ result }: JobRecord): string {
  const { share, listed, written } = result ?? {};
  if (typeof share !== 'number') return '';
  return `${(share * 100).toFixed(0)} %, ${String(listed)} listed, ${String(written)} written`;
}
