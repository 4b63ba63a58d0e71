/** Where errors are told beside the log. */
export interface ErrorReporter {
  /** Takes a line of the log, as it was written. */
  capture(text: string): void;
  /** Waits for reports that are on their way, for at most so long. */
  flush(ms: number): Promise<void>;
}

export interface ErrorReporterOptions {
  /** SENTRY_DSN. */
  dsn: string;
  environment: string;
  /** Of the service. */
  name: string;
}

/** Error reports for a service when SENTRY_DSN is set; without it nothing is loaded. */
export async function loadErrorReporter(
  options: { dsn: string; environment: string } | undefined,
  name: string,
): Promise<ErrorReporter | undefined> {
  if (options === undefined) return undefined;
  const { createSentryReporter } = await import('./sentry.ts');
  return createSentryReporter({ ...options, name });
}
