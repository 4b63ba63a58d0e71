import { readdirSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { beforeAll, expect, test } from 'vitest';
import { ensureBuilt } from './built-app.ts';
import { startTimeout } from './stage.ts';

const assets = fileURLToPath(new URL('../dist/assets/', import.meta.url));
const maxBytes = 350_000;

beforeAll(() => ensureBuilt(), startTimeout);

/** Bytes of all files that end so, as the forwarder sends them. */
function sizeOf(ending: string): number {
  const files = readdirSync(assets).filter((name) => name.endsWith(ending));
  return files.reduce((sum, name) => sum + statSync(assets + name).size, 0);
}

test('the whole app, compressed, is at most 350 KB', () => {
  const bytes = sizeOf('.br');
  expect(bytes).toBeGreaterThan(50_000);
  expect(bytes).toBeLessThanOrEqual(maxBytes);
  // Each file of code comes compressed in both ways.
  const count = (ending: string) => readdirSync(assets).filter((name) => name.endsWith(ending)).length;
  expect(count('.gz')).toBe(count('.br'));
});
