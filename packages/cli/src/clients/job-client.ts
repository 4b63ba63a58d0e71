import type { RedisLink } from './redis.ts';
import { z } from 'zod';
import { callWorker } from './worker.ts';
import { CliError, exitCodes } from '../errors/cli-error.ts';
import type { WorkerEndpoint } from '@shopee-webhook/contracts';
import { RedisJobStore } from '@shopee-webhook/store';
import { JobStatus } from '@shopee-webhook/contracts/worker-rpc';

/** As in a worker's response; in Redis `runningAt`, a heartbeat, stands for `running`. */
const Record = JobStatus.pick({ startedAt: true, endedAt: true, ok: true, error: true, running: true, result: true })
  .partial()
  .extend({ runningAt: z.number().nullish() });

/** State of a job's last or current run. */
export type JobRecord = z.infer<typeof Record>;

export interface JobRequest {
  name: string;
  options: Readonly<{ [name: string]: unknown }>;
}

/** Starts and reads the workers' jobs. */
export interface JobClient {
  /** State of the job. */
  read(name: string): Promise<JobRecord>;
  /** Requests a run. */
  start(job: JobRequest): Promise<void>;
  /** Withdraws the request. */
  cancel(name: string): Promise<void>;
}

/** Over Redis: the first worker that polls runs it. */
export function createRedisJobClient({ redis, keys }: RedisLink): JobClient {
  const jobs = new RedisJobStore({ redis, key: keys.jobs });
  return {
    read: (name) => jobs.get(name),
    start: ({ name, options }) => jobs.request(name, options),
    cancel: (name) => jobs.cancel(name),
  };
}

/** Without Redis: calls the one worker over HTTP. */
export function createHttpJobClient(worker: WorkerEndpoint): JobClient {
  return {
    read: async (name) => {
      const { jobs } = await callWorker(worker, 'jobs', {});
      return Record.parse(jobs.find((job) => job.name === name) ?? {});
    },
    start: async ({ name, options }) => {
      const { outcome } = await callWorker(worker, 'job-run', { name, options });
      if (outcome !== 'started') throw new CliError(`${name} was not started: ${outcome}`, exitCodes.failure);
    },
    cancel: async () => undefined,
  };
}
