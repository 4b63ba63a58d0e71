import { writeSync } from 'node:fs';
import { pino, type DestinationStream, type Logger as PinoLogger } from 'pino';
import { bufferedDestination } from './buffered-destination.ts';
import { redact } from './redact.ts';
import type { ErrorReporter } from './error-reporter.ts';
import { pretty as prettyStream } from './pretty.ts';

export type Logger = PinoLogger;
export type LogLevel = 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace' | 'silent';

export interface LoggerOptions {
  /** The service's name, on each line. */
  name: string;
  level: LogLevel;
  /** Colors and one readable line; by default when standard output is a terminal. */
  pretty?: boolean;
  /** Values that never appear in a line, wherever they came from: keys, tokens, passwords. */
  secrets?: readonly (string | undefined)[];
  /** Called with each line of level error or fatal, as it was written. */
  errorReporter?: ErrorReporter | undefined;
  /** Where lines go; standard output when left out. */
  destination?: DestinationStream;
}

/**
 * A JSON logger (pino) for one process. Redacts by field name, keeps of an error only its type, message, code,
 * stack and causes (an HTTP client's error carries the whole request), and replaces the given secrets in every line.
 */
export function createLogger(options: LoggerOptions): Logger {
  const { name, level, destination, errorReporter } = options;
  const streamWrite = createLineHook(createSecretRedactor(options.secrets ?? []), errorReporter);
  const floor = { level: pino.levels.values[level] ?? Infinity };
  const logger = pino(
    {
      name,
      // Children copy their parent's level when they are made: one floor for all of them can be moved later.
      level: level === 'silent' ? level : 'trace',
      base: { name },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }), log: redact },
      serializers: { err: describeError, error: describeError },
      hooks: {
        logMethod(args, write, number) {
          if (number >= floor.level) write.apply(this, args);
        },
        ...(streamWrite === undefined ? {} : { streamWrite }),
      },
    },
    // Asynchronous: a reader that stalls (docker logs, a pipe) must not stop a service that acknowledges pushes.
    destination ?? ((options.pretty ?? process.stdout.isTTY) ? prettyStream() : standardOutput()),
  );
  floors.set(logger, floor);
  if (errorReporter !== undefined) errorReporters.set(logger, errorReporter);
  return logger;
}

const floors = new WeakMap<Logger, { level: number }>();
const errorReporters = new WeakMap<Logger, ErrorReporter>();

/** Waits for error reports that are on their way, for at most so long. Never rejects. */
export async function flushErrorReports(logger: Logger, ms: number): Promise<void> {
  await errorReporters.get(logger)?.flush(ms);
}

/** Changes what a logger of createLogger and all its children write from now on; one that is silent stays so. */
export function setLogLevel(logger: Logger, level: LogLevel): void {
  const floor = floors.get(logger);
  if (floor !== undefined) floor.level = pino.levels.values[level] ?? Infinity;
}

function standardOutput(): DestinationStream {
  const stream = pino.destination({ dest: 1, sync: false });
  // A reader that went away (EPIPE) is no reason to end.
  stream.on('error', () => undefined);
  return bufferedDestination(stream, (text) => {
    try {
      writeSync(1, text);
    } catch {
      // Nobody reads any more.
    }
  });
}

type LineHook = (line: string) => string;

function createLineHook(scrub: LineHook | undefined, reports: ErrorReporter | undefined): LineHook | undefined {
  if (reports === undefined) return scrub;
  return (line) => {
    const written = scrub?.(line) ?? line;
    if (written.startsWith('{"level":"error"') || written.startsWith('{"level":"fatal"')) reports.capture(written);
    return written;
  };
}

/** Replaces each secret in a line. Short values are left out: they would hit ordinary words. */
function createSecretRedactor(secrets: readonly (string | undefined)[]): LineHook | undefined {
  const values = secrets.filter((secret): secret is string => secret !== undefined && secret.length >= 6);
  if (values.length === 0) return undefined;
  const forms = values.flatMap((value) => [JSON.stringify(value).slice(1, -1), encodeURIComponent(value)]);
  return (line) => forms.reduce((text, form) => (text.includes(form) ? text.replaceAll(form, '[hidden]') : text), line);
}

interface ErrorDescription {
  type: string;
  message: string;
  code?: string | number;
  stack?: string | undefined;
  cause?: ErrorDescription;
}

/** What of an error goes into a log line. */
export function describeError(error: unknown, depth = 0): ErrorDescription {
  if (!(error instanceof Error)) return { type: typeof error, message: String(error) };
  const code =
    'code' in error && (typeof error.code === 'string' || typeof error.code === 'number') ? error.code : undefined;
  return {
    type: error.name,
    message: error.message,
    ...(code === undefined ? {} : { code }),
    stack: error.stack,
    ...(error.cause === undefined || depth >= 3 ? {} : { cause: describeError(error.cause, depth + 1) }),
  };
}
