import { z } from 'zod';

const digits = z.string().trim().regex(/^\d+$/, 'must be a whole number');
const secret = z.string().trim().min(1);

/** A port to listen on; 0 lets the system choose one. */
const port = z
  .string()
  .trim()
  .regex(/^\d+$/, 'must be a port from 0 to 65535')
  .transform(Number)
  .pipe(z.int().max(65_535));

/** `a,b, c` → `['a', 'b', 'c']`. */
export const commaList = z.string().transform((text) =>
  text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== ''),
);

/** A whole number of at least `least`, with a default. */
export function wholeNumber(defaultValue: number, min = 0): z.ZodType<number> {
  return z
    .string()
    .trim()
    .regex(/^\d+$/, 'must be a whole number')
    .transform(Number)
    .pipe(z.int().min(min, `must be at least ${String(min)}`))
    .default(defaultValue);
}

/** `true`/`false` (also 1/0, yes/no, on/off). */
export function booleanFlag(defaultValue: boolean): z.ZodType<boolean> {
  return z.stringbool({ error: 'must be true or false' }).default(defaultValue);
}

/** An http(s) address. */
export const httpUrl = z.url({
  protocol: /^https?$/,
  error: 'must be an address that begins with http:// or https://',
});

const hostPortPattern = /^(?<host>[^\s:]+|\[[0-9a-fA-F:]+\]):(?<port>\d{1,5})$/;

/** `host:port,host:port`. */
const hostPortList = commaList.transform((parts, context) =>
  parts.map((part) => {
    const { host, port } = hostPortPattern.exec(part)?.groups ?? {};
    if (host === undefined || port === undefined) {
      context.addIssue({ code: 'custom', message: 'must be host:port,host:port' });
      return { host: '', port: 0 };
    }
    return { host: host.replaceAll(/[[\]]/g, ''), port: Number(port) };
  }),
);

/** What both services read; spread it into a z.object. */
export const commonEnv = {
  PARTNER_ID: digits,
  PARTNER_KEY: secret,
  SHOP_ID: digits.optional(),
  ACCESS_TOKEN: secret.optional(),
  REFRESH_TOKEN: secret.optional(),
  SHOPEE_API_URL: httpUrl.default('https://partner.shopeemobile.com'),
  ORDER_EVENT_CODES: commaList
    .pipe(z.array(z.string().regex(/^\d+$/, 'must be a list of event codes, such as 3,4').transform(Number)))
    .default([3, 4]),
  DATA_DIR: z.string().default('data'),
  LOG_DIR: z.string().default('logs'),
  LOG_LEVEL: z
    .string()
    .trim()
    .toLowerCase()
    .pipe(
      z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace'], 'must be fatal, error, warn, info, debug or trace'),
    )
    .default('info'),
  RETENTION_DAYS: wholeNumber(90, 1),
  SENTRY_DSN: z
    .url({
      protocol: /^https?$/,
      error: 'must be what Sentry shows as DSN, such as https://<key>@<host>/<project>',
    })
    .refine((dsn) => /^https?:\/\/[^@/]+@[^/]+\/(?:.+\/)?\d+$/.test(dsn), 'must be what Sentry shows as DSN')
    .optional(),
  SENTRY_ENVIRONMENT: z.string().trim().default('production'),
};

/** Where errors are reported; undefined: nowhere. */
export function toErrorReporterOptions(env: {
  SENTRY_DSN?: string | undefined;
  SENTRY_ENVIRONMENT: string;
}): { dsn: string; environment: string } | undefined {
  return env.SENTRY_DSN === undefined ? undefined : { dsn: env.SENTRY_DSN, environment: env.SENTRY_ENVIRONMENT };
}

/** Where Redis is; spread it into a z.object and pass the result to `redisAddressOf`. */
export const redisEnv = {
  REDIS_ENABLED: booleanFlag(true),
  REDIS_HOST: z.string().trim().default('redis'),
  REDIS_PORT: port.default(6379),
  REDIS_USERNAME: z.string().optional(),
  REDIS_PASSWORD: z.string().optional(),
  REDIS_TLS: booleanFlag(false),
  REDIS_SENTINELS: hostPortList.optional(),
  REDIS_SENTINEL_MASTER: z.string().trim().optional(),
  REDIS_CLUSTER_NODES: hostPortList.optional(),
  REDIS_KEY_PREFIX: z.string().trim().default('shopee'),
  REDIS_ALLOW_UNSAFE: booleanFlag(false),
  REDIS_WAIT_REPLICAS: wholeNumber(0),
};

/** Where the services listen. */
export const portsEnv = {
  FORWARDER_PORT: port.default(8000),
  WORKER_PORT: port.default(9000),
  HOST: z.string().trim().default('0.0.0.0'),
};

const redisSchema = z.object(redisEnv);
type RedisSettings = z.output<typeof redisSchema>;

/** How to reach Redis, in the shape that store's connectRedis takes. */
export interface RedisEndpoint {
  host: string;
  port: number;
  username: string | undefined;
  password: string | undefined;
  tls: boolean;
  sentinels: { host: string; port: number }[] | undefined;
  sentinelMaster: string | undefined;
  clusterNodes: { host: string; port: number }[] | undefined;
}

/** Which settings of Redis go together: arguments of `refine` for a schema with `redisEnv`. */
export const redisRules = [
  [
    (env: Partial<RedisSettings>) => (env.REDIS_SENTINELS === undefined) === (env.REDIS_SENTINEL_MASTER === undefined),
    together('REDIS_SENTINEL_MASTER', 'REDIS_SENTINELS and REDIS_SENTINEL_MASTER belong together'),
  ],
  [
    (env: Partial<RedisSettings>) => env.REDIS_CLUSTER_NODES === undefined || !((env.REDIS_WAIT_REPLICAS ?? 0) > 0),
    together('REDIS_WAIT_REPLICAS', 'is not for a Cluster, whose WAIT asks any node: leave it out, or use Sentinel'),
  ],
] as const;

/** Of a rule over several variables. Also checked when single ones are wrong: all faults belong into one message. */
export function together(name: string, message: string): { path: string[]; message: string; when: () => boolean } {
  return { path: [name], message, when: () => true };
}

/** The connection part of a parsed environment. */
export function toRedisEndpoint(env: z.output<typeof redisSchema>): RedisEndpoint {
  return {
    host: env.REDIS_HOST,
    port: env.REDIS_PORT,
    username: env.REDIS_USERNAME,
    password: env.REDIS_PASSWORD,
    tls: env.REDIS_TLS,
    sentinels: env.REDIS_SENTINELS,
    sentinelMaster: env.REDIS_SENTINEL_MASTER,
    clusterNodes: env.REDIS_CLUSTER_NODES,
  };
}
