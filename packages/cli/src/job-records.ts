import type { RedisLink } from './redis-link.ts';
import { z } from 'zod';
import { ask } from './ask.ts';
import { CliError, exitCodes } from './errors.ts';
import type { WorkerAddress } from '@shopee-webhook/runtime';

const Record = z.object({
  beganAt: z.number().nullish(),
  endedAt: z.number().nullish(),
  ok: z.boolean().nullish(),
  error: z.string().nullish(),
  runningAt: z.number().nullish(),
  running: z.boolean().optional(),
  result: z.record(z.string(), z.unknown()).nullish(),
});

/** How a job stands. */
export type JobRecord = z.infer<typeof Record>;

export interface AskedJob {
  name: string;
  options: Readonly<{ [name: string]: unknown }>;
}

/** A way to the workers' jobs. */
export interface JobDesk {
  /** How the job stands. */
  read(name: string): Promise<JobRecord>;
  /** Asks that a worker runs it. */
  start(job: AskedJob): Promise<void>;
  /** Asks for it no longer. */
  withdraw(name: string): Promise<void>;
}

/** By way of Redis: whichever worker looks first runs it. */
export function jobsInRedis({ redis, keys }: RedisLink): JobDesk {
  return {
    read: async (name) => Record.parse(JSON.parse((await redis.hget(keys.jobs, name)) ?? '{}')),
    start: async ({ name, options }) => void (await redis.hset(keys.jobs, `asked:${name}`, JSON.stringify(options))),
    withdraw: async (name) => void (await redis.hdel(keys.jobs, `asked:${name}`)),
  };
}

/** Without Redis: the one worker is asked itself. */
export function jobsAtWorker(worker: WorkerAddress): JobDesk {
  return {
    read: async (name) => {
      const { jobs } = await ask(worker, 'jobs', {});
      return Record.parse(jobs.find((job) => job.name === name) ?? {});
    },
    start: async ({ name, options }) => {
      const { outcome } = await ask(worker, 'job-run', { name, options });
      if (outcome !== 'started') throw new CliError(`${name} is not started: ${outcome}`, exitCodes.trouble);
    },
    withdraw: async () => undefined,
  };
}
