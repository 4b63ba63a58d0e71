export { Chore, type ChoreOptions } from './chore.ts';
export { ConfigError, readEnv } from './env.ts';
export {
  commaList,
  commonEnv,
  count,
  errorReportsOf,
  flag,
  httpUrl,
  portsEnv,
  redisAddressOf,
  refineRedis,
  redisEnv,
  type RedisAddress,
} from './env-shapes.ts';
export { errorBody } from './error-handler.ts';
export { isFromForwarder, proofHeaders, proofOf } from './forwarder-proof.ts';
export { HealthChecks, type HealthCheckReport, type HealthReport, type HealthState } from './health.ts';
export { HttpError } from './http-error.ts';
export { createHttpServer, type HttpServer, type HttpServerOptions } from './http-server.ts';
export { loadErrorReports, type ErrorReports } from './load-error-reports.ts';
export { createLogger, describeError, setLogLevel, type Logger, type LoggerOptions, type LogLevel } from './logger.ts';
export { boundedLabel, createRegistry } from './metrics.ts';
export { configOrExit, runService, type RunningService } from './service.ts';
export { askWorker, WorkerAwayError, type WorkerAddress } from './ask-worker.ts';
export { loadTracing, type SpanFacts, type Tracing } from './tracing.ts';
export {
  CellValue,
  DayAccount,
  DryRun,
  JobStatus,
  OrderAtShopee,
  OrderInSheet,
  OrderSides,
  PushStatus,
  TestResult,
  workerApi,
  WorkerSetting,
  type WorkerAnswers,
  type WorkerAsks,
  type WorkerSettings,
  type WorkerVerb,
} from './worker-api.ts';
