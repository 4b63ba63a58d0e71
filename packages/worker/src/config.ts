import { hostname } from 'node:os';
import {
  commaList,
  commonEnv,
  wholeNumber,
  toErrorReporterOptions,
  booleanFlag,
  httpUrl,
  portsEnv,
  readEnv,
  toRedisEndpoint,
  refineRedis,
  redisEnv,
  type LogLevel,
  type RedisEndpoint,
} from '@shopee-webhook/runtime';
import { z } from 'zod';
import { readServiceAccount, type ServiceAccount } from '@shopee-webhook/runtime';
import { parseOverdueDays, type OverdueDays } from './money/overdue-days.ts';
import { parseSpreadsheets, type Spreadsheets } from './shops/spreadsheets.ts';

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

/** Messages in flight over all consumers: enough to fill the next flush while one is in progress. */
const defaultMaxInFlight = 2000;

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
    REDIS_NUM_WORKERS: wholeNumber(3, 1),
    REDIS_MAX_RETRIES: wholeNumber(3),
    WORKER_BATCH_SIZE: wholeNumber(50, 1),
    SCHEDULED_JOBS: booleanFlag(true),
    PUBLIC_URL: httpUrl.optional(),
    WORKER_MAX_IN_FLIGHT: wholeNumber(defaultMaxInFlight, 1),
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
      const spreadsheets = parseSpreadsheets(parts);
      if (spreadsheets !== undefined) return spreadsheets;
      context.addIssue({
        code: 'custom',
        message:
          'must be one id (of an address only the part between /d/ and /edit), or a list of shopid:spreadsheetid',
      });
      return z.NEVER;
    }),
    GOOGLE_SHEETS_API_URL: httpUrl.optional(),
    GOOGLE_TOKEN_URL: httpUrl.optional(),
    SHEETS_ROTATE: z.enum(['never', 'year', 'month'], 'must be never, year or month').default('never'),
    SHEETS_SUMMARY: booleanFlag(true),
    PAYOUT_OVERDUE_DAYS: commaList
      .transform((parts, context) => {
        const days = parseOverdueDays(parts);
        if (days !== undefined) return days;
        context.addIssue({ code: 'custom', message: 'must be days, or a list like 7,BR:14' });
        return z.NEVER;
      })
      .prefault('7'),
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

/** Builds the worker's configuration, or throws one ConfigError that names every invalid variable and prints no value. */
export function loadConfig(env: NodeJS.ProcessEnv): WorkerConfig {
  const parsed = readEnv(Env, env);
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
