/** One line of the table. */
export interface Figure {
  /** What was measured, with its unit. */
  what: string;
  ours: string;
  /** The same of what it is compared with, in the same run. */
  reference?: string;
  aim?: string;
  /** Whether the aim is met; left out where there is none. */
  holds?: boolean;
}

/** Where a measurement works and speaks. */
export interface Bench {
  /** A folder of its own for data and logs. */
  dir: string;
  say: (line: string) => void;
}

export interface Measurement {
  /** What `--only` calls it. */
  name: string;
  /** How it is measured, for docs/benchmarks.md. */
  method: string;
  run: (bench: Bench) => Promise<Figure[]>;
}

/** The one in the middle, of several runs. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}
