/** What runs until it is stopped: the product with its Redis, or the fakes alone. */
export interface Running {
  /** Stops everything in order. */
  stop(): Promise<void>;
  /** Resolves with an exit code when it cannot continue. */
  ended: Promise<number>;
}

/** Prints a line for the person who started it. */
export type Print = (line: string) => void;

export type Env = Readonly<Record<string, string | undefined>>;

/** A variable's value; an empty text is as good as none. */
export function envValue(env: Env, name: string): string | undefined {
  const value = env[name]?.trim();
  return value === '' ? undefined : value;
}
