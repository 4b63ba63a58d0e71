import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { RedisConnection } from '@shopee-webhook/store';
import { z } from 'zod';

const Result = z.record(z.string(), z.unknown());

export const JobRecord = z.object({
  beganAt: z.number().nullable().default(null),
  endedAt: z.number().nullable().default(null),
  ok: z.boolean().nullable().default(null),
  error: z.string().nullable().default(null),
  result: Result.nullable().default(null),
  /** Of the last run that ended well. */
  goodResult: Result.nullable().default(null),
  nextAt: z.number().nullable().default(null),
  /** Renewed while it runs: one that stays behind belongs to a worker that died. */
  runningAt: z.number().nullable().default(null),
});

export type JobRecord = z.infer<typeof JobRecord>;

/** What is known of each job's runs: in Redis for all workers, else in `DATA_DIR/jobs.json`. */
export interface JobRecords {
  get(name: string): Promise<JobRecord>;
  set(name: string, change: Partial<JobRecord>): Promise<void>;
  /** Asks for a run with these options by whichever worker looks first. */
  ask(name: string, options: Record<string, unknown>): Promise<void>;
  /** The options with which this job was asked for, given to one asker once. */
  takeAsked(name: string): Promise<Record<string, unknown> | undefined>;
}

export class RedisJobRecords implements JobRecords {
  readonly #redis: RedisConnection;
  readonly #key: string;

  constructor(parts: { redis: RedisConnection; key: string }) {
    this.#redis = parts.redis;
    this.#key = parts.key;
  }

  async get(name: string): Promise<JobRecord> {
    return parse(await this.#redis.hget(this.#key, name));
  }

  async ask(name: string, options: Record<string, unknown>): Promise<void> {
    await this.#redis.hset(this.#key, `asked:${name}`, JSON.stringify(options));
  }

  /** The command line too writes `asked:<name>` beside the records; whichever worker deletes it first runs the job. */
  async takeAsked(name: string): Promise<Record<string, unknown> | undefined> {
    const field = `asked:${name}`;
    const text = await this.#redis.hget(this.#key, field);
    if (text === null || (await this.#redis.hdel(this.#key, field)) === 0) return undefined;
    return Result.catch({}).parse(safely(text));
  }

  /** Only the holder of the job's lock writes its record. */
  async set(name: string, change: Partial<JobRecord>): Promise<void> {
    await this.#redis.hset(this.#key, name, JSON.stringify({ ...(await this.get(name)), ...change }));
  }
}

export class FileJobRecords implements JobRecords {
  readonly #path: string;
  #writing: Promise<void> = Promise.resolve();

  constructor(dataDir: string) {
    this.#path = join(dataDir, 'jobs.json');
  }

  async get(name: string): Promise<JobRecord> {
    const all = await this.#read();
    return JobRecord.parse(all[name] ?? {});
  }

  /** The one worker is due at its next look; options are for Redis' loss, which cannot happen here. */
  async ask(name: string): Promise<void> {
    await this.set(name, { nextAt: 0 });
  }

  /** Without Redis nobody else can ask. */
  async takeAsked(): Promise<undefined> {
    return undefined;
  }

  async set(name: string, change: Partial<JobRecord>): Promise<void> {
    const write = async () => {
      const all = await this.#read();
      all[name] = { ...JobRecord.parse(all[name] ?? {}), ...change };
      await writeFile(this.#path, JSON.stringify(all));
    };
    this.#writing = this.#writing.then(write, write);
    await this.#writing;
  }

  async #read(): Promise<Record<string, unknown>> {
    // Losing the file costs one run too many, nothing else.
    const text = await readFile(this.#path, 'utf8').catch(() => '{}');
    return Result.catch({}).parse(safely(text));
  }
}

function parse(text: string | null): JobRecord {
  return JobRecord.parse(Result.catch({}).parse(safely(text ?? '{}')));
}

function safely(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Half a file after a power cut.
    return {};
  }
}
