import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { RefusedPushes } from './refused-pushes.ts';

const dataDir = mkdtempSync(join(tmpdir(), 'refused-'));
afterAll(() => rmSync(dataDir, { recursive: true }));

const refusal = (text: string) => ({
  status: 401,
  reason: 'wrong-signature' as const,
  from: '127.0.0.1',
  body: Buffer.from(text),
});

describe('RefusedPushes', () => {
  test('keeps the last 200, newest first, over a restart, readable by its owner only', async () => {
    const refused = new RefusedPushes({ dataDir });
    for (let number = 0; number < 1_000; number += 1) refused.add(refusal(`body ${String(number)}`));
    await refused.save();
    const next = new RefusedPushes({ dataDir });
    await next.load();
    expect(next.total).toBe(1_000);
    expect(next.list()).toHaveLength(200);
    expect(next.list()[0]).toMatchObject({ bodyStart: 'body 999', bodyBytes: 8 });
    expect(statSync(join(dataDir, 'refused.json')).mode & 0o777).toBe(0o600);
  });

  test('forgets those older than the retention', async () => {
    let now = 0;
    const refused = new RefusedPushes({ dataDir, retentionDays: 30, now: () => now });
    refused.add(refusal('old'));
    await refused.save();
    now = 31 * 86_400_000;
    refused.add(refusal('new'));
    await refused.save();
    expect(refused.list().map(({ bodyStart }) => bodyStart)).toEqual(['new']);
    now *= 3;
    await refused.save();
    expect(refused.list()).toEqual([]);
  });

  test('keeps of a body its first 200 bytes and its digest, and of a signature its start', () => {
    const refused = new RefusedPushes({ dataDir });
    refused.add({ ...refusal('x'.repeat(10_000)), authorization: 'f'.repeat(64) });
    expect(refused.list()[0]).toMatchObject({
      bodyStart: 'x'.repeat(200),
      bodyBytes: 10_000,
      signatureStart: 'f'.repeat(12),
    });
  });

  test('a damaged file is no reason not to start', async () => {
    writeFileSync(join(dataDir, 'refused.json'), '{"total":');
    const refused = new RefusedPushes({ dataDir });
    await refused.load();
    expect(refused.list()).toEqual([]);
  });
});
