/** A job's result as shown to operators: small, without personal data. */
export type JobResult = Record<string, unknown>;

export interface JobRun {
  /** Aborted when the worker stops or the lock is lost: return soon, and be resumable. */
  signal: AbortSignal;
  /** Options of this run, by an operator or the schedule. */
  options: Readonly<Record<string, unknown>>;
  /** Result of the last successful run. */
  last: JobResult | undefined;
  /** Progress of the last run if it was stopped, killed or failed. */
  interrupted: JobResult | undefined;
  /** Reports progress; cheap enough to be called often. */
  progress: (result: JobResult) => void;
}

/** Work that runs on a schedule or on request, in one process at a time. */
export interface Job {
  name: string;
  /** One sentence for the dashboard. */
  description: string;
  /** Undefined: only on request. */
  intervalMs?: number | undefined;
  /** Also when a worker starts, regardless of its last run. */
  runOnStart?: boolean;
  /** Whether it is due now, before its interval is over. Called every few seconds. */
  isDue?: () => Promise<boolean>;
  run(run: JobRun): Promise<JobResult>;
}

/** A job's state as shown on the dashboard. Times in ms. */
export interface JobState {
  name: string;
  description: string;
  intervalMs: number | null;
  running: boolean;
  startedAt: number | null;
  endedAt: number | null;
  /** Of the last completed run; null before the first. */
  ok: boolean | null;
  error: string | null;
  /** Its progress while it runs, then its result. */
  result: JobResult | null;
  nextAt: number | null;
}
