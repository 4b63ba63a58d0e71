import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { AlreadyRunningError, lockFolder } from './run-lock.ts';

it('a folder is held by one run at a time, and what a dead one left is no hindrance', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'lock-'));
  onTestFinished(() => rmSync(dir, { recursive: true }));
  writeFileSync(join(dir, 'run.sock'), '');
  const release = await lockFolder(dir);
  await expect(lockFolder(dir)).rejects.toThrow(AlreadyRunningError);
  release();
  (await lockFolder(dir))();
});
