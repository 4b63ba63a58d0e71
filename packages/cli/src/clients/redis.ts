import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readEnv, toRedisEndpoint, redisEnv } from '@shopee-webhook/runtime';
import { connectRedis, buildKeys, waitUntilReady, type Keys, type RedisConnection } from '@shopee-webhook/store';
import { z } from 'zod';
import { CliError, exitCodes } from '../errors.ts';
import type { Environment } from '../output/shell.ts';

export interface RedisLink {
  redis: RedisConnection;
  keys: Keys;
}

const Env = z.object(redisEnv);

/** Whether there is a Redis at all: REDIS_ENABLED. */
export function usesRedis(env: Environment): boolean {
  return readEnv(Env, env).REDIS_ENABLED;
}

/**
 * Opens Redis for one command and closes it afterwards. Throws a CliError when Redis is switched off (78) or cannot be
 * reached (69).
 */
export async function withRedis<T>(environment: Environment, use: (link: RedisLink) => Promise<T>): Promise<T> {
  const env = readEnv(Env, redisEndpoint(environment));
  if (!env.REDIS_ENABLED)
    throw new CliError('REDIS_ENABLED is false: there is no queue to look into', exitCodes.config);
  const redis = connectRedis(toRedisEndpoint(env), { name: 'cli' });
  try {
    await waitUntilReady(redis, 5_000).catch((cause: unknown) => {
      const at = `${env.REDIS_HOST}:${String(env.REDIS_PORT)}`;
      const why = cause instanceof Error && cause.cause instanceof Error ? `: ${cause.cause.message}` : '';
      throw new CliError(`Redis at ${at} is not reachable${why}`, exitCodes.unreachable, { cause });
    });
    return await use({ redis, keys: buildKeys(env.REDIS_KEY_PREFIX) });
  } finally {
    redis.disconnect();
  }
}

/**
 * Where Redis is not named, or has docker-compose's name for it, it is the one that `npm start` runs here, at the port
 * that it says, if it does.
 */
function redisEndpoint(env: Environment): Environment {
  const host = env['REDIS_HOST']?.trim() ?? '';
  const elsewhere = (env['REDIS_SENTINELS'] ?? '') !== '' || (env['REDIS_CLUSTER_NODES'] ?? '') !== '';
  if (elsewhere || (host !== '' && host !== 'redis')) return env;
  const dataDir = env['DATA_DIR']?.trim() ?? '';
  const hint = portHint(join(dataDir === '' ? 'data' : dataDir, 'redis-port'));
  // Outside a container nobody is called `redis`.
  if (hint === undefined && existsSync('/.dockerenv')) return env;
  return { ...env, REDIS_HOST: '127.0.0.1', REDIS_PORT: hint ?? defaultPort };
}

/** Where `npm start` puts a Redis of its own, unless somebody else is there. */
const defaultPort = '6390';

function portHint(path: string): string | undefined {
  return existsSync(path) ? readFileSync(path, 'utf8').trim() : undefined;
}
