import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';

/** Runs a script beside a watchdog of two seconds; the signal or exit code that ended it. */
async function endOf(script: string): Promise<NodeJS.Signals | number> {
  const watchdog = JSON.stringify(new URL('watchdog.ts', import.meta.url).href);
  const source = `const { startWatchdog } = await import(${watchdog}); startWatchdog({ timeoutMs: 2000 }); ${script}`;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', source], { stdio: 'ignore' });
  const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
  return signal ?? code ?? -1;
}

test('a process whose event loop hangs is killed', { timeout: 60_000 }, async () => {
  expect(await endOf('setTimeout(() => { for (;;); }, 1000);')).toBe('SIGKILL');
});

test('a process that works, waits or ends is left alone', { timeout: 60_000 }, async () => {
  expect(await endOf('setTimeout(() => undefined, 4000);')).toBe(0);
});
