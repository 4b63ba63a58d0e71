import { randomUUID } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { RedisConnection } from './connection.ts';
import { isErrno, UnsafeRedisError } from './errors.ts';
import { writeFileAtomic } from '../files/atomic-file.ts';
import type { Keys } from './keys.ts';

/** What Redis says about itself. */
export interface RedisInfo {
  version: string;
  aofEnabled: boolean;
  evictionPolicy: string;
  memoryUsedBytes: number;
  /** 0: no limit. */
  memoryMaxBytes: number;
}

/** Asks Redis by INFO alone, for managed services forbid CONFIG. */
export async function getRedisInfo(redis: RedisConnection): Promise<RedisInfo> {
  const fields = parseInfo(await redis.info());
  return {
    version: fields.get('valkey_version') ?? fields.get('redis_version') ?? 'unknown',
    aofEnabled: fields.get('aof_enabled') === '1',
    evictionPolicy: fields.get('maxmemory_policy') ?? 'unknown',
    memoryUsedBytes: Number(fields.get('used_memory') ?? 0),
    memoryMaxBytes: Number(fields.get('maxmemory') ?? 0),
  };
}

/**
 * Refuses a Redis that could lose what it confirmed. With `allowUnsafe` it tells what is wrong instead, for a standing alarm.
 * @throws UnsafeRedisError that names the setting
 */
export async function checkDurability(
  redis: RedisConnection,
  options: { allowUnsafe: boolean },
): Promise<{ info: RedisInfo; problems: string[] }> {
  const info = await getRedisInfo(redis);
  const faults = [
    ...(info.aofEnabled
      ? []
      : [
          new UnsafeRedisError(
            'appendonly',
            'Redis keeps no append-only file, so a crash loses accepted pushes: set "appendonly yes" in redis.conf',
          ),
        ]),
    ...(info.evictionPolicy === 'noeviction'
      ? []
      : [
          new UnsafeRedisError(
            'maxmemory-policy',
            `Redis may evict the queue itself (maxmemory-policy is ${info.evictionPolicy}): set "maxmemory-policy noeviction" in redis.conf`,
          ),
        ]),
  ];
  const [first] = faults;
  if (first !== undefined && !options.allowUnsafe) throw first;
  return { info, problems: faults.map(({ message }) => message) };
}

/** `new`: first use of both. `same`: as before. `lost`: DATA_DIR knows a generation that Redis has forgotten: it came back empty. */
export type InstanceStatus = 'new' | 'same' | 'data-loss';

/**
 * Compares the generation in Redis with the one that `service` noted in `dataDir`, and writes what is missing. Each service
 * keeps its own note, so that each hears of a loss, once. A Redis with another generation (another volume, another server)
 * also counts as lost. Call it at start and after each reconnect. `onLost` is awaited before the note is made: when it
 * fails, or the process dies in it, the next call finds the loss again.
 */
export async function checkInstanceId(
  redis: RedisConnection,
  options: {
    keys: Pick<Keys, 'instanceId'>;
    dataDir: string;
    service: string;
    onDataLoss?: (() => Promise<void>) | undefined;
  },
): Promise<InstanceStatus> {
  const { keys, dataDir, service } = options;
  const file = join(dataDir, `generation-${service}`);
  const known = await readFile(file, 'utf8').then(
    (text) => text.trim(),
    (error: unknown) => {
      if (isErrno(error, 'ENOENT')) return undefined;
      throw error;
    },
  );
  // NX: of two services that start at once, one names it and both use that.
  await redis.set(keys.instanceId, randomUUID(), 'NX');
  const current = await redis.get(keys.instanceId);
  if (current === null) throw new Error('the generation key vanished while it was read');
  if (known === current) return 'same';
  if (known !== undefined) await options.onDataLoss?.();
  await mkdir(dataDir, { recursive: true });
  await writeFileAtomic(file, `${current}\n`, 0o600);
  return known === undefined ? 'new' : 'data-loss';
}

function parseInfo(info: string): Map<string, string> {
  const pairs = info.split('\r\n').flatMap((line) => {
    const colon = line.indexOf(':');
    return colon > 0 ? [[line.slice(0, colon), line.slice(colon + 1)] as const] : [];
  });
  return new Map(pairs);
}
