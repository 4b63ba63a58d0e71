import { mkdir, open, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { systemClock } from '../clock/clock.ts';
import { isCorrupt, resultCode } from './sqlite-corruption.ts';

const busy = 5;
const timeoutMs = 10_000;

/**
 * Runs `work` while no other process that locks the same file does. The lock is SQLite's on a database that stays empty: the
 * operating system ends it with its process, so that no lock is ever stale and no clock decides.
 * @throws when another process holds it for ten seconds
 */
export async function withFileLock<T>(path: string, work: () => Promise<T>): Promise<T> {
  await mkdir(dirname(path), { recursive: true });
  const lock = await acquire(path);
  try {
    return await work();
  } finally {
    lock.close();
  }
}

async function acquire(path: string): Promise<DatabaseSync> {
  const giveUpAt = systemClock.monotonicMs() + timeoutMs;
  for (;;) {
    // Readable by its owner only: SQLite would make it for everybody.
    await (await open(path, 'a', 0o600)).close();
    const lock = tryLock(path);
    if (lock instanceof DatabaseSync) return lock;
    // What is no database was left by another program: nobody can hold it.
    if (isCorrupt(lock)) await unlink(path).catch(() => undefined);
    else if (resultCode(lock) !== busy) throw lock;
    else if (systemClock.monotonicMs() > giveUpAt)
      throw new Error(`${path} is locked by another process`, { cause: lock });
    else await sleep(5 + Math.random() * 20);
  }
}

function tryLock(path: string): unknown {
  const lock = new DatabaseSync(path, { timeout: 0 });
  try {
    lock.exec('BEGIN IMMEDIATE');
    return lock;
  } catch (error) {
    lock.close();
    return error;
  }
}
