import { InvalidArgumentError, type Command } from 'commander';
import { buildKeys, connectRedis, moveQueue, waitUntilReady, type RedisConnection } from '@shopee-webhook/store';
import { withRedis, type RedisLink } from '../clients/redis.ts';
import { CliError, exitCodes } from '../errors/cli-error.ts';
import type { Shell } from '../output/shell.ts';

interface Options {
  prefix: string;
  yes?: boolean;
}

/** `migrate from`: moves what waits in another receiver's Redis into ours. */
export function addMigrate(program: Command, shell: Shell): void {
  program
    .command('migrate')
    .description('take over from another receiver')
    .command('from')
    .argument('<redis url>', 'its Redis: redis://[user:password@]host[:port][/database]', parseRedisUrl)
    .description('move what waits in its queue into ours; stop it first; dry run without --yes')
    .option('--prefix <prefix>', 'its key prefix', 'shopee')
    .option('--yes', 'confirm')
    .action((url: URL, options: Options) =>
      withRedis(shell.env, (link) => withOldRedis(url, (redis) => migrate({ redis, url }, { link, options, shell }))),
    );
}

function parseRedisUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^rediss?:$/.test(url.protocol) || url.hostname === '' || !/^\/?\d*$/.test(url.pathname))
    throw new InvalidArgumentError('must be an address such as redis://:password@host:6379/0');
  return url;
}

/** Connected to the database that the address names. */
async function withOldRedis<T>(url: URL, use: (redis: RedisConnection) => Promise<T>): Promise<T> {
  const redis = connectRedis(
    {
      host: url.hostname.replaceAll(/[[\]]/g, ''),
      port: Number(url.port || 6379),
      username: decodeURIComponent(url.username) || undefined,
      password: decodeURIComponent(url.password) || undefined,
      tls: url.protocol === 'rediss:',
    },
    { name: 'migrate' },
  );
  try {
    await waitUntilReady(redis, 5_000).catch((cause: unknown) => {
      const why = cause instanceof Error && cause.cause instanceof Error ? `: ${cause.cause.message}` : '';
      throw new CliError(`the old Redis at ${url.host} is unreachable${why}`, exitCodes.unreachable, { cause });
    });
    const database = url.pathname.replace('/', '') || '0';
    if (database !== '0') await redis.call('SELECT', database);
    return await use(redis);
  } finally {
    redis.disconnect();
  }
}

async function migrate(
  old: { redis: RedisConnection; url: URL },
  { link, options, shell }: { link: RedisLink; options: Options; shell: Shell },
): Promise<void> {
  const { prefix, yes } = options;
  if (prefix === link.keys.prefix && (await isSame(old, link.redis)))
    throw new CliError('that is this installation’s own queue: nothing has to be moved', exitCodes.usage);
  const from = { redis: old.redis, keys: buildKeys(prefix).webhooks };
  const to = { redis: link.redis, keys: link.keys.webhooks };
  const keys = await moveQueue(from, to, { dryRun: yes !== true });
  const did = yes === true ? 'were moved' : 'would be moved';
  shell.show({ done: yes === true, keys }, () => [
    ...keys.map(
      ({ key, to: target, messages, malformed }) =>
        `${key}: ${String(messages)} messages ${did} into the ${target}` +
        (malformed === 0 ? '' : `, of which ${String(malformed)} are no messages and become dead letters`),
    ),
    ...(keys.length === 0 ? [`nothing waits there under the prefix ${prefix}`] : []),
    ...(yes === true || keys.length === 0 ? [] : ['Stop the old receiver, then add --yes to confirm.']),
  ]);
}

/** Whether both connections end in the same database of the same server. */
async function isSame({ redis, url }: { redis: RedisConnection; url: URL }, ours: RedisConnection): Promise<boolean> {
  if (!/^\/?0?$/.test(url.pathname)) return false;
  const [one, other] = await Promise.all([redis, ours].map(runId));
  return one !== undefined && one === other;
}

async function runId(redis: RedisConnection): Promise<string | undefined> {
  return /run_id:(\w+)/.exec(await redis.info('server'))?.[1];
}
