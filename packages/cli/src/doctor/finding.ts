import type { Environment } from '../output/shell.ts';
import type { RedisLink } from '../clients/redis.ts';

/** One line of the doctor. `skip`: not checked, because a prerequisite is missing. */
export interface Finding {
  area: string;
  level: 'ok' | 'warn' | 'fail' | 'skip';
  text: string;
  /** What to do. */
  action?: string | undefined;
  /** Where it is explained or done; defaults to the area's link. */
  link?: string | undefined;
}

/** Input of the checks. `redis` is undefined when unreachable. */
export interface CheckContext {
  env: Environment;
  redis: RedisLink | undefined;
  /** Why it is unreachable. */
  redisError?: string | undefined;
}

export type Check = (context: CheckContext) => Promise<Omit<Finding, 'area'>[]>;

/** A variable's value; undefined when it is not set or empty. */
export function valueOf(env: Environment, name: string): string | undefined {
  const value = env[name]?.trim();
  return value === '' ? undefined : value;
}

/** Timeout of one call, ms. */
export const callTimeoutMs = 10_000;
