import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, describe, expect, test } from 'vitest';
import { RejectedPushes } from './rejected-pushes.ts';

const dataDir = mkdtempSync(join(tmpdir(), 'rejected-'));
afterAll(() => rmSync(dataDir, { recursive: true }));

const rejection = (text: string) => ({
  status: 401,
  reason: 'wrong-signature' as const,
  from: '127.0.0.1',
  body: Buffer.from(text),
});

describe('RejectedPushes', () => {
  test('keeps the last 200, newest first, over a restart, readable by its owner only', async () => {
    const rejected = new RejectedPushes({ dataDir });
    for (let number = 0; number < 1_000; number += 1) rejected.record(rejection(`body ${String(number)}`));
    await rejected.save();
    const next = new RejectedPushes({ dataDir });
    await next.load();
    expect(next.total).toBe(1_000);
    expect(next.list()).toHaveLength(200);
    expect(next.list()[0]).toMatchObject({ bodyPrefix: 'body 999', bodyBytes: 8 });
    expect(statSync(join(dataDir, 'rejected.json')).mode & 0o777).toBe(0o600);
  });

  test('keeps unsigned requests apart, so that they cannot push signed ones out', async () => {
    const dir = mkdtempSync(join(dataDir, 'unsigned-'));
    const rejected = new RejectedPushes({ dataDir: dir });
    rejected.record(rejection('signed'));
    for (let number = 0; number < 1_000; number += 1) {
      rejected.record({ ...rejection(`unsigned ${String(number)}`), reason: 'no-signature' });
    }
    await rejected.save();
    const next = new RejectedPushes({ dataDir: dir });
    await next.load();
    expect([next.total, next.unsignedTotal]).toEqual([1, 1_000]);
    expect(next.list()).toMatchObject([{ bodyPrefix: 'signed' }]);
    expect(next.listUnsigned()).toHaveLength(50);
  });

  test('expires those older than the retention', async () => {
    let now = 0;
    const rejected = new RejectedPushes({ dataDir, retentionDays: 30, now: () => now });
    rejected.record(rejection('old'));
    await rejected.save();
    now = 31 * 86_400_000;
    rejected.record(rejection('new'));
    await rejected.save();
    expect(rejected.list().map(({ bodyPrefix }) => bodyPrefix)).toEqual(['new']);
    now *= 3;
    await rejected.save();
    expect(rejected.list()).toEqual([]);
  });

  test('keeps of a body its first 200 bytes and its digest, and of a signature its start', () => {
    const rejected = new RejectedPushes({ dataDir });
    rejected.record({ ...rejection('x'.repeat(10_000)), authorization: 'f'.repeat(64) });
    expect(rejected.list()[0]).toMatchObject({
      bodyPrefix: 'x'.repeat(200),
      bodyBytes: 10_000,
      signaturePrefix: 'f'.repeat(12),
    });
  });

  test('keeps of a long address its first 300 characters', () => {
    const rejected = new RejectedPushes({ dataDir });
    const short = 'https://shop.example/webhook/shopee';
    rejected.record({ ...rejection('x'), urlsTried: [short, `${short}?${'a'.repeat(300)}`] });
    expect(rejected.list()[0]?.urlsTried).toEqual([short, `${short}?${'a'.repeat(300 - short.length - 1)}…`]);
  });

  test('what anybody sends takes little memory and a small file', async () => {
    setFlagsFromString('--expose-gc');
    const collectGarbage = runInNewContext('gc') as () => void;
    const heap = () => {
      collectGarbage();
      return process.memoryUsage().heapUsed;
    };
    const rejected = new RejectedPushes({ dataDir });
    const before = heap();
    for (let number = 0; number < 400; number += 1) {
      const long = `${String(number)}${'a'.repeat(14_000)}`;
      const urlsTried = Array.from({ length: 40 }, (_, index) => `https://${String(index)}.example/?${long}`);
      rejected.record({ ...rejection('\0'.repeat(300)), urlsTried, detail: long, forwardedFor: long, userAgent: long });
    }
    expect(heap() - before).toBeLessThan(4_000_000);
    await rejected.save();
    expect(statSync(join(dataDir, 'rejected.json')).size).toBeLessThan(1_500_000);
  });

  test('a damaged file is no reason not to start', async () => {
    writeFileSync(join(dataDir, 'rejected.json'), '{"total":');
    const rejected = new RejectedPushes({ dataDir });
    await rejected.load();
    expect(rejected.list()).toEqual([]);
  });
});
