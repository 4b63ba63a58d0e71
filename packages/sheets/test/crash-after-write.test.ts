import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import type { Lease } from '@shopee-webhook/store';
import { sheetWorld } from './sheet-world.ts';

const keys = Array.from({ length: 12 }, (_, n) => `1:${String.fromCharCode(97 + n)}`);
const byKey = ([a]: unknown[], [b]: unknown[]) => String(a).localeCompare(String(b));

/** As the lease of a process that is killed. */
function unreleased(lease: Lease | undefined): Lease | undefined {
  if (lease === undefined) return undefined;
  const { fencingToken, previousHolderCrashed } = lease;
  return {
    fencingToken: fencingToken,
    previousHolderCrashed: previousHolderCrashed,
    held: true,
    renew: () => lease.renew(),
    release: () => Promise.resolve(),
  };
}

/** Twelve orders that were written and looked at. */
async function setUp() {
  const world = await sheetWorld();
  const dataDir = mkdtempSync(join(tmpdir(), 'sheet-keys-'));
  onTestFinished(() => rmSync(dataDir, { recursive: true }));
  const first = world.writer({ dataDir });
  await first.upsert(keys.map((key, n) => world.row(key, 1, { units: 20 - n })));
  await world.settled(first);
  await first.stop();
  const missing: string[] = [];
  const onMissing = async (one: { keys: string[] }) => void missing.push(...one.keys);
  const memory = () => readFileSync(join(dataDir, `sheet-keys-${world.spreadsheetId}.txt`), 'utf8');
  return { world, dataDir, missing, onMissing, memory };
}

test('what a write cost whose writer died at once is found by the next process', async () => {
  const { world, dataDir, missing, onMissing, memory } = await setUp();
  // It cannot tell anybody any more.
  const dies = world.writer({ dataDir, onMissing: () => Promise.reject(new Error('dead')) });
  world.google.beforeNextWrite({ kind: 'sort', tab: 'Orders', column: 'Units' });
  const touched = [keys[2], keys[3], keys[4]].flatMap((key) => key ?? []);
  await dies.upsert(touched.map((key) => world.row(key, 2)));
  await dies.stop();
  const standing = new Set(world.versions().map(([key]) => key));
  const overwritten = keys.filter((key) => !standing.has(key));
  expect(overwritten.length).toBeGreaterThan(0);

  const next = world.writer({ dataDir, onMissing });
  await next.upsert([world.row('1:new', 1)]);
  await vi.waitFor(() => expect(missing.toSorted((a, b) => a.localeCompare(b))).toEqual(overwritten), 10_000);
  await world.settled(next);
  expect(world.versions().toSorted(byKey)).toEqual(
    [...keys, '1:new']
      .filter((key) => !overwritten.includes(key))
      .map((key) => [key, touched.includes(key) ? 2 : 1])
      .toSorted(byKey),
  );
  // When nothing that the dead one wrote can come late any more.
  await vi.waitFor(() => expect(memory().trimEnd().split('\n').at(-1)).toMatch(/^\. /), { timeout: 8000 });
});

test('what a write cost whose writer died is found by a worker that lives on another machine', async () => {
  const world = await sheetWorld();
  const missing: string[] = [];
  const other = world.writer({ onMissing: async (one) => void missing.push(...one.keys) });
  await other.upsert(keys.map((key, n) => world.row(key, 1, { units: 20 - n })));
  await world.settled(other);

  const locks = world.locks;
  // Its lease is never given up, and nothing that it finds is reported.
  const dies = world.writer({
    locks: { acquire: async (name) => unreleased(await locks.acquire(name, 400)) },
    onMissing: () => Promise.reject(new Error('dead')),
  });
  world.google.beforeNextWrite({ kind: 'sort', tab: 'Orders', column: 'Units' });
  await dies.upsert(keys.slice(2, 5).map((key) => world.row(key, 2)));
  await dies.stop();
  const standing = new Set(world.versions().map(([key]) => key));
  const overwritten = keys.filter((key) => !standing.has(key));
  expect(overwritten.length).toBeGreaterThan(0);

  await other.upsert([world.row('1:new', 1)]);
  await vi.waitFor(() => expect(missing.toSorted((a, b) => a.localeCompare(b))).toEqual(overwritten), 10_000);
});

test('rows that a dead writer may still have written late are fetched again', async () => {
  const { world, dataDir, missing, onMissing } = await setUp();
  const [row = ''] = keys;
  const dies = world.writer({ dataDir, timeoutMs: 100 });
  world.google.faults.add({ kind: 'hang-then-applied-late', on: 'write', ms: 700 });
  const lost = dies.upsert([world.row(row, 2)]);
  await vi.waitFor(() => expect(world.google.late).toBe(1), 10_000);
  await dies.stop();
  await expect(lost).rejects.toThrow('stopping');

  const next = world.writer({ dataDir, onMissing });
  await next.upsert([world.row(row, 3)]);
  await vi.waitFor(() => expect(missing).toEqual([row]), { timeout: 8000 });
  expect(world.google.late).toBe(0);
});

test('rows that the user deletes while nobody writes stay deleted', async () => {
  const { world, dataDir, missing, onMissing } = await setUp();
  world.google.edit({ kind: 'delete-rows', tab: 'Orders', at: 3, count: 4 });
  const next = world.writer({ dataDir, onMissing });
  await next.upsert([world.row('1:new', 1)]);
  await world.settled(next);
  expect(missing).toEqual([]);
  expect(world.versions()).toHaveLength(9);
});
