import { constants } from 'node:fs';
import { access, stat, statfs } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { systemClock } from '@shopee-webhook/runtime';
import { getRedisInfo } from '@shopee-webhook/store';
import { configWarnings, configErrors } from '../config/config-check.ts';
import { callTimeoutMs, valueOf, type Check, type Finding } from './finding.ts';

type Line = Omit<Finding, 'area'>;

/** Missing, invalid and suspicious variables. */
export const checkEnvironment: Check = async ({ env }) => {
  const errors = configErrors(env).map((text) => ({
    level: 'fail' as const,
    text,
    action: 'set it in .env',
  }));
  const warnings = configWarnings(env).map((text) => ({ level: 'warn' as const, text }));
  if (errors.length > 0) return [...errors, ...warnings];
  return [{ level: 'ok', text: 'all required variables are set' }, ...warnings];
};

/** Shopee rejects calls whose timestamp is more than five minutes off (Shopee guide 16). */
const skewSeconds = { warn: 60, fail: 300 };

/** This machine's clock against the Date header of Shopee's host. */
export const checkClock: Check = async ({ env }) => {
  const url = valueOf(env, 'SHOPEE_API_URL') ?? 'https://partner.shopeemobile.com';
  const sentAt = systemClock.wallMs();
  const response = await fetch(url, { method: 'HEAD', redirect: 'manual', signal: AbortSignal.timeout(callTimeoutMs) });
  const theirs = Date.parse(response.headers.get('date') ?? '');
  if (Number.isNaN(theirs)) return [{ level: 'warn', text: `${url} sends no Date header to compare with` }];
  const seconds = Math.round(((sentAt + systemClock.wallMs()) / 2 - theirs) / 1000);
  const text = `this clock is ${String(Math.abs(seconds))} s ${seconds < 0 ? 'behind' : 'ahead of'} Shopee's`;
  const action = 'synchronize it: timedatectl set-ntp true';
  if (Math.abs(seconds) >= skewSeconds.fail) return [{ level: 'fail', text, action }];
  if (Math.abs(seconds) >= skewSeconds.warn) return [{ level: 'warn', text, action }];
  return [{ level: 'ok', text: 'the clock matches Shopee’s' }];
};

/** Version, append-only file, eviction, memory, and how long a write takes. */
export const checkRedis: Check = async ({ env, redis: link, redisError }) => {
  if (valueOf(env, 'REDIS_ENABLED') === 'false') return [{ level: 'skip', text: 'disabled by REDIS_ENABLED=false' }];
  if (link === undefined) {
    return [unreachableLine(redisError ?? '')];
  }
  const info = await getRedisInfo(link.redis);
  const used = info.memoryMaxBytes === 0 ? 0 : info.memoryUsedBytes / info.memoryMaxBytes;
  const conf = 'use the redis.conf of this project';
  return [
    Number.parseInt(info.version, 10) >= 7
      ? { level: 'ok', text: `version ${info.version}` }
      : { level: 'fail', text: `version ${info.version} is too old`, action: 'install Redis 7.0 or newer, or Valkey' },
    info.aofEnabled
      ? { level: 'ok', text: 'append-only file is enabled' }
      : {
          level: 'fail',
          text: 'no append-only file: a crash loses accepted pushes',
          action: `appendonly yes; ${conf}`,
        },
    ...(await fsyncLine(link)),
    info.evictionPolicy === 'noeviction'
      ? { level: 'ok', text: 'maxmemory-policy is noeviction' }
      : {
          level: 'fail',
          text: `maxmemory-policy is ${info.evictionPolicy}`,
          action: `maxmemory-policy noeviction; ${conf}`,
        },
    used < 0.8
      ? { level: 'ok', text: `memory ${String(Math.round(info.memoryUsedBytes / 2 ** 20))} MiB` }
      : {
          level: 'warn',
          text: `memory is ${String(Math.round(used * 100))} % full`,
          action: 'raise maxmemory, or see dlq list',
        },
    await writeLine(link),
  ];
};

/** Each way in which a connection fails has its own cure. */
function unreachableLine(error: string): Line {
  if (/WRONGPASS|invalid (?:username-password|password)/i.test(error))
    return {
      level: 'fail',
      text: 'rejects the password',
      action: 'set REDIS_PASSWORD to the one Redis was started with',
    };
  if (error.includes('NOAUTH'))
    return { level: 'fail', text: 'wants a password', action: 'set REDIS_PASSWORD to the one Redis was started with' };
  if (/ENOTFOUND|EAI_AGAIN/.test(error))
    return { level: 'fail', text: 'its host name is unknown', action: 'check REDIS_HOST' };
  if (error.includes('ECONNREFUSED')) {
    const action = 'start it; check REDIS_HOST and REDIS_PORT. If it does not start, its log names the damaged file';
    return { level: 'fail', text: 'unreachable: nothing listens there', action };
  }
  const action = 'start it, and check REDIS_HOST, REDIS_PORT and REDIS_PASSWORD';
  return { level: 'fail', text: error === '' ? 'unreachable' : error, action };
}

/** Skipped where CONFIG is forbidden, as on managed services. */
async function fsyncLine({ redis }: NonNullable<Parameters<Check>[0]['redis']>): Promise<Line[]> {
  const reply = await redis.call('CONFIG', 'GET', 'appendfsync').catch(() => []);
  const policy = Array.isArray(reply) ? String(reply[1] ?? '') : '';
  if (policy === '') return [{ level: 'skip', text: 'appendfsync is unknown: CONFIG is forbidden' }];
  if (policy === 'always') return [{ level: 'ok', text: 'appendfsync is always' }];
  const text = `appendfsync is ${policy}: a power failure loses the last confirmed writes`;
  return [{ level: 'warn', text, action: 'appendfsync always; use the redis.conf of this project' }];
}

/** Latency of a write, which with `appendfsync always` includes an fsync. */
async function writeLine(link: NonNullable<Parameters<Check>[0]['redis']>): Promise<Line> {
  const ms = await writeMs(link).catch((error: unknown) => (error instanceof Error ? error : new Error(String(error))));
  if (ms instanceof Error) {
    const action = 'raise maxmemory, or see dlq list; do not connect to a replica';
    return { level: 'fail', text: `rejects writes: ${ms.message}`, action };
  }
  if (ms < 50) return { level: 'ok', text: `a write takes ${ms.toFixed(1)} ms` };
  const action = 'slow fsync: use a faster disk for Redis';
  return { level: 'warn', text: `a write takes ${ms.toFixed(0)} ms`, action };
}

async function writeMs({ redis, keys }: NonNullable<Parameters<Check>[0]['redis']>): Promise<number> {
  const times: number[] = [];
  for (let round = 0; round < 20; round += 1) {
    const began = systemClock.monotonicMs();
    await redis.set(`${keys.prefix}:doctor`, '1', 'PX', 10_000);
    times.push(systemClock.monotonicMs() - began);
  }
  return times.toSorted((one, other) => one - other)[10] ?? 0;
}

const minFreeBytes = { warn: 2 ** 30, fail: 100 * 2 ** 20 };

/** Whether DATA_DIR and LOG_DIR are writable and have free space. */
export const checkDisk: Check = async ({ env }) => {
  const dirs = [valueOf(env, 'DATA_DIR') ?? 'data', valueOf(env, 'LOG_DIR') ?? 'logs'];
  return Promise.all(
    dirs.map(async (dir) => {
      const existing = await nearestExisting(resolve(dir));
      try {
        await access(existing, constants.W_OK);
      } catch {
        return {
          level: 'fail' as const,
          text: `${dir} is not writable`,
          action: 'make the service user its owner',
        };
      }
      const { bavail, bsize } = await statfs(existing);
      return freeSpaceLine(dir, bavail * bsize);
    }),
  );
};

/** The folder, or its nearest existing parent: creating it here would make the doctor's user its owner. */
async function nearestExisting(dir: string): Promise<string> {
  const isThere = await stat(dir).then(
    () => true,
    (error: unknown) => !(error instanceof Error && 'code' in error && error.code === 'ENOENT'),
  );
  const parent = dirname(dir);
  return isThere || parent === dir ? dir : nearestExisting(parent);
}

/** Whether the free space is enough. */
export function freeSpaceLine(dir: string, free: number): Line {
  const text = `${dir} has ${(free / 2 ** 30).toFixed(1)} GiB free`;
  const action = 'free up space: the spool and the append-only file need it';
  if (free < minFreeBytes.fail) return { level: 'fail', text, action };
  return free < minFreeBytes.warn ? { level: 'warn', text, action } : { level: 'ok', text };
}
