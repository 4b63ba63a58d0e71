import type { ErrorReporter } from './error-reporter.ts';

/** Error reports for a service when SENTRY_DSN is set; without it nothing is loaded. */
export async function loadErrorReporter(
  options: { dsn: string; environment: string } | undefined,
  name: string,
): Promise<ErrorReporter | undefined> {
  if (options === undefined) return undefined;
  const { createSentryReporter } = await import('./sentry.ts');
  return createSentryReporter({ ...options, name });
}
