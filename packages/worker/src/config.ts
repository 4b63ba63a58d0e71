import { hostname } from 'node:os';
import {
  readEnv,
  toErrorReporterOptions,
  toRedisEndpoint,
  workerEnv,
  type LogLevel,
  type OverdueDays,
  type RedisEndpoint,
  type ServiceAccount,
  type Spreadsheets,
} from '@shopee-webhook/runtime';

export interface RedisConfig {
  address: RedisEndpoint;
  keyPrefix: string;
  allowUnsafe: boolean;
  /** Replicas that must have a push before it counts as stored. */
  waitReplicas?: number | undefined;
  /** How long Redis must be unavailable before this worker uses local locks, ms. */
  localLocksAfterMs?: number | undefined;
}

/** The worker's configuration; each component gets its own section. */
export interface WorkerConfig {
  /** Names of the variables that were set. */
  setVariables?: ReadonlySet<string> | undefined;
  workerId: string;
  host: string;
  /** 0: the operating system picks one. */
  port: number;
  logLevel: LogLevel;
  /** Where errors are reported; undefined turns reporting off. */
  errorReports?: { dsn: string; environment: string } | undefined;
  dataDir: string;
  /** How long dead letters and activity are retained. */
  retentionDays: number;
  partner: { id: string; key: string };
  shopeeUrl: string;
  /** Public URL of the dashboard, without a trailing slash. */
  publicUrl?: string | undefined;
  /** The shop from the environment; absent when shops are connected in the browser only. */
  seed?: { shopId: string; accessToken: string; refreshToken: string } | undefined;
  /** Absent with REDIS_ENABLED=false. */
  redis?: RedisConfig | undefined;
  consumers: { count: number; batchSize: number; maxInFlight: number; maxRetries: number };
  orderEventCodes: number[];
  /** Whether this worker runs jobs on their schedule; an operator can always start them. */
  scheduledJobs: boolean;
  sheets: {
    account: ServiceAccount;
    spreadsheets: Spreadsheets;
    rootUrl?: string | undefined;
    tokenUrl?: string | undefined;
    rotation: 'never' | 'year' | 'month';
    summary: boolean;
  };
  /** Days after completion until a payout is overdue. */
  overdueDays: OverdueDays;
}

/** Builds the worker's configuration, or throws one ConfigError that names every invalid variable and prints no value. */
export function loadConfig(env: NodeJS.ProcessEnv): WorkerConfig {
  const parsed = readEnv(workerEnv, env);
  const { SHOP_ID: shopId, ACCESS_TOKEN: accessToken, REFRESH_TOKEN: refreshToken } = parsed;
  const isSeeded = shopId !== undefined && accessToken !== undefined && refreshToken !== undefined;
  return {
    setVariables: new Set(Object.keys(env).filter((name) => env[name] !== undefined && env[name] !== '')),
    workerId: parsed.WORKER_ID ?? `${hostname()}-${String(parsed.WORKER_PORT)}`,
    host: parsed.HOST,
    port: parsed.WORKER_PORT,
    logLevel: parsed.LOG_LEVEL,
    errorReports: toErrorReporterOptions(parsed),
    dataDir: parsed.DATA_DIR,
    retentionDays: parsed.RETENTION_DAYS,
    partner: { id: parsed.PARTNER_ID, key: parsed.PARTNER_KEY },
    shopeeUrl: parsed.SHOPEE_API_URL,
    publicUrl: parsed.PUBLIC_URL?.replace(/(?<!\/)\/+$/, ''),
    seed: isSeeded ? { shopId, accessToken, refreshToken } : undefined,
    redis: parsed.REDIS_ENABLED
      ? {
          address: toRedisEndpoint(parsed),
          keyPrefix: parsed.REDIS_KEY_PREFIX,
          allowUnsafe: parsed.REDIS_ALLOW_UNSAFE,
          waitReplicas: parsed.REDIS_WAIT_REPLICAS,
        }
      : undefined,
    consumers: {
      count: parsed.REDIS_NUM_WORKERS,
      batchSize: parsed.WORKER_BATCH_SIZE,
      maxInFlight: parsed.WORKER_MAX_IN_FLIGHT,
      maxRetries: parsed.REDIS_MAX_RETRIES,
    },
    orderEventCodes: parsed.ORDER_EVENT_CODES,
    scheduledJobs: parsed.SCHEDULED_JOBS,
    sheets: {
      account: parsed.GOOGLE_CREDENTIALS_JSON,
      spreadsheets: parsed.SPREADSHEET_ID,
      rootUrl: parsed.GOOGLE_SHEETS_API_URL,
      tokenUrl: parsed.GOOGLE_TOKEN_URL,
      rotation: parsed.SHEETS_ROTATE,
      summary: parsed.SHEETS_SUMMARY,
    },
    overdueDays: parsed.PAYOUT_OVERDUE_DAYS,
  };
}

/** Every value that must not show up in a log line. */
export function listSecrets({ partner, seed, redis, sheets }: WorkerConfig): (string | undefined)[] {
  return [partner.key, seed?.accessToken, seed?.refreshToken, redis?.address.password, sheets.account.privateKey];
}

/** The effective configuration for the log, without secrets. */
export function describeConfig(config: WorkerConfig): Record<string, unknown> {
  const { workerId, port, dataDir, shopeeUrl, consumers, orderEventCodes, sheets } = config;
  return {
    workerId,
    port,
    dataDir,
    shopeeUrl,
    consumers,
    orderEventCodes,
    redis: config.redis === undefined ? 'off' : { host: config.redis.address.host, keyPrefix: config.redis.keyPrefix },
    seed: config.seed === undefined ? 'not set' : 'set',
    sheets: { rotation: sheets.rotation, spreadsheets: sheets.spreadsheets.all.length },
  };
}
