import type { z } from 'zod';

/** The environment cannot be used; the message names every variable that is missing or wrong and prints no value. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

/**
 * Reads the environment through a zod schema. An empty string counts as not set, so that defaults apply and
 * required variables stay required. Throws one ConfigError with all faults.
 */
export function readEnv<Schema extends z.ZodType>(
  schema: Schema,
  env: Readonly<Record<string, string | undefined>>,
): z.output<Schema> {
  const given = Object.fromEntries(
    Object.entries(env).filter(([, value]) => value !== undefined && value.trim() !== ''),
  );
  const parsed = schema.safeParse(given);
  if (parsed.success) return parsed.data;
  const issues = parsed.error.issues.map((issue) => describeIssue(issue, given));
  const lines = [...new Set(issues)].map((fault) => `  ${fault}`);
  throw new ConfigError(`the environment is not complete; please set or correct:\n${lines.join('\n')}`);
}

/** "NAME is not set" or "NAME: what is expected": zod's own words, which name what is expected and never the value. */
function describeIssue(issue: z.core.$ZodIssue, given: Record<string, string | undefined>): string {
  const name = String(issue.path[0] ?? 'environment');
  if (given[name] === undefined && issue.code === 'invalid_type') return `${name} is not set`;
  return `${name}: ${issue.message}`;
}
