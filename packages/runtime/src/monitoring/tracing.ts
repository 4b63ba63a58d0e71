import type { Logger } from '../logging/logger.ts';
import type { Tracing } from './span.ts';

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
