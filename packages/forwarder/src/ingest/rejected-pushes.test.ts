import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, describe, expect, test } from 'vitest';
import { RejectedPushes } from './rejected-pushes.ts';

const dataDir = mkdtempSync(join(tmpdir(), 'refused-'));
afterAll(() => rmSync(dataDir, { recursive: true }));

const rejection = (text: string) => ({
  status: 401,
  reason: 'wrong-signature' as const,
  from: '127.0.0.1',
  body: Buffer.from(text),
});

describe('RefusedPushes', () => {
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

  test('forgets those older than the retention', async () => {
    let now = 0;
    const refused = new RejectedPushes({ dataDir, retentionDays: 30, now: () => now });
    refused.record(rejection('old'));
    await refused.save();
    now = 31 * 86_400_000;
    refused.record(rejection('new'));
    await refused.save();
    expect(refused.list().map(({ bodyPrefix: bodyStart }) => bodyStart)).toEqual(['new']);
    now *= 3;
    await refused.save();
    expect(refused.list()).toEqual([]);
  });

  test('keeps of a body its first 200 bytes and its digest, and of a signature its start', () => {
    const refused = new RejectedPushes({ dataDir });
    refused.record({ ...rejection('x'.repeat(10_000)), authorization: 'f'.repeat(64) });
    expect(refused.list()[0]).toMatchObject({
      bodyPrefix: 'x'.repeat(200),
      bodyBytes: 10_000,
      signaturePrefix: 'f'.repeat(12),
    });
  });

  test('keeps of a long address its first 300 characters', () => {
    const refused = new RejectedPushes({ dataDir });
    const short = 'https://shop.example/webhook/shopee';
    refused.record({ ...rejection('x'), urlsTried: [short, `${short}?${'a'.repeat(300)}`] });
    expect(refused.list()[0]?.urlsTried).toEqual([short, `${short}?${'a'.repeat(300 - short.length - 1)}…`]);
  });

  test('what anybody sends takes little memory and a small file', async () => {
    setFlagsFromString('--expose-gc');
    const collectGarbage = runInNewContext('gc') as () => void;
    const heap = () => {
      collectGarbage();
      return process.memoryUsage().heapUsed;
    };
    const refused = new RejectedPushes({ dataDir });
    const before = heap();
    for (let number = 0; number < 400; number += 1) {
      const long = `${String(number)}${'a'.repeat(14_000)}`;
      const urlsTried = Array.from({ length: 40 }, (_, index) => `https://${String(index)}.example/?${long}`);
      refused.record({ ...rejection('\0'.repeat(300)), urlsTried, detail: long, forwardedFor: long, userAgent: long });
    }
    expect(heap() - before).toBeLessThan(4_000_000);
    await refused.save();
    expect(statSync(join(dataDir, 'rejected.json')).size).toBeLessThan(1_500_000);
  });

  test('a damaged file is no reason not to start', async () => {
    writeFileSync(join(dataDir, 'rejected.json'), '{"total":');
    const refused = new RejectedPushes({ dataDir });
    await refused.load();
    expect(refused.list()).toEqual([]);
  });
});
