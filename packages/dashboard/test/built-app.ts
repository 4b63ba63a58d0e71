import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('..', import.meta.url));
const built = join(folder, 'dist', 'index.html');
const lock = join(folder, 'node_modules', '.building');
const buildTimeoutMs = 180_000;

/** Builds the app if it was never built or its sources are newer; test files that run at once wait for one another. */
export async function ensureBuilt(): Promise<void> {
  const deadline = Date.now() + buildTimeoutMs;
  while (!isFresh()) {
    if (acquireLock()) {
      try {
        const vite = join(folder, 'node_modules', 'vite', 'bin', 'vite.js');
        // Vitest says `test`, and Vite would build React's slow half for developers.
        const env = { ...process.env, NODE_ENV: 'production' };
        execFileSync(process.execPath, [vite, 'build', '--logLevel', 'error'], { cwd: folder, env, stdio: 'inherit' });
      } finally {
        rmSync(lock, { recursive: true });
      }
    } else if (Date.now() > deadline) {
      throw new Error(`another build does not end; if none runs, remove ${lock}`);
    } else await sleep(500);
  }
}

function isFresh(): boolean {
  if (existsSync(lock) || !existsSync(built)) return false;
  return statSync(built).mtimeMs >= newestMtime(join(folder, 'src'));
}

function acquireLock(): boolean {
  try {
    mkdirSync(lock);
    return true;
  } catch {
    return false; // EEXIST: another test file builds
  }
}

function newestMtime(dir: string): number {
  const times = readdirSync(dir, { withFileTypes: true }).map((entry) => {
    const path = join(dir, entry.name);
    return entry.isDirectory() ? newestMtime(path) : statSync(path).mtimeMs;
  });
  return Math.max(0, ...times);
}
