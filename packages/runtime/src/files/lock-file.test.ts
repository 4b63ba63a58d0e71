import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { withFileLock } from './lock-file.ts';

async function newPath(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'lock-file-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  return join(folder, 'x.lock');
}

test('one at a time holds a lock, whoever asks', async () => {
  const path = await newPath();
  let [holders, most] = [0, 0];
  const hold = () =>
    withFileLock(path, async () => {
      most = Math.max(most, ++holders);
      await new Promise((resolve) => setTimeout(resolve, 2));
      holders--;
    });
  await Promise.all(Array.from({ length: 20 }, hold));
  expect(most).toBe(1);
});

test.each([
  ['an old file', -3_600_000, ''],
  ['a file dated in the future', 3_600_000, ''],
  ['a file of another program', 0, 'pid 7'],
])('%s that nobody holds locks nobody out', async (_what, ms, text) => {
  const path = await newPath();
  await writeFile(path, text);
  const time = new Date(Date.now() + ms);
  await utimes(path, time, time);
  expect(await withFileLock(path, async () => 'done')).toBe('done');
  expect((await stat(path)).isFile()).toBe(true);
});

test('the file is readable by its owner only', async () => {
  const path = await newPath();
  await withFileLock(path, async () => undefined);
  expect((await stat(path)).mode & 0o777).toBe(0o600);
});

test('a process that is killed leaves its lock to the next', async () => {
  const path = await newPath();
  const code = `import { withFileLock } from ${JSON.stringify(new URL('lock-file.ts', import.meta.url).href)};
    await withFileLock(${JSON.stringify(path)}, async () => { console.log('held'); await new Promise((r) => setTimeout(r, 60_000)); });`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', code], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(child.stdout, 'data');
  let isOurs = false;
  const ours = withFileLock(path, async () => void (isOurs = true));
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(isOurs).toBe(false);
  child.kill('SIGKILL');
  await ours;
  expect(isOurs).toBe(true);
});

test('an error of the work ends the lock', async () => {
  const path = await newPath();
  await expect(withFileLock(path, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
  expect(await withFileLock(path, async () => 'done')).toBe('done');
});
