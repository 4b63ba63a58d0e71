import { join } from 'node:path';
import { readJsonFile, writeJsonFile } from '@shopee-webhook/runtime';
import { z } from 'zod';
import type { RedisConnection } from '../redis/connection.ts';

const Result = z.record(z.string(), z.unknown());

export const JobRecord = z.object({
  startedAt: z.number().nullable().default(null),
  endedAt: z.number().nullable().default(null),
  ok: z.boolean().nullable().default(null),
  error: z.string().nullable().default(null),
  result: Result.nullable().default(null),
  /** Of the last successful run. */
  goodResult: Result.nullable().default(null),
  nextAt: z.number().nullable().default(null),
  /** Renewed while it runs: one without the job's lock belongs to a worker that crashed. */
  runningAt: z.number().nullable().default(null),
  /** Of the run in progress. */
  options: Result.default({}),
});

export type JobRecord = z.infer<typeof JobRecord>;

/** A request for a run. */
export interface JobRequest {
  options: Record<string, unknown>;
  /** The exact text that was written: a newer request has another. */
  text: string;
}

/** Records of each job's runs: in Redis for all workers, else in `DATA_DIR/jobs.json`. */
export interface JobStore {
  get(name: string): Promise<JobRecord>;
  set(name: string, change: Partial<JobRecord>): Promise<void>;
  /** Requests a run with these options from any worker. */
  request(name: string, options: Record<string, unknown>): Promise<void>;
  /** The pending request for this job. */
  pendingRequest(name: string): Promise<JobRequest | undefined>;
  /** Completes a request; called by the holder of the job's lock. */
  complete(name: string, request: JobRequest): Promise<void>;
}

/** Jobs as all workers and the command line see them. */
export class RedisJobStore implements JobStore {
  readonly #redis: RedisConnection;
  readonly #key: string;

  constructor(deps: { redis: RedisConnection; key: string }) {
    this.#redis = deps.redis;
    this.#key = deps.key;
  }

  async get(name: string): Promise<JobRecord> {
    return parse(await this.#redis.hget(this.#key, name));
  }

  async request(name: string, options: Readonly<Record<string, unknown>>): Promise<void> {
    await this.#redis.hset(this.#key, requestField(name), JSON.stringify(options));
  }

  /** Withdraws a request. */
  async cancel(name: string): Promise<void> {
    await this.#redis.hdel(this.#key, requestField(name));
  }

  /** A request stays until the job has ended. */
  async pendingRequest(name: string): Promise<JobRequest | undefined> {
    const text = await this.#redis.hget(this.#key, requestField(name));
    return text === null ? undefined : { options: Result.catch({}).parse(parseJsonOrEmpty(text)), text };
  }

  async complete(name: string, { text }: JobRequest): Promise<void> {
    const field = requestField(name);
    if ((await this.#redis.hget(this.#key, field)) === text) await this.#redis.hdel(this.#key, field);
  }

  /** Only the holder of the job's lock writes its record. */
  async set(name: string, change: Partial<JobRecord>): Promise<void> {
    await this.#redis.hset(this.#key, name, JSON.stringify({ ...(await this.get(name)), ...change }));
  }
}

/** Jobs of the one worker that runs without Redis. */
export class FileJobStore implements JobStore {
  readonly #path: string;
  #writing: Promise<void> = Promise.resolve();

  constructor(dataDir: string) {
    this.#path = join(dataDir, 'jobs.json');
  }

  async get(name: string): Promise<JobRecord> {
    const all = await this.#read();
    return JobRecord.parse(all[name] ?? {});
  }

  /** Makes the job due at the next poll; options are for data loss in Redis, which cannot happen here. */
  async request(name: string): Promise<void> {
    await this.set(name, { nextAt: 0 });
  }

  /** Without Redis there are no requests from other processes. */
  async pendingRequest(): Promise<undefined> {
    return undefined;
  }

  async complete(): Promise<void> {}

  async set(name: string, change: Partial<JobRecord>): Promise<void> {
    const write = async () => {
      const all = await this.#read();
      all[name] = { ...JobRecord.parse(all[name] ?? {}), ...change };
      await writeJsonFile(this.#path, all);
    };
    this.#writing = this.#writing.then(write, write);
    await this.#writing;
  }

  async #read(): Promise<Record<string, unknown>> {
    // A lost file costs one extra run, nothing else.
    return (await readJsonFile(this.#path, Result)) ?? {};
  }
}

/** Beside the job's record, in the same hash. */
function requestField(name: string): string {
  return `requested:${name}`;
}

function parse(text: string | null): JobRecord {
  return JobRecord.parse(Result.catch({}).parse(parseJsonOrEmpty(text ?? '{}')));
}

function parseJsonOrEmpty(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Not ours: another program wrote it.
    return {};
  }
}
