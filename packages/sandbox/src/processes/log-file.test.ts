import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { LogFile } from './log-file.ts';

const fail = (error: Error) => {
  throw error;
};

function folder(): string {
  const dir = mkdtempSync(join(tmpdir(), 'log-file-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

test('a log of any length takes six files at most, the newest lines last, for its owner only', async () => {
  const dir = folder();
  const log = new LogFile(join(dir, 'worker.log'), { onError: fail, size: '1000B' });
  for (let n = 0; n < 2_000; n += 1) log.write(`line ${String(n)}`);
  await log.close();
  const names = readdirSync(dir).sort();
  expect(names).toEqual(['worker.log', ...[1, 2, 3, 4, 5].map((n) => `worker.log.${String(n)}`)]);
  for (const name of names) {
    expect(statSync(join(dir, name)).size).toBeLessThan(1_100);
    expect(statSync(join(dir, name)).mode & 0o777).toBe(0o600);
  }
  const written = names
    .toSorted()
    .toReversed()
    .flatMap((name) => readFileSync(join(dir, name), 'utf8').split('\n'));
  const lines = written.filter((line) => line !== '');
  expect(lines.at(-1)).toBe('line 1999');
  expect(lines).toEqual(lines.map((_, index) => `line ${String(2_000 - lines.length + index)}`));
});

test('what an earlier run wrote stays', async () => {
  const path = join(folder(), 'deep', 'worker.log');
  for (const line of ['first run', 'second run']) {
    const log = new LogFile(path, { onError: fail });
    log.write(line);
    await log.close();
  }
  expect(readFileSync(path, 'utf8')).toBe('first run\nsecond run\n');
});

test('a file that cannot be written is reported once and ends nothing', async () => {
  const path = join(folder(), 'worker.log');
  mkdirSync(path);
  const onError = vi.fn<(error: Error) => void>();
  const log = new LogFile(path, { onError });
  for (let n = 0; n < 10; n += 1) log.write('lost');
  await vi.waitFor(() => expect(onError).toHaveBeenCalledTimes(1));
  log.write('lost, too');
  await log.close();
  expect(onError).toHaveBeenCalledTimes(1);
});
