import { constants } from 'node:fs';
import { access, stat, statfs } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { getRedisInfo, SettingsStore } from '@shopee-webhook/store';
import { configWarnings, configErrors } from '../config/config-check.ts';
import { pausedMessage, resumeHint } from '../output/pause.ts';
import { callTimeoutMs, valueOf, type Check, type Finding } from './finding.ts';

type Line = Omit<Finding, 'area'>;

/** Whether everything is set, and what is doubtful. */
export const checkEnvironment: Check = async ({ env }) => {
  const faults = configErrors(env).map((text) => ({
    level: 'fail' as const,
    text,
    action: 'set it in .env',
  }));
  const doubts = configWarnings(env).map((text) => ({ level: 'warn' as const, text }));
  if (faults.length > 0) return [...faults, ...doubts];
  return [{ level: 'ok', text: 'everything that is needed is set' }, ...doubts];
};

/** Shopee refuses calls whose time is more than five minutes off (Shopee guide 16). */
const skewSeconds = { warn: 60, fail: 300 };

/** This machine's clock against the Date that Shopee's host answers with. */
export const checkClock: Check = async ({ env }) => {
  const url = valueOf(env, 'SHOPEE_API_URL') ?? 'https://partner.shopeemobile.com';
  const sentAt = Date.now();
  const response = await fetch(url, { method: 'HEAD', redirect: 'manual', signal: AbortSignal.timeout(callTimeoutMs) });
  const theirs = Date.parse(response.headers.get('date') ?? '');
  if (Number.isNaN(theirs)) return [{ level: 'warn', text: `${url} tells no time to compare with` }];
  const seconds = Math.round(((sentAt + Date.now()) / 2 - theirs) / 1000);
  const text = `this clock is ${String(Math.abs(seconds))} s ${seconds < 0 ? 'behind' : 'ahead of'} Shopee's`;
  const action = 'synchronise it: timedatectl set-ntp true';
  if (Math.abs(seconds) >= skewSeconds.fail) return [{ level: 'fail', text, action }];
  if (Math.abs(seconds) >= skewSeconds.warn) return [{ level: 'warn', text, action }];
  return [{ level: 'ok', text: 'the clock agrees with Shopee’s' }];
};

/** Version, append-only file, eviction, memory, and how long a write takes. */
export const checkRedis: Check = async ({ env, redis: link }) => {
  if (valueOf(env, 'REDIS_ENABLED') === 'false')
    return [{ level: 'skip', text: 'switched off by REDIS_ENABLED=false' }];
  if (link === undefined) {
    return [
      { level: 'fail', text: 'not reachable', action: 'start it, and check REDIS_HOST, REDIS_PORT and REDIS_PASSWORD' },
    ];
  }
  const facts = await getRedisInfo(link.redis);
  const used = facts.memoryMaxBytes === 0 ? 0 : facts.memoryUsedBytes / facts.memoryMaxBytes;
  const conf = 'use the redis.conf of this project';
  return [
    Number.parseInt(facts.version, 10) >= 7
      ? { level: 'ok', text: `version ${facts.version}` }
      : { level: 'fail', text: `version ${facts.version} is too old`, action: 'install Redis 7.0 or newer, or Valkey' },
    facts.aofEnabled
      ? { level: 'ok', text: 'keeps an append-only file' }
      : {
          level: 'fail',
          text: 'no append-only file: a crash loses accepted pushes',
          action: `appendonly yes; ${conf}`,
        },
    ...(await fsyncLine(link)),
    facts.evictionPolicy === 'noeviction'
      ? { level: 'ok', text: 'evicts nothing' }
      : {
          level: 'fail',
          text: `maxmemory-policy is ${facts.evictionPolicy}`,
          action: `maxmemory-policy noeviction; ${conf}`,
        },
    used < 0.8
      ? { level: 'ok', text: `memory ${String(Math.round(facts.memoryUsedBytes / 2 ** 20))} MiB` }
      : {
          level: 'warn',
          text: `memory is ${String(Math.round(used * 100))} % full`,
          action: 'raise maxmemory, or see dlq list',
        },
    await writeLine(link),
  ];
};

/** Nothing where CONFIG is forbidden, as on managed services. */
async function fsyncLine({ redis }: NonNullable<Parameters<Check>[0]['redis']>): Promise<Line[]> {
  const reply = await redis.call('CONFIG', 'GET', 'appendfsync').catch(() => []);
  const policy = Array.isArray(reply) ? String(reply[1] ?? '') : '';
  if (policy === '') return [{ level: 'skip', text: 'does not tell when it writes to its disk' }];
  if (policy === 'always') return [{ level: 'ok', text: 'is on the disk before it answers' }];
  const text = `appendfsync is ${policy}: a power cut loses what it confirmed last`;
  return [{ level: 'warn', text, action: 'appendfsync always; use the redis.conf of this project' }];
}

/** How long a write takes, which with `appendfsync always` is an fsync of this disk. */
async function writeLine(link: NonNullable<Parameters<Check>[0]['redis']>): Promise<Line> {
  const ms = await writeMs(link).catch((error: unknown) => (error instanceof Error ? error : new Error(String(error))));
  if (ms instanceof Error) {
    const action = 'raise maxmemory, or see dlq list; a replica is not the one to connect to';
    return { level: 'fail', text: `takes no writes: ${ms.message}`, action };
  }
  if (ms < 50) return { level: 'ok', text: `a write takes ${ms.toFixed(1)} ms` };
  const action = 'the disk is slow at fsync: give Redis a faster one';
  return { level: 'warn', text: `a write takes ${ms.toFixed(0)} ms`, action };
}

async function writeMs({ redis, keys }: NonNullable<Parameters<Check>[0]['redis']>): Promise<number> {
  const times: number[] = [];
  for (let round = 0; round < 20; round += 1) {
    const began = performance.now();
    await redis.set(`${keys.prefix}:doctor`, '1', 'PX', 10_000);
    times.push(performance.now() - began);
  }
  return times.toSorted((one, other) => one - other)[10] ?? 0;
}

/** Whether a person told the consumers to take nothing; nothing to say without Redis, where they cannot be told. */
export const checkConsumers: Check = async ({ redis: link }) => {
  if (link === undefined) return [];
  const { CONSUMERS_PAUSED: since } = await new SettingsStore(link).getRuntimeSettings();
  if (since === undefined) return [{ level: 'ok', text: 'not paused' }];
  return [{ level: 'warn', text: pausedMessage(since), action: resumeHint }];
};

const minFreeBytes = { warn: 2 ** 30, fail: 100 * 2 ** 20 };

/** Whether DATA_DIR and LOG_DIR can be written to, and have room. */
export const checkDisk: Check = async ({ env }) => {
  const dirs = [valueOf(env, 'DATA_DIR') ?? 'data', valueOf(env, 'LOG_DIR') ?? 'logs'];
  return Promise.all(
    dirs.map(async (dir) => {
      const place = await nearestExisting(resolve(dir));
      try {
        await access(place, constants.W_OK);
      } catch {
        return {
          level: 'fail' as const,
          text: `${dir} cannot be written to`,
          action: `make it belong to the service's user`,
        };
      }
      const { bavail, bsize } = await statfs(place);
      return freeSpaceLine(dir, bavail * bsize);
    }),
  );
};

/** The folder, or what it will be made in: nothing is made here, for it would belong to whoever runs the doctor. */
async function nearestExisting(dir: string): Promise<string> {
  const isThere = await stat(dir).then(
    () => true,
    (error: unknown) => !(error instanceof Error && 'code' in error && error.code === 'ENOENT'),
  );
  const parent = dirname(dir);
  return isThere || parent === dir ? dir : nearestExisting(parent);
}

/** Whether so many free bytes are enough. */
export function freeSpaceLine(dir: string, free: number): Line {
  const text = `${dir} has ${(free / 2 ** 30).toFixed(1)} GiB free`;
  const action = 'make room: the spool and the append-only file need it';
  if (free < minFreeBytes.fail) return { level: 'fail', text, action };
  return free < minFreeBytes.warn ? { level: 'warn', text, action } : { level: 'ok', text };
}
