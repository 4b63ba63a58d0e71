/** What a job hands back, as shown to people: small, without personal data. */
export type JobResult = Record<string, unknown>;

export interface JobRun {
  /** Aborted when the worker stops or the lock is lost: return soon, and be able to go on later. */
  signal: AbortSignal;
  /** What the person or schedule asked for. */
  options: Readonly<Record<string, unknown>>;
  /** The result of the last run that ended well. */
  last: JobResult | undefined;
  /** What the last run showed that did not come to its end (stopped, killed or failed). */
  interrupted: JobResult | undefined;
  /** Shows how far it is; cheap enough to be called often. */
  progress: (result: JobResult) => void;
}

/** Something done on a schedule or when a person asks, by one process at a time. */
export interface Job {
  name: string;
  /** One sentence for the dashboard. */
  description: string;
  /** Undefined: only when asked for. */
  intervalMs?: number | undefined;
  /** Also when a worker starts, whenever it ran last. */
  runOnStart?: boolean;
  run(run: JobRun): Promise<JobResult>;
}

/** How a job stands, as shown on the dashboard. Times in ms. */
export interface JobState {
  name: string;
  description: string;
  intervalMs: number | null;
  running: boolean;
  startedAt: number | null;
  endedAt: number | null;
  /** Of the last run that ended; null before the first. */
  ok: boolean | null;
  error: string | null;
  /** While it runs its progress, afterwards what it found. */
  result: JobResult | null;
  nextAt: number | null;
}
