import type { Logger } from '../logging/logger.ts';

/** One span, told when it is over. Times in ms since the epoch. Attributes hold no personal data. */
export interface SpanData {
  name: string;
  kind: 'server' | 'producer' | 'consumer' | 'client' | 'internal';
  start: number;
  end: number;
  attributes?: Readonly<Record<string, string | number | undefined>>;
  /** Why it failed. */
  error?: string | undefined;
  /** What happened inside it. */
  children?: readonly SpanData[];
}

/**
 * Where spans go. A message's trace follows from its id, which travels through Redis, the spool and HTTP as it is: both
 * services come to the same trace without a word more in the message, also for what waited since before tracing was on.
 */
export interface Tracing {
  /** The span with which a message's trace begins: once for each message. */
  startTrace(messageId: string, facts: SpanData): void;
  /** A span below that one. */
  recordSpan(messageId: string, facts: SpanData): void;
  /** Sends what was not sent yet, for at most a second. Never rejects. */
  stop(): Promise<void>;
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * OpenTelemetry by its standard variables: traces are sent when OTEL_EXPORTER_OTLP_ENDPOINT (or …_TRACES_ENDPOINT) is
 * set. Without them nothing of it is loaded.
 */
export async function loadTracing(
  env: Environment,
  options: { name: string; logger: Logger },
): Promise<Tracing | undefined> {
  if (!isEnabled(env)) return undefined;
  const protocol = env['OTEL_EXPORTER_OTLP_TRACES_PROTOCOL'] ?? env['OTEL_EXPORTER_OTLP_PROTOCOL'] ?? '';
  if (!['', 'http/protobuf'].includes(protocol)) {
    options.logger.warn({ protocol }, 'no traces: OTEL_EXPORTER_OTLP_PROTOCOL must be http/protobuf');
    return undefined;
  }
  const { createTracing } = await import('./otel.ts');
  return createTracing(env, options);
}

function isEnabled(env: Environment): boolean {
  const isSet = (name: string) => (env[name]?.trim() ?? '') !== '';
  const isOff = env['OTEL_SDK_DISABLED']?.toLowerCase() === 'true' || env['OTEL_TRACES_EXPORTER'] === 'none';
  return !isOff && (isSet('OTEL_EXPORTER_OTLP_ENDPOINT') || isSet('OTEL_EXPORTER_OTLP_TRACES_ENDPOINT'));
}
