import {
  expandEnv,
  forwarderEnv,
  readEnv,
  toErrorReporterOptions,
  toRedisEndpoint,
  type Environment,
  type LogLevel,
  type RedisEndpoint,
} from '@shopee-webhook/runtime';
import type { z } from 'zod';
import { visibleEnvironment } from './settings/settings-schema.ts';
import { toTelegramConfig, type TelegramConfig } from '@shopee-webhook/notifier';

/** The forwarder's configuration, grouped by the component that uses it. */
export interface ForwarderConfig {
  /** What was set, by name: for the dashboard. Secrets are ''. */
  visibleEnvironment: ReadonlyMap<string, string>;
  /** `trustedProxies`: addresses, networks and host names whose X-Forwarded-* headers count. */
  http: { host: string; port: number; trustedProxies: string[] };
  log: { level: LogLevel };
  /** Where errors are reported; undefined: nowhere. */
  errorReports?: { dsn: string; environment: string } | undefined;
  dataDir: string;
  logDir: string;
  retentionDays: number;
  push: {
    /** Tried in this order; the API's partner key is the last. */
    keys: string[];
    /** The callback URL as typed in Shopee's console; undefined: taken from each request. */
    url: string | undefined;
  };
  /** The worker's POST /webhook/process, and the key that signs what is sent there. */
  worker: { url: string; key: string };
  redis: {
    enabled: boolean;
    address: RedisEndpoint;
    keyPrefix: string;
    allowUnsafe: boolean;
    /** How many replicas must have a push before it counts as persisted. */
    waitReplicas: number;
    maxRetries: number;
  };
  shopee: {
    partnerId: string;
    partnerKey: string;
    apiUrl: string;
    orderEventCodes: number[];
    /** The shop named in the environment; others are connected in the browser. */
    shop: { shopId: string; accessToken: string; refreshToken: string } | undefined;
  };
  /** Undefined: no alerts. */
  telegram: TelegramConfig | undefined;
  dashboard: {
    /** Undefined: one is made. */
    password: string | undefined;
  };
  /** Where people reach this server, without a slash at its end; undefined: not known. */
  publicUrl: string | undefined;
}

/** Builds the forwarder's configuration. Throws one ConfigError that names every variable that is missing or wrong. */
export function loadConfig(environment: Environment): ForwarderConfig {
  const env = readEnv(forwarderEnv, environment);
  const pushKeys = [...new Set([...env.WEBHOOK_PARTNER_KEY, env.PARTNER_KEY])];
  return {
    visibleEnvironment: visibleEnvironment(expandEnv(environment)),
    http: { host: env.HOST, port: env.FORWARDER_PORT, trustedProxies: env.TRUSTED_PROXIES },
    log: { level: env.LOG_LEVEL },
    errorReports: toErrorReporterOptions(env),
    dataDir: env.DATA_DIR,
    logDir: env.LOG_DIR,
    retentionDays: env.RETENTION_DAYS,
    push: { keys: pushKeys, url: env.WEBHOOK_URL },
    worker: { url: env.FORWARD_WEBHOOK_URL, key: env.PARTNER_KEY },
    redis: {
      enabled: env.REDIS_ENABLED,
      address: toRedisEndpoint(env),
      keyPrefix: env.REDIS_KEY_PREFIX,
      allowUnsafe: env.REDIS_ALLOW_UNSAFE,
      waitReplicas: env.REDIS_WAIT_REPLICAS,
      maxRetries: env.REDIS_MAX_RETRIES,
    },
    shopee: {
      partnerId: env.PARTNER_ID,
      partnerKey: env.PARTNER_KEY,
      apiUrl: env.SHOPEE_API_URL,
      orderEventCodes: env.ORDER_EVENT_CODES,
      shop: shopOf(env),
    },
    telegram: toTelegramConfig(env),
    dashboard: { password: env.DASHBOARD_PASSWORD },
    publicUrl: env.PUBLIC_URL?.replace(/(?<!\/)\/+$/, ''),
  };
}

/** Every value that must not show up in a log line. */
export function listSecrets(config: ForwarderConfig): (string | undefined)[] {
  const { push, worker, redis, shopee, telegram, dashboard } = config;
  return [
    ...push.keys,
    worker.key,
    redis.address.password,
    shopee.partnerKey,
    shopee.shop?.accessToken,
    shopee.shop?.refreshToken,
    telegram?.botToken,
    dashboard.password,
  ];
}

/** The configuration as shown in the log and at /health: secrets only as set or not set. */
export function describeConfig(config: ForwarderConfig): Record<string, string | number | boolean> {
  const { push, redis, shopee, telegram, dashboard } = config;
  const { host, port, clusterNodes, sentinels } = redis.address;
  const at = clusterNodes ?? sentinels ?? [{ host, port }];
  return {
    callbackUrl: push.url ?? 'not set: taken from each request',
    pushKeys: push.keys.length,
    worker: config.worker.url,
    redis: redis.enabled ? at.map((node) => `${node.host}:${String(node.port)}`).join(',') : 'disabled',
    redisPassword: isSet(redis.address.password),
    keyPrefix: redis.keyPrefix,
    orderEventCodes: shopee.orderEventCodes.join(','),
    shop: shopee.shop?.shopId ?? 'not set: connected in the browser',
    telegram: isSet(telegram?.botToken),
    dashboardPassword: isSet(dashboard.password),
    dataDir: config.dataDir,
    logDir: config.logDir,
  };
}

function isSet(value: string | undefined): string {
  return value === undefined ? 'not set' : 'set';
}

function shopOf(env: z.output<typeof forwarderEnv>): ForwarderConfig['shopee']['shop'] {
  const { SHOP_ID: shopId, ACCESS_TOKEN: accessToken, REFRESH_TOKEN: refreshToken } = env;
  if (shopId === undefined || accessToken === undefined || refreshToken === undefined) return undefined;
  return { shopId, accessToken, refreshToken };
}
