import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { History } from '@shopee-webhook/history/history';
import { expect, onTestFinished, test } from 'vitest';
import { seedHistory } from '../src/history/seed-history.ts';

test('a seeded history has the columns of the current schema', () => {
  const dir = mkdtempSync(join(tmpdir(), 'seed-history-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  const path = join(dir, 'history.db');
  const to = Date.UTC(2026, 10, 23, 12);
  seedHistory({ path, events: 30, from: to - 86_400_000, to });
  const history = new History(path);
  onTestFinished(() => history.close());
  expect(history.events({}, { limit: 50 })).toHaveLength(30);
  expect(history.orders({}, { limit: 50 })).toHaveLength(10);
});
