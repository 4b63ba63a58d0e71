import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLogger } from '@shopee-webhook/runtime';
import type { AlertNotification } from '@shopee-webhook/store';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { SpoolFile } from '../src/spool/spool-file.ts';
import { SpoolOutbox } from '../src/spool/spool-outbox.ts';
import { Spool, type NewEvent } from '../src/spool/spool.ts';

const hour = 3_600_000;
let dataDir: string;
let file: SpoolFile;
let now: number;

beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'clock-'));
  file = new SpoolFile({ dataDir, logger: createLogger({ name: 'test', level: 'silent' }) });
  now = Date.now();
});

afterEach(() => {
  file.close();
  rmSync(dataDir, { recursive: true });
});

const event = (id: string): NewEvent => ({
  id,
  digest: id,
  payloadText: '{}',
  code: 3,
  shop: undefined,
  sn: 'ORDER',
  uncertain: false,
});

it('hides no event of the spool that was due before', async () => {
  const spool = new Spool(file, { now: () => now });
  const due = () => spool.due(9, new Set());
  await spool.add(event('first'));
  now -= hour;
  await spool.add(event('second'));
  const [first] = due();
  expect(first?.id).toBe('first');
  if (first === undefined) return;

  const why = { error: 'x', countsAsFailure: true };
  spool.defer(first, { ...why, delayMs: 60_000 });
  expect(due()).toEqual([]);
  now += 2 * hour;
  spool.defer(first, { ...why, delayMs: 60_000 });
  expect(due()).toEqual([]);
  now -= 9 * hour;
  expect(due()).toMatchObject([{ id: 'first' }]);
});

it('hides no notification on disk that was due before', async () => {
  const outbox = new SpoolOutbox(file, { now: () => now });
  const take = () => outbox.take('c', { max: 9, blockMs: 0 });
  const alert: AlertNotification = {
    kind: 'alert',
    key: 'k',
    status: 'firing',
    severity: 'info',
    title: '',
    text: '',
    at: now,
  };
  outbox.add(alert);
  now -= hour;
  const [delivery] = await take();
  if (delivery === undefined) throw new Error('nothing taken');

  const outcome = { kind: 'retry' as const, delayMs: 60_000, reason: '', error: '', countsAsFailure: false };
  await outbox.settle('c', [{ delivery, outcome }]);
  expect(await take()).toEqual([]);
  now += 2 * hour;
  const [again] = await take();
  if (again === undefined) throw new Error('not taken again');
  await outbox.settle('c', [{ delivery: again, outcome }]);
  expect(await take()).toEqual([]);
  now -= hour / 2;
  expect(await take()).toHaveLength(1);
});
