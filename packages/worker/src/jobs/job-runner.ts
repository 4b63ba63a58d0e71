import { Chore, type Logger } from '@shopee-webhook/runtime';
import type { Lease, Locks } from '@shopee-webhook/store';
import { errorText } from '../errors.ts';
import type { Job, JobResult, JobState } from './job.ts';
import type { Asked, JobRecord, JobRecords } from './job-records.ts';

export interface JobRunnerOptions {
  jobs: readonly Job[];
  records: JobRecords;
  locks: Locks;
  logger: Logger;
  now?: () => number;
  random?: () => number;
}

const leaseMs = 60_000;
const renewMs = 15_000;
const lookMs = 5_000;
/** Workers that start together do not all look at the same moment. */
const startSpreadMs = 5_000;
/** How far back messages may have waited in a Redis that was lost: Shopee's list of orders takes so many days at once. */
const lossDays = 15;
/** After a run that failed, at the latest. */
const againMs = 300_000;

/** Runs the jobs when they are due, each by one worker at a time, and shows how they stand. */
export class JobRunner {
  readonly #options: JobRunnerOptions;
  readonly #now: () => number;
  readonly #running = new Map<string, Promise<void>>();
  readonly #endings = new Map<string, AbortController>();
  readonly #atStart = new Set<string>();
  readonly #chore: Chore;
  #stop = new AbortController();

  constructor(options: JobRunnerOptions) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
    for (const job of options.jobs) if (job.atStart === true) this.#atStart.add(job.name);
    this.#chore = new Chore({ name: 'jobs', everyMs: lookMs, run: () => this.runDue(), logger: options.logger });
  }

  start(): void {
    this.#stop = new AbortController();
    this.#chore.start();
  }

  /** Tells running jobs to end, and waits for them. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#chore.stop();
    await Promise.allSettled(this.#running.values());
  }

  /** Begins every job that is due; does not wait for its end. */
  async runDue(): Promise<void> {
    for (const job of this.#options.jobs) {
      if (this.#running.has(job.name)) continue;
      const asked = await this.#options.records.asked(job.name);
      if (asked !== undefined) {
        await this.#begin(job, asked.options, asked);
        continue;
      }
      const { nextAt } = await this.#options.records.get(job.name);
      const scheduled = job.everyMs !== undefined && (nextAt === null || nextAt <= this.#now());
      if (scheduled || this.#atStart.has(job.name)) await this.run(job.name);
    }
  }

  /** Begins a job now. `busy`: it is running already, here or in another worker. */
  async run(name: string, options: Record<string, unknown> = {}): Promise<'started' | 'busy' | 'unknown'> {
    const job = this.#options.jobs.find((one) => one.name === name);
    return job === undefined ? 'unknown' : this.#begin(job, options);
  }

  async #begin(job: Job, options: Record<string, unknown>, asked?: Asked): Promise<'started' | 'busy'> {
    const { name } = job;
    if (this.#running.has(name)) return 'busy';
    // Held here from now on, so that two asks at once begin it once.
    const turn = Promise.withResolvers<void>();
    this.#running.set(name, turn.promise);
    const lease = await this.#options.locks.acquire(`job:${name}`, leaseMs).catch((error: unknown) => {
      this.#running.delete(name);
      turn.resolve();
      throw error;
    });
    this.#atStart.delete(name);
    if (lease === undefined) {
      this.#running.delete(name);
      turn.resolve();
      return 'busy';
    }
    void this.#hold(job, lease, { options, asked }).finally(() => {
      this.#running.delete(name);
      turn.resolve();
    });
    return 'started';
  }

  /** Tells a job that runs in this process to end soon; false when it does not run here. */
  cancel(name: string): boolean {
    const ending = this.#endings.get(name);
    ending?.abort();
    return ending !== undefined;
  }

  /** Waits until nothing runs in this process; for tests and the command line. */
  async settled(): Promise<void> {
    await Promise.all(this.#running.values());
  }

  async list(): Promise<JobState[]> {
    return Promise.all(
      this.#options.jobs.map(async ({ name, about, everyMs }): Promise<JobState> => {
        const { runningAt, beganAt, endedAt, ok, error, result, nextAt } = await this.#options.records.get(name);
        const running = runningAt !== null && this.#now() - runningAt < leaseMs;
        return { name, about, everyMs: everyMs ?? null, running, beganAt, endedAt, ok, error, result, nextAt };
      }),
    );
  }

  /** Redis came back empty: what waited in it is found again at Shopee, by whichever worker looks first. */
  async afterLoss(): Promise<void> {
    const { records } = this.#options;
    await records.ask('lost-pushes', {});
    // Nothing is on its way through a queue that is gone, and its messages may have waited for long.
    await records.ask('reconcile', { from: Math.floor(this.#now() / 1000) - lossDays * 86_400, graceSeconds: 0 });
  }

  /**
   * Never rejects: a job that fails is recorded, logged, and tried again at its time. What was asked for stays so until
   * its run has ended by itself: after a kill or a stop the next worker does it.
   */
  async #hold(
    job: Job,
    lease: Lease,
    { options, asked }: { options: Record<string, unknown>; asked: Asked | undefined },
  ): Promise<void> {
    const { records, logger } = this.#options;
    const beganAt = this.#now();
    const ending = new AbortController();
    this.#endings.set(job.name, ending);
    const signal = AbortSignal.any([this.#stop.signal, ending.signal]);
    let progress: JobResult | undefined;
    const keep = async () => {
      if (!(await lease.renew())) ending.abort();
      else
        await records.set(job.name, {
          runningAt: this.#now(),
          ...(progress === undefined ? {} : { result: progress }),
        });
    };
    const end = async (change: Partial<JobRecord>) => {
      await records.set(job.name, { ...change, endedAt: this.#now(), runningAt: null });
      if (asked !== undefined && lease.held && !this.#stop.signal.aborted) await records.answered(job.name, asked);
    };
    const keeper = setInterval(() => {
      keep().catch((err: unknown) => this.#notNoted(err, job));
    }, renewMs / 5);
    try {
      const before = await records.get(job.name);
      await records.set(job.name, {
        beganAt,
        runningAt: beganAt,
        ok: null,
        error: null,
        nextAt: this.#nextAt(job, true),
      });
      const result = await job.run({
        signal,
        options,
        last: before.goodResult ?? undefined,
        interrupted: before.ok === true ? undefined : (before.result ?? undefined),
        progress: (shown) => {
          progress = shown;
        },
      });
      const good = signal.aborted ? {} : { goodResult: result };
      await end({ ok: true, error: null, result, nextAt: this.#nextAt(job, !signal.aborted), ...good });
      logger.info({ job: job.name, ms: this.#now() - beganAt, ...result }, 'job done');
    } catch (err) {
      // Told to end, it may fail in any way; the next worker runs it again.
      const level = this.#stop.signal.aborted ? 'info' : 'error';
      logger[level]({ err, job: job.name, ms: this.#now() - beganAt }, 'job failed');
      const shown = progress === undefined ? {} : { result: progress };
      const failed = { ok: false, error: errorText(err), nextAt: this.#nextAt(job, false), ...shown };
      await end(failed).catch((cause: unknown) => this.#notNoted(cause, job));
    } finally {
      this.#endings.delete(job.name);
      clearInterval(keeper);
      await lease.release().catch((err: unknown) => this.#notNoted(err, job));
    }
  }

  /** At the end of the process Redis may be gone first: the lock then ends by itself, and the job is run again. */
  #notNoted(err: unknown, { name }: Job): void {
    const level = this.#stop.signal.aborted ? 'debug' : 'warn';
    this.#options.logger[level]({ err, job: name }, 'job not noted');
  }

  #nextAt({ everyMs }: Job, ok: boolean): number | null {
    if (everyMs === undefined) return null;
    const { random = Math.random } = this.#options;
    return this.#now() + (ok ? everyMs : Math.min(everyMs, againMs)) + random() * startSpreadMs;
  }
}
