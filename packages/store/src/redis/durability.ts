import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { readJsonFile, writeJsonFile } from '@shopee-webhook/runtime/json-file';
import { z } from 'zod';
import type { RedisConnection } from './connection.ts';
import { UnsafeRedisError } from './errors.ts';
import type { Keys } from './keys.ts';
import { defineScript } from './script.ts';

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
 * Rejects a Redis that could lose what it confirmed. With `allowUnsafe` it returns what is wrong instead, for an alert.
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

/** `new`: first use of both. `same`: as before. `data-loss`: Redis does not have what DATA_DIR knows that it had. */
export type InstanceStatus = 'new' | 'same' | 'data-loss';

const Note = z.object({ instanceId: z.string(), activityId: z.string() });

/**
 * The id of the newest activity entry ever, also of one that was trimmed. It never falls while Redis keeps its data.
 * KEYS 1 activity; reply the id, '0-0' when there is none
 */
const lastActivityScript = defineScript(
  `if redis.call('EXISTS', KEYS[1]) == 0 then return '0-0' end
local info = redis.call('XINFO', 'STREAM', KEYS[1])
for i = 1, #info, 2 do
  if info[i] == 'last-generated-id' then return info[i + 1] end
end
return '0-0'`,
  { readOnly: true },
);

/**
 * Compares Redis with what `service` noted of it in `dataDir`: its instance id, which differs after it came back empty or with
 * another volume, and its newest activity, which is older after a backup was restored. Then notes both. Each service has
 * its own note, so that each notices a loss, once. Call it at start, after each reconnect and about every minute.
 * `onDataLoss` is awaited before the note is written: when it fails, or the process dies in it, the next call finds the loss
 * again.
 */
export async function checkInstanceId(
  redis: RedisConnection,
  options: {
    keys: Pick<Keys, 'instanceId' | 'activity'>;
    dataDir: string;
    service: string;
    onDataLoss?: (() => Promise<void>) | undefined;
  },
): Promise<InstanceStatus> {
  const { keys, dataDir, service } = options;
  const file = join(dataDir, `redis-instance-${service}.json`);
  const note = await readJsonFile(file, Note);
  // NX: of two services that start at once, one names it and both use that.
  await redis.set(keys.instanceId, randomUUID(), 'NX');
  const instanceId = await redis.get(keys.instanceId);
  if (instanceId === null) throw new Error('the instance id vanished while it was read');
  const activityId = String(await lastActivityScript.run(redis, [keys.activity], []));
  const isSame = note?.instanceId === instanceId && compareIds(activityId, note.activityId) >= 0;
  if (isSame && activityId === note.activityId) return 'same';
  if (note !== undefined && !isSame) await options.onDataLoss?.();
  await writeJsonFile(file, { instanceId, activityId });
  if (isSame) return 'same';
  return note === undefined ? 'new' : 'data-loss';
}

/** Ids of a stream: `<ms>-<sequence>`. */
function compareIds(one: string, other: string): number {
  const [[ms = 0, sequence = 0], [otherMs = 0, otherSequence = 0]] = [one, other].map((id) =>
    id.split('-').map(Number),
  ) as [number[], number[]];
  return ms - otherMs || sequence - otherSequence;
}

function parseInfo(info: string): Map<string, string> {
  const pairs = info.split('\r\n').flatMap((line) => {
    const colon = line.indexOf(':');
    return colon > 0 ? [[line.slice(0, colon), line.slice(colon + 1)] as const] : [];
  });
  return new Map(pairs);
}
