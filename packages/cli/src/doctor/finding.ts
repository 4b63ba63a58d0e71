import type { Environment } from '../output/shell.ts';
import type { RedisLink } from '../clients/redis.ts';

/** One line of the doctor: `skip` is what could not be looked at because something before it is missing. */
export interface Finding {
  area: string;
  level: 'ok' | 'warn' | 'fail' | 'skip';
  text: string;
  /** What to do. */
  action?: string | undefined;
  /** Where that is explained or done; the area's own when left out. */
  link?: string | undefined;
}

/** What the checks look at. `redis` is there when it could be reached. */
export interface CheckContext {
  env: Environment;
  redis: RedisLink | undefined;
}

export type Check = (patient: CheckContext) => Promise<Omit<Finding, 'area'>[]>;

/** A variable's value; undefined when it is not set or empty. */
export function valueOf(env: Environment, name: string): string | undefined {
  const value = env[name]?.trim();
  return value === '' ? undefined : value;
}

/** How long one call of a check may take, ms. */
export const callTimeoutMs = 10_000;
