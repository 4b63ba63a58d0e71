import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { ReconciliationStore } from './reconciliation-store.ts';

const dayMs = 86_400_000;
const dateOf = (daysAgo: number) => new Date(Date.now() - daysAgo * dayMs).toISOString().slice(0, 10);

test('reports are retained for 90 days, one per shop and day, newest first', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'reconciliations-'));
  onTestFinished(() => rmSync(dataDir, { recursive: true }));
  const store = new ReconciliationStore({ key: 'unused', dataDir });
  const save = (daysAgo: number, shopId: string, missing: string[] = []) =>
    store.save({ shopId, date: dateOf(daysAgo), listed: 3, inSheet: 3 - missing.length, missing, checkedAt: 1 });
  await save(91, '1');
  await save(89, '1');
  await save(0, '2', ['A']);
  await save(0, '1');
  await save(0, '2');
  expect((await store.list()).map(({ date, shopId, inSheet }) => [date, shopId, inSheet])).toEqual([
    [dateOf(0), '1', 3],
    [dateOf(0), '2', 3],
    [dateOf(89), '1', 3],
  ]);
});

test('a file that was half written is as none, and is written whole again', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'reconciliations-'));
  onTestFinished(() => rmSync(dataDir, { recursive: true }));
  writeFileSync(join(dataDir, 'reconciliations.json'), '{"2026-11-23 1":{"shopId":"1","da');
  const store = new ReconciliationStore({ key: 'unused', dataDir });
  expect(await store.list()).toEqual([]);
  await store.save({ shopId: '1', date: dateOf(0), listed: 1, inSheet: 1, missing: [], checkedAt: 1 });
  expect(await store.list()).toHaveLength(1);
});
