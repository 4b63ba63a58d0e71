import { randomUUID } from 'node:crypto';
import Fastify, {
  LogController,
  type FastifyRequest,
  type FastifyBaseLogger,
  type FastifyInstance,
  type RawReplyDefaultExpression,
  type RawRequestDefaultExpression,
  type RawServerDefault,
} from 'fastify';
import { serializerCompiler, validatorCompiler, type ZodTypeProvider } from 'fastify-type-provider-zod';
import type { Registry } from 'prom-client';
import { z } from 'zod';
import { registerOpenApi } from './openapi.ts';
import { handleError, handleNotFound } from './error-handler.ts';
import type { HealthChecks } from '../monitoring/health.ts';
import type { Logger } from '../logging/logger.ts';
import { addHealthMetrics } from '../monitoring/metrics.ts';

/** The server that both services build on: routes take their types from zod schemas. */
export type HttpServer = FastifyInstance<
  RawServerDefault,
  RawRequestDefaultExpression,
  RawReplyDefaultExpression,
  FastifyBaseLogger,
  ZodTypeProvider
>;

export interface HttpServerOptions {
  /** Shown in the API's description and at /health/live. */
  name: string;
  logger: Logger;
  registry: Registry;
  /** Bytes; 1 MiB when left out. */
  bodyLimit?: number;
  /** Served at GET /health; no such route when left out. */
  health?: HealthChecks;
  /** What /health says beside the checks: version, settings without secrets. */
  about?: () => Record<string, unknown>;
  /** Who sees the details at /health; others see its status only. Everybody when left out. */
  showDetails?: (request: FastifyRequest) => boolean;
  /** Whose X-Forwarded-* headers count; nobody's when left out. */
  trustProxy?: (address: string) => boolean;
}

const requestTimeoutMs = 10_000;

/** A request id from a proxy is taken over when it is a plain word; anything else could forge log lines. */
const plainId = /^[\w.:-]{1,100}$/;

const healthBody = z.object({
  status: z.enum(['ok', 'degraded', 'failing']),
  /** Only for this machine and for who is logged in. */
  checks: z
    .record(
      z.string(),
      z.object({
        status: z.enum(['ok', 'warning', 'failing']),
        since: z.string(),
        detail: z.string().optional(),
        action: z.string().optional(),
      }),
    )
    .optional(),
  about: z.record(z.string(), z.unknown()).optional(),
});

/**
 * An HTTP server that does not listen yet, with what every service has: zod on requests and responses, X-Request-Id,
 * one error shape, GET /docs, GET /metrics and, when checks are given, GET /health (200 or 503) and
 * GET /health/live (200 as long as the process responds: what a restart could not fix does not fail it).
 */
export async function createHttpServer(options: HttpServerOptions): Promise<HttpServer> {
  const { name, logger, registry, bodyLimit = 1024 * 1024, trustProxy } = options;
  const base: FastifyBaseLogger = logger;
  const app: HttpServer = Fastify({
    loggerInstance: base,
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'requestId' }),
    bodyLimit,
    // A client that sends slowly, or stops, does not hold a connection for longer.
    requestTimeout: requestTimeoutMs,
    http: { connectionsCheckingInterval: 2_000, headersTimeout: requestTimeoutMs, requestTimeout: requestTimeoutMs },
    // Longer than the usual proxies' own (Caddy: 120 s, nginx: 60 s), so that it is they who close first.
    keepAliveTimeout: 125_000,
    ...(trustProxy === undefined ? {} : { trustProxy }),
    // A URL that cannot be decoded has no route, and the same error shape.
    frameworkErrors: (error, request, reply) => void handleError(error, request, reply),
    forceCloseConnections: 'idle',
    genReqId: ({ headers }) => {
      const given = headers['x-request-id'];
      return typeof given === 'string' && plainId.test(given) ? given : randomUUID();
    },
  }).withTypeProvider<ZodTypeProvider>();
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  app.setErrorHandler(handleError);
  app.setNotFoundHandler(handleNotFound);
  app.addHook('onRequest', (request, reply, done) => {
    reply.header('x-request-id', request.id);
    done();
  });
  await registerOpenApi(app, name);
  addMetricsRoute(app, registry);
  if (options.health !== undefined) {
    addHealthRoutes(app, options.health, options);
    addHealthMetrics(registry, options.health);
  }
  return app;
}

function addMetricsRoute(app: HttpServer, registry: Registry): void {
  const schema = { tags: ['operation'], summary: 'Figures for Prometheus', response: { 200: z.string() } };
  app.get('/metrics', { schema }, async (_request, reply) =>
    reply
      .type(registry.contentType)
      .serializer(String)
      .send(await registry.metrics()),
  );
}

function addHealthRoutes(
  app: HttpServer,
  health: HealthChecks,
  { name, about, showDetails = () => true }: Pick<HttpServerOptions, 'name' | 'about' | 'showDetails'>,
): void {
  let stopWatching = () => {};
  app.addHook('onReady', async () => {
    stopWatching = health.startPolling();
  });
  app.addHook('onClose', async () => stopWatching());
  const schema = {
    tags: ['operation'],
    summary: 'Is everything in order?',
    description:
      '503 names the failing checks, since when they fail and what to do. For liveness use /health/live, for readiness /health/ready.',
    response: { 200: healthBody, 503: healthBody },
  };
  app.get('/health', { schema }, async (request, reply) => {
    const report = health.report();
    reply.code(report.status === 'ok' ? 200 : 503);
    if (!showDetails(request)) return reply.send({ status: report.status });
    return reply.send(about === undefined ? report : { ...report, about: about() });
  });
  const Ready = z.object({ status: z.enum(['ready', 'not-ready']) });
  const ready = {
    tags: ['operation'],
    summary: 'Can the service do its work?',
    description: '503 while it cannot; a failure that it works around (see /health) does not count.',
    response: { 200: Ready, 503: Ready },
  };
  app.get('/health/ready', { schema: ready }, async (_request, reply) => {
    const isReady = health.isReady();
    return reply.code(isReady ? 200 : 503).send({ status: isReady ? 'ready' : 'not-ready' });
  });
  const live = {
    tags: ['operation'],
    summary: 'Does the process answer?',
    response: { 200: z.object({ status: z.literal('ok'), service: z.string(), pid: z.number() }) },
  };
  app.get('/health/live', { schema: live }, async () => ({ status: 'ok' as const, service: name, pid: process.pid }));
}
