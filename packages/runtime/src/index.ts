export { PeriodicTask, type PeriodicTaskOptions } from './process/periodic-task.ts';
export { readServiceAccount, type ServiceAccount } from './config/service-account.ts';
export { ConfigError, expandEnv, readEnv, secretNames, type Environment } from './config/env.ts';
export {
  commaList,
  commonEnv,
  wholeNumber,
  toErrorReporterOptions,
  booleanFlag,
  httpUrl,
  portsEnv,
  toRedisEndpoint,
  redisEnv,
  type RedisEndpoint,
} from './config/env-schemas.ts';
export { getDigestMode, parseDigest, type DigestMode, type DigestPlan } from './config/digest-plan.ts';
export { overdueDaysOf, parseOverdueDays, type OverdueDays } from './config/overdue-days.ts';
export { parseQuietHours, type QuietHours } from './config/quiet-hours.ts';
export { findSpreadsheet, type Spreadsheets } from './config/spreadsheets.ts';
export { telegramEnv } from './config/telegram-env.ts';
export { forwarderEnv, variableNames, workerEnv } from './config/service-envs.ts';
export { errorBody } from './http/error-handler.ts';

export { HealthChecks, type HealthCheckReport, type HealthReport, type HealthState } from './monitoring/health.ts';
export { HttpError } from './http/http-error.ts';
export { createHttpServer, type HttpServer, type HttpServerOptions } from './http/http-server.ts';
export type { ErrorReporter } from './logging/error-reporter.ts';
export { loadErrorReporter } from './logging/error-reporting.ts';
export { TrustedProxies } from './http/trusted-proxies.ts';
export {
  createLogger,
  describeError,
  setLogLevel,
  type Logger,
  type LoggerOptions,
  type LogLevel,
} from './logging/logger.ts';
export { boundedLabel, createRegistry } from './monitoring/metrics.ts';
export { configOrExit, runService, type RunningService } from './process/service.ts';

export type { SpanData, Tracing } from './monitoring/span.ts';
export { loadTracing } from './monitoring/tracing.ts';

export { systemClock, type Clock } from './clock/clock.ts';
export { writeFileAtomic } from './files/atomic-file.ts';
export { readJsonFile, writeJsonFile } from './files/json-file.ts';
export { withFileLock } from './files/lock-file.ts';
export { LineBuffer } from './files/line-buffer.ts';
export { isCorrupt, resultCode } from './files/sqlite-corruption.ts';
