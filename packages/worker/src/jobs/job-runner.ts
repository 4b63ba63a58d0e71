import { PeriodicTask, type Logger, systemClock } from '@shopee-webhook/runtime';
import type { Lease, Locks } from '@shopee-webhook/store';
import { errorText } from '../upstreams/errors.ts';
import type { Job, JobResult, JobState } from './job.ts';
import type { JobRequest, JobRecord, JobStore } from '@shopee-webhook/store';

export interface JobRunnerDeps {
  jobs: readonly Job[];
  store: JobStore;
  locks: Locks;
  logger: Logger;
  /** Wall clock, ms epoch. */
  now?: () => number;
  /** A clock that never steps, ms. */
  monotonic?: () => number;
  random?: () => number;
}

const leaseMs = 60_000;
const renewMs = 15_000;
const pollMs = 5_000;
/** Jitter, so that workers that start together do not poll at the same moment. */
const startSpreadMs = 5_000;
/** How far back queued messages may reach after a data loss: the longest window of Shopee's order list, days. */
const recoveryDays = 15;
/** Longest delay after a failed run. */
const retryMs = 300_000;

/** Runs jobs when they are due, each in one worker at a time, and reports their state. */
export class JobRunner {
  readonly #options: JobRunnerDeps;
  readonly #now: () => number;
  readonly #monotonic: () => number;
  readonly #running = new Map<string, Promise<void>>();
  readonly #aborts = new Map<string, AbortController>();
  readonly #dueOnStart = new Set<string>();
  /** By job, the recorded due time and the same by the monotonic clock: the clock may step in between. */
  readonly #due = new Map<string, { nextAt: number; at: number }>();
  readonly #task: PeriodicTask;
  #stop = new AbortController();

  constructor(options: JobRunnerDeps) {
    this.#options = options;
    this.#now = options.now ?? systemClock.wallMs;
    this.#monotonic = options.monotonic ?? systemClock.monotonicMs;
    for (const job of options.jobs) if (job.runOnStart === true) this.#dueOnStart.add(job.name);
    this.#task = new PeriodicTask({
      name: 'jobs',
      intervalMs: pollMs,
      run: () => this.runDue(),
      logger: options.logger,
    });
  }

  start(): void {
    this.#stop = new AbortController();
    this.#task.start();
  }

  /** Aborts running jobs and waits for them. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#task.stop();
    await Promise.allSettled(this.#running.values());
  }

  /** Starts every job that is due; does not wait for its end. */
  async runDue(): Promise<void> {
    for (const job of this.#options.jobs) {
      if (this.#running.has(job.name)) continue;
      const request = await this.#options.store.pendingRequest(job.name);
      if (request !== undefined) {
        await this.#start(job, request.options, request);
        continue;
      }
      const record = await this.#options.store.get(job.name);
      // Its worker crashed, or still holds the lock.
      const isInterrupted = record.runningAt !== null;
      if (isInterrupted) await this.#start(job, record.options);
      else if (this.#dueOnStart.has(job.name) || this.#isDue(job, record) || (await job.isDue?.()) === true)
        await this.#start(job, {});
    }
  }

  /** Starts a job now. `busy`: it is already running, here or in another worker. */
  async run(name: string, options: Record<string, unknown> = {}): Promise<'started' | 'busy' | 'unknown'> {
    const job = this.#options.jobs.find((one) => one.name === name);
    return job === undefined ? 'unknown' : this.#start(job, options);
  }

  async #start(job: Job, options: Record<string, unknown>, request?: JobRequest): Promise<'started' | 'busy'> {
    const { name } = job;
    if (this.#running.has(name)) return 'busy';
    // Registered before the first await, so that concurrent calls start it once.
    const turn = Promise.withResolvers<void>();
    this.#running.set(name, turn.promise);
    const lease = await this.#options.locks.acquire(`job:${name}`, leaseMs).catch((error: unknown) => {
      this.#running.delete(name);
      turn.resolve();
      throw error;
    });
    if (lease === undefined) {
      this.#running.delete(name);
      turn.resolve();
      return 'busy';
    }
    this.#dueOnStart.delete(name);
    void this.#execute(job, lease, { options, request }).finally(() => {
      this.#running.delete(name);
      turn.resolve();
    });
    return 'started';
  }

  /** Aborts a job that runs in this process; false if it does not run here. */
  cancel(name: string): boolean {
    const ending = this.#aborts.get(name);
    ending?.abort();
    return ending !== undefined;
  }

  /** Resolves when no job runs in this process; for tests and the CLI. */
  async settled(): Promise<void> {
    await Promise.all(this.#running.values());
  }

  async list(): Promise<JobState[]> {
    return Promise.all(
      this.#options.jobs.map(async ({ name, description, intervalMs }): Promise<JobState> => {
        const { runningAt, startedAt, endedAt, ok, error, result, nextAt } = await this.#options.store.get(name);
        const running = runningAt !== null && Math.abs(this.#now() - runningAt) < leaseMs;
        return {
          name,
          description,
          intervalMs: intervalMs ?? null,
          running,
          startedAt,
          endedAt,
          ok,
          error,
          result,
          nextAt,
        };
      }),
    );
  }

  /** Redis lost its data: requests the jobs that fetch lost events again from Shopee. */
  async onDataLoss(): Promise<void> {
    const { store } = this.#options;
    await store.request('lost-pushes', {});
    // No message is in a queue that is gone, and its messages may have been old.
    await store.request('reconcile', { from: Math.floor(this.#now() / 1000) - recoveryDays * 86_400, graceSeconds: 0 });
  }

  /**
   * Never rejects: a failed job is recorded, logged and retried at its time. A request stays pending until its run has
   * ended by itself: after a crash or stop the next worker runs it.
   */
  async #execute(
    job: Job,
    lease: Lease,
    { options, request }: { options: Record<string, unknown>; request: JobRequest | undefined },
  ): Promise<void> {
    const { store, logger } = this.#options;
    const startedAt = this.#now();
    const begun = systemClock.monotonicMs();
    const elapsedMs = () => Math.round(systemClock.monotonicMs() - begun);
    const abort = new AbortController();
    this.#aborts.set(job.name, abort);
    const signal = AbortSignal.any([this.#stop.signal, abort.signal]);
    let progress: JobResult | undefined;
    const renew = async () => {
      if (!(await lease.renew())) abort.abort();
      else
        await store.set(job.name, {
          runningAt: this.#now(),
          ...(progress === undefined ? {} : { result: progress }),
        });
    };
    const end = async (change: Partial<JobRecord>) => {
      await store.set(job.name, { ...change, endedAt: this.#now(), runningAt: null });
      if (request !== undefined && lease.held && !this.#stop.signal.aborted) await store.complete(job.name, request);
    };
    const renewal = setInterval(() => {
      renew().catch((err: unknown) => this.#logSaveError(err, job));
    }, renewMs / 5);
    try {
      const before = await store.get(job.name);
      await store.set(job.name, {
        startedAt,
        runningAt: startedAt,
        options,
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
      logger.info({ job: job.name, ms: elapsedMs(), ...result }, 'job done');
    } catch (err) {
      // An aborted job may fail in any way; the next worker runs it again.
      const level = this.#stop.signal.aborted ? 'info' : 'error';
      logger[level]({ err, job: job.name, ms: elapsedMs() }, 'job failed');
      const shown = progress === undefined ? {} : { result: progress };
      const failed = { ok: false, error: errorText(err), nextAt: this.#nextAt(job, false), ...shown };
      await end(failed).catch((cause: unknown) => this.#logSaveError(cause, job));
    } finally {
      this.#aborts.delete(job.name);
      clearInterval(renewal);
      await lease.release().catch((err: unknown) => this.#logSaveError(err, job));
    }
  }

  /**
   * A due time beyond the interval is from before the clock was set back. While this process runs, the wait is measured by
   * a monotonic clock: a step in either direction neither delays a job nor starts all of them at once.
   */
  #isDue({ name, intervalMs }: Job, { nextAt }: JobRecord): boolean {
    if (intervalMs === undefined) return false;
    if (nextAt === null) return true;
    let due = this.#due.get(name);
    if (due?.nextAt !== nextAt) {
      const waitMs = nextAt - this.#now();
      due = { nextAt, at: this.#monotonic() + (waitMs > intervalMs + startSpreadMs ? 0 : waitMs) };
      this.#due.set(name, due);
    }
    return this.#monotonic() >= due.at;
  }

  /** During shutdown Redis may be gone first: the lock then expires and the job runs again. */
  #logSaveError(err: unknown, { name }: Job): void {
    const level = this.#stop.signal.aborted ? 'debug' : 'warn';
    this.#options.logger[level]({ err, job: name }, 'job state not saved');
  }

  #nextAt({ intervalMs }: Job, ok: boolean): number | null {
    if (intervalMs === undefined) return null;
    const { random = Math.random } = this.#options;
    return this.#now() + (ok ? intervalMs : Math.min(intervalMs, retryMs)) + random() * startSpreadMs;
  }
}
