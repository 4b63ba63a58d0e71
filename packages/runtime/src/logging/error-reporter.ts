/** Where errors are reported beside the log. */
export interface ErrorReporter {
  /** Takes a log line as it was written. */
  capture(text: string): void;
  /** Waits for reports in flight, for at most so long. */
  flush(ms: number): Promise<void>;
}

export interface ErrorReporterOptions {
  /** SENTRY_DSN. */
  dsn: string;
  environment: string;
  /** Of the service. */
  name: string;
}
