import { hostname } from 'node:os';
import {
  commaList,
  commonEnv,
  count,
  errorReportsOf,
  flag,
  httpUrl,
  portsEnv,
  readEnv,
  redisAddressOf,
  refineRedis,
  redisEnv,
  type LogLevel,
  type RedisAddress,
} from '@shopee-webhook/runtime';
import { z } from 'zod';
import { readServiceAccount, type ServiceAccount } from './sheets/credentials.ts';
import { spreadsheetsOf, type Spreadsheets } from './spreadsheets.ts';

export interface RedisConfig {
  address: RedisAddress;
  keyPrefix: string;
  allowUnsafe: boolean;
  /** How many replicas must have a push before it counts as kept. */
  waitReplicas?: number | undefined;
  /** How long Redis must be away before this worker locks for itself, ms. */
  aloneAfterMs?: number | undefined;
}

/** What the worker is built from; each part gets its own piece. */
export interface WorkerConfig {
  /** Names of the variables that were set. */
  given?: ReadonlySet<string> | undefined;
  workerId: string;
  host: string;
  /** 0: the system chooses one. */
  port: number;
  logLevel: LogLevel;
  /** Where errors are reported; undefined: nowhere. */
  errorReports?: { dsn: string; environment: string } | undefined;
  dataDir: string;
  /** How long dead letters and activity are kept. */
  retentionDays: number;
  partner: { id: string; key: string };
  shopeeUrl: string;
  /** Where people reach the dashboard, without a last slash. */
  publicUrl?: string | undefined;
  /** The shop from the environment; absent when shops are connected in the browser only. */
  seed?: { shopId: string; accessToken: string; refreshToken: string } | undefined;
  /** Absent with REDIS_ENABLED=false. */
  redis?: RedisConfig | undefined;
  consumers: { count: number; batchSize: number; maxInHand: number; maxRetries: number };
  orderEventCodes: number[];
  /** Whether this worker runs jobs on their schedule; a person can run them all the same. */
  scheduledJobs: boolean;
  sheets: {
    account: ServiceAccount;
    spreadsheets: Spreadsheets;
    rootUrl?: string | undefined;
    tokenUrl?: string | undefined;
    rotation: 'never' | 'year' | 'month';
    summary: boolean;
  };
}

/** Messages that all consumers together hold at a time: enough for the next flush while one is under way. */
const defaultMaxInHand = 2000;

const Env = z
  .object({
    ...commonEnv,
    ...redisEnv,
    ...portsEnv,
    WORKER_ID: z
      .string()
      .trim()
      .regex(/^[\w.:-]{1,100}$/, 'may hold letters, digits and . : _ -')
      .optional(),
    REDIS_NUM_WORKERS: count(3, 1),
    REDIS_MAX_RETRIES: count(3),
    WORKER_BATCH_SIZE: count(50, 1),
    SCHEDULED_JOBS: flag(true),
    PUBLIC_URL: httpUrl.optional(),
    WORKER_MAX_IN_HAND: count(defaultMaxInHand, 1),
    GOOGLE_CREDENTIALS_JSON: z.string().transform((text, context) => {
      try {
        return readServiceAccount(text);
      } catch (error) {
        const message =
          error instanceof Error ? error.message.replace(/^GOOGLE_CREDENTIALS_JSON /, '') : 'is not usable';
        context.addIssue({ code: 'custom', message });
        return z.NEVER;
      }
    }),
    SPREADSHEET_ID: commaList.transform((parts, context) => {
      const spreadsheets = spreadsheetsOf(parts);
      if (spreadsheets !== undefined) return spreadsheets;
      context.addIssue({ code: 'custom', message: 'must be one id, or a list of shopid:spreadsheetid' });
      return z.NEVER;
    }),
    GOOGLE_SHEETS_API_URL: httpUrl.optional(),
    GOOGLE_TOKEN_URL: httpUrl.optional(),
    SHEETS_ROTATE: z.enum(['never', 'year', 'month'], 'must be never, year or month').default('never'),
    SHEETS_SUMMARY: flag(true),
  })
  .superRefine((env, context) => {
    refineRedis(env, context);
    const names = ['SHOP_ID', 'ACCESS_TOKEN', 'REFRESH_TOKEN'] as const;
    const missing = names.filter((name) => env[name] === undefined);
    if (missing.length === 0 || missing.length === names.length) return;
    for (const name of missing) {
      const message = 'is not set; SHOP_ID, ACCESS_TOKEN and REFRESH_TOKEN go together';
      context.addIssue({ code: 'custom', path: [name], message });
    }
  });

/** Builds the worker's configuration, or throws one ConfigError that names every variable at fault and prints no value. */
export function loadConfig(env: NodeJS.ProcessEnv): WorkerConfig {
  const read = readEnv(Env, env);
  const { SHOP_ID: shopId, ACCESS_TOKEN: accessToken, REFRESH_TOKEN: refreshToken } = read;
  const isSeeded = shopId !== undefined && accessToken !== undefined && refreshToken !== undefined;
  return {
    given: new Set(Object.keys(env).filter((name) => env[name] !== undefined && env[name] !== '')),
    workerId: read.WORKER_ID ?? `${hostname()}-${String(read.WORKER_PORT)}`,
    host: read.HOST,
    port: read.WORKER_PORT,
    logLevel: read.LOG_LEVEL,
    errorReports: errorReportsOf(read),
    dataDir: read.DATA_DIR,
    retentionDays: read.RETENTION_DAYS,
    partner: { id: read.PARTNER_ID, key: read.PARTNER_KEY },
    shopeeUrl: read.SHOPEE_API_URL,
    publicUrl: read.PUBLIC_URL?.replace(/\/+$/, ''),
    seed: isSeeded ? { shopId, accessToken, refreshToken } : undefined,
    redis: read.REDIS_ENABLED
      ? {
          address: redisAddressOf(read),
          keyPrefix: read.REDIS_KEY_PREFIX,
          allowUnsafe: read.REDIS_ALLOW_UNSAFE,
          waitReplicas: read.REDIS_WAIT_REPLICAS,
        }
      : undefined,
    consumers: {
      count: read.REDIS_NUM_WORKERS,
      batchSize: read.WORKER_BATCH_SIZE,
      maxInHand: read.WORKER_MAX_IN_HAND,
      maxRetries: read.REDIS_MAX_RETRIES,
    },
    orderEventCodes: read.ORDER_EVENT_CODES,
    scheduledJobs: read.SCHEDULED_JOBS,
    sheets: {
      account: read.GOOGLE_CREDENTIALS_JSON,
      spreadsheets: read.SPREADSHEET_ID,
      rootUrl: read.GOOGLE_SHEETS_API_URL,
      tokenUrl: read.GOOGLE_TOKEN_URL,
      rotation: read.SHEETS_ROTATE,
      summary: read.SHEETS_SUMMARY,
    },
  };
}

/** What is worth a line in the log at start: no secrets. */
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
