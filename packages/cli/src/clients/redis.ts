import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readEnv, toRedisEndpoint, redisEnv } from '@shopee-webhook/runtime';
import { connectRedis, buildKeys, waitUntilReady, type Keys, type RedisConnection } from '@shopee-webhook/store';
import { z } from 'zod';
import { CliError, exitCodes } from '../errors/cli-error.ts';
import type { Environment } from '../output/shell.ts';

export interface RedisLink {
  redis: RedisConnection;
  keys: Keys;
}

const Env = z.object(redisEnv);

/** Whether Redis is in use: REDIS_ENABLED. */
export function usesRedis(env: Environment): boolean {
  return readEnv(Env, env).REDIS_ENABLED;
}

/**
 * Connects to Redis for one command. Throws a CliError when Redis is disabled (78) or unreachable (69).
 */
export async function withRedis<T>(environment: Environment, use: (link: RedisLink) => Promise<T>): Promise<T> {
  const env = readEnv(Env, redisEndpoint(environment));
  if (!env.REDIS_ENABLED) throw new CliError('REDIS_ENABLED is false: there is no queue to inspect', exitCodes.config);
  const redis = connectRedis(toRedisEndpoint(env), { name: 'cli' });
  try {
    await waitUntilReady(redis, 5_000).catch((cause: unknown) => {
      const at = `${env.REDIS_HOST}:${String(env.REDIS_PORT)}`;
      const why = cause instanceof Error && cause.cause instanceof Error ? `: ${cause.cause.message}` : '';
      throw new CliError(`Redis at ${at} is unreachable${why}`, exitCodes.unreachable, { cause });
    });
    return await use({ redis, keys: buildKeys(env.REDIS_KEY_PREFIX) });
  } finally {
    redis.disconnect();
  }
}

/**
 * Without REDIS_HOST, or with docker-compose's name for it, the Redis of `npm start` on this machine is used, at the port in
 * its port file, with the password it made.
 */
function redisEndpoint(env: Environment): Environment {
  const host = env['REDIS_HOST']?.trim() ?? '';
  const elsewhere = (env['REDIS_SENTINELS'] ?? '') !== '' || (env['REDIS_CLUSTER_NODES'] ?? '') !== '';
  if (elsewhere || (host !== '' && host !== 'redis')) return env;
  const dataDir = env['DATA_DIR']?.trim() ?? '';
  const folder = dataDir === '' ? 'data' : dataDir;
  const hint = readHint(join(folder, 'redis-port'));
  // Outside a container the host name `redis` does not resolve.
  if (hint === undefined && existsSync('/.dockerenv')) return env;
  const password = (env['REDIS_PASSWORD'] ?? '') === '' ? readHint(join(folder, 'redis-password')) : undefined;
  const own = { ...env, REDIS_HOST: '127.0.0.1', REDIS_PORT: hint ?? defaultPort };
  return password === undefined ? own : { ...own, REDIS_PASSWORD: password };
}

/** The port of the Redis of `npm start`, unless it was taken. */
const defaultPort = '6390';

function readHint(path: string): string | undefined {
  return existsSync(path) ? readFileSync(path, 'utf8').trim() : undefined;
}
