import { readFileSync } from 'node:fs';
import type { z } from 'zod';

/** The environment cannot be used; the message names every variable that is missing or wrong and prints no value. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

/** Each may come from a file: PARTNER_KEY_FILE=/run/secrets/partner_key. */
export const secretNames = [
  'PARTNER_KEY',
  'WEBHOOK_PARTNER_KEY',
  'ACCESS_TOKEN',
  'REFRESH_TOKEN',
  'GOOGLE_CREDENTIALS_JSON',
  'REDIS_PASSWORD',
  'TELEGRAM_BOT_TOKEN',
  'DASHBOARD_PASSWORD',
  'SENTRY_DSN',
] as const;

export type Environment = Readonly<Record<string, string | undefined>>;

/** The environment with the secrets that are in files, and without the byte order mark that an editor put before .env. */
export function expandEnv(env: Environment): Record<string, string> {
  const expanded: Record<string, string> = {};
  for (const [name, value] of Object.entries(env)) {
    if (value !== undefined && value.trim() !== '') expanded[name.replace(/^\uFEFF/, '')] = value;
  }
  const issues: string[] = [];
  for (const name of secretNames) {
    const path = expanded[`${name}_FILE`];
    if (path === undefined) continue;
    if (expanded[name] !== undefined) issues.push(`${name}: set it or ${name}_FILE, not both`);
    try {
      expanded[name] = readFileSync(path.trim(), 'utf8')
        .replace(/^\uFEFF/, '')
        .trim();
    } catch (error) {
      issues.push(
        `${name}_FILE: cannot be read (${error instanceof Error && 'code' in error ? String(error.code) : 'unknown'})`,
      );
    }
    delete expanded[`${name}_FILE`];
  }
  if (issues.length > 0) throw incomplete(issues);
  return expanded;
}

/**
 * Reads the environment through a zod schema. An empty string counts as not set, so that defaults apply and
 * required variables stay required. Throws one ConfigError with all faults.
 */
export function readEnv<Schema extends z.ZodType>(schema: Schema, env: Environment): z.output<Schema> {
  const given = expandEnv(env);
  const parsed = schema.safeParse(given);
  if (parsed.success) return parsed.data;
  throw incomplete(parsed.error.issues.map((issue) => describeIssue(issue, given)));
}

function incomplete(issues: readonly string[]): ConfigError {
  const lines = [...new Set(issues)].map((issue) => `  ${issue}`);
  return new ConfigError(`the environment is not complete; please set or correct:\n${lines.join('\n')}`);
}

/** "NAME is not set" or "NAME: what is expected": zod's own words, which name what is expected and never the value. */
function describeIssue(issue: z.core.$ZodIssue, given: Record<string, string | undefined>): string {
  const name = String(issue.path[0] ?? 'environment');
  if (given[name] === undefined && issue.code === 'invalid_type') return `${name} is not set`;
  return `${name}: ${issue.message}`;
}
