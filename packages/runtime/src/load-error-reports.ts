/** Where errors are told beside the log. */
export interface ErrorReports {
  /** Takes a line of the log, as it was written. */
  line(text: string): void;
  /** Waits for reports that are on their way, for at most so long. */
  flush(ms: number): Promise<void>;
}

export interface ErrorReportsOptions {
  /** SENTRY_DSN. */
  dsn: string;
  environment: string;
  /** Of the service. */
  name: string;
}

/** Error reports for a service when SENTRY_DSN is set; without it nothing is loaded. */
export async function loadErrorReports(
  settings: { dsn: string; environment: string } | undefined,
  name: string,
): Promise<ErrorReports | undefined> {
  if (settings === undefined) return undefined;
  const { createErrorReports } = await import('./error-reports.ts');
  return createErrorReports({ ...settings, name });
}
