import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { systemClock } from '../clock/clock.ts';
import {
  diag,
  DiagLogLevel,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
  TraceFlags,
  type Context,
  type Span,
  type Tracer,
} from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { defaultResource, detectResources, envDetector, resourceFromAttributes } from '@opentelemetry/resources';
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  BatchSpanProcessor,
  RandomIdGenerator,
  TraceIdRatioBasedSampler,
  TracerProvider,
  type IdGenerator,
  type Sampler,
} from '@opentelemetry/sdk-trace';
import type { Logger } from '../logging/logger.ts';
import type { SpanData, Tracing } from './span.ts';

type Environment = Readonly<Record<string, string | undefined>>;

const kinds = {
  server: SpanKind.SERVER,
  producer: SpanKind.PRODUCER,
  consumer: SpanKind.CONSUMER,
  client: SpanKind.CLIENT,
  internal: SpanKind.INTERNAL,
};

const stopMs = 1_000;
const logIntervalMs = 60_000;

/** Traces by OpenTelemetry's SDK. Loaded only when they are wanted: it costs some 15 MB of memory. */
export function createTracing(env: Environment, { name, logger }: { name: string; logger: Logger }): Tracing {
  logExportErrors(logger);
  const ids = new MessageIds();
  const provider = new TracerProvider({
    sampler: createSampler(env),
    idGenerator: ids,
    // What the environment says wins: OTEL_SERVICE_NAME, OTEL_RESOURCE_ATTRIBUTES.
    resource: defaultResource()
      .merge(resourceFromAttributes({ 'service.name': `shopee-webhook-${name}` }))
      .merge(detectResources({ detectors: [envDetector] })),
    spanProcessors: [new BatchSpanProcessor({ exporter: new OTLPTraceExporter(), ...readBatchOptions(env) })],
  });
  const tracer = provider.getTracer('shopee-webhook');
  return {
    startTrace(messageId, facts) {
      ids.next = deriveIds(messageId);
      exportSpan(tracer, facts, ROOT_CONTEXT);
      ids.next = undefined;
    },
    recordSpan: (messageId, facts) => exportSpan(tracer, facts, toParentContext(messageId)),
    stop: async () => {
      const stopped = provider.shutdown().catch((err: unknown) => logger.debug({ err }, 'traces not sent'));
      await Promise.race([stopped, sleep(stopMs, undefined, { ref: false })]);
    },
  };
}

/** Gives the first span of a message's trace the ids that follow from the message's; all others get new ones. */
class MessageIds implements IdGenerator {
  next: { traceId: string; spanId: string } | undefined;
  readonly #random = new RandomIdGenerator();

  generateTraceId(): string {
    return this.next?.traceId ?? this.#random.generateTraceId();
  }

  generateSpanId(): string {
    const spanId = this.next?.spanId ?? this.#random.generateSpanId();
    if (this.next !== undefined) this.next = { ...this.next, spanId: this.#random.generateSpanId() };
    return spanId;
  }
}

function deriveIds(messageId: string): { traceId: string; spanId: string } {
  const hex = createHash('sha256').update(`trace of ${messageId}`).digest('hex');
  return { traceId: hex.slice(0, 32), spanId: hex.slice(32, 48) };
}

/** The place right below the first span of a message's trace. */
function toParentContext(messageId: string): Context {
  return trace.setSpanContext(ROOT_CONTEXT, {
    ...deriveIds(messageId),
    traceFlags: TraceFlags.SAMPLED,
    isRemote: true,
  });
}

function exportSpan(tracer: Tracer, data: SpanData, parent: Context): void {
  const { name, kind, start, end, attributes = {}, error, children = [] } = data;
  const given = Object.entries(attributes).filter((pair): pair is [string, string | number] => pair[1] !== undefined);
  const options = { kind: kinds[kind], startTime: start, attributes: Object.fromEntries(given) };
  const span: Span = tracer.startSpan(name, options, parent);
  const inside = trace.setSpan(parent, span);
  for (const child of children) exportSpan(tracer, child, inside);
  if (error !== undefined) span.setStatus({ code: SpanStatusCode.ERROR, message: error });
  span.end(end);
}

/**
 * OTEL_TRACES_SAMPLER. It decides by the trace's id, and that is the same in both services: a trace is sent whole or not
 * at all, so what a parent decided need not be asked.
 */
function createSampler(env: Environment): Sampler {
  const name = env['OTEL_TRACES_SAMPLER']?.trim().replace(/^parentbased_/, '');
  if (name === 'always_off') return new AlwaysOffSampler();
  if (name !== 'traceidratio') return new AlwaysOnSampler();
  const ratio = Number(env['OTEL_TRACES_SAMPLER_ARG'] ?? 1);
  return new TraceIdRatioBasedSampler(ratio >= 0 && ratio <= 1 ? ratio : 1);
}

/** OTEL_BSP_…: how spans are gathered. */
function readBatchOptions(env: Environment): Record<string, number> {
  const names = {
    scheduledDelayMillis: 'OTEL_BSP_SCHEDULE_DELAY',
    exportTimeoutMillis: 'OTEL_BSP_EXPORT_TIMEOUT',
    maxQueueSize: 'OTEL_BSP_MAX_QUEUE_SIZE',
    maxExportBatchSize: 'OTEL_BSP_MAX_EXPORT_BATCH_SIZE',
  };
  const given = Object.entries(names).map(([option, name]): [string, number] => [option, Number(env[name] ?? 0)]);
  return Object.fromEntries(given.filter(([, value]) => value > 0));
}

/** A collector that is unavailable is worth a line a minute. */
function logExportErrors(logger: Logger): void {
  let loggedAt = -Infinity;
  const logWarning = (text: string) => {
    if (systemClock.monotonicMs() - loggedAt < logIntervalMs) return;
    loggedAt = systemClock.monotonicMs();
    logger.warn({ reason: text.slice(0, 300) }, 'trace export failed');
  };
  const ignore = () => undefined;
  diag.setLogger(
    { error: logWarning, warn: logWarning, info: ignore, debug: ignore, verbose: ignore },
    { logLevel: DiagLogLevel.WARN },
  );
}
