import { readEnv } from '@shopee-webhook/runtime';
import { buildKeys, TokenStore } from '@shopee-webhook/store';
import { z } from 'zod';
import { CliError, exitCodes } from '../errors/cli-error.ts';
import type { RedisLink } from './redis.ts';
import type { Environment } from '../output/shell.ts';

const Env = z.object({ DATA_DIR: z.string().default('data') });

/** The shops' tokens: from Redis and DATA_DIR, or from DATA_DIR alone. */
export function openTokenStore(env: Environment, link: RedisLink | undefined): TokenStore {
  const { DATA_DIR: dataDir } = readEnv(Env, env);
  return new TokenStore({ redis: link?.redis, keys: link?.keys ?? buildKeys('shopee'), dataDir });
}

/** The one shop that is connected; throws a CliError when there are none or several. */
export async function onlyShop(env: Environment, link: RedisLink | undefined): Promise<string> {
  const shops = await openTokenStore(env, link).list();
  const [only] = shops;
  if (only === undefined || shops.length > 1) {
    throw new CliError(`${String(shops.length)} shops are connected: select one with --shop`, exitCodes.usage);
  }
  return only.shopId;
}
