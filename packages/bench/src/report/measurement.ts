/** One row of the table. */
export interface Metric {
  /** What was measured, with its unit. */
  name: string;
  ours: string;
  /** The same for what it is compared with, in the same run. */
  reference?: string;
  target?: string;
  /** Whether the target is met; left out where there is none. */
  isMet?: boolean;
}

/** What a measurement gets. */
export interface BenchContext {
  /** A folder of its own for data and logs. */
  dir: string;
  log: (line: string) => void;
}

export interface Measurement {
  /** Its name for `--only`. */
  name: string;
  /** How it is measured, for docs/benchmarks.md. */
  method: string;
  run: (bench: BenchContext) => Promise<Metric[]>;
}

/** The middle one of several values. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}
