import { createSandbox, type Sandbox } from '../../sandbox/src/index.ts';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { callWorker, workerAddress } from '../src/clients/worker.ts';
import { freshDir, run, runJson } from './helpers.ts';

vi.setConfig({ testTimeout: 90_000 });
let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await createSandbox({ redis: false, shopee: { seed: 3 } });
}, 90_000);
afterAll(() => sandbox.stop());

test('without Redis jobs and reports go over HTTP to the worker', async () => {
  // The worker may be running the job on its own schedule.
  const values = await vi.waitFor(
    async () => {
      const result = await runJson(['reconcile', '--days', '1'], sandbox.env);
      expect(result).toMatchObject({ code: 0 });
      return result.values;
    },
    { timeout: 60_000, interval: 500 },
  );
  expect(values).toMatchObject([{ checked: expect.any(Number), missing: expect.any(Number) }]);
  const report = await runJson(['reconcile', '--report'], sandbox.env);
  expect(report.values).toEqual([expect.any(Array)]);
});

test('without Redis shops and token fingerprints come from tokens.json', async () => {
  await vi.waitFor(
    async () => expect((await runJson(['shops', 'list'], sandbox.env)).values).not.toEqual([[]]),
    30_000,
  );
  const { code, out } = await run(['shops', 'tokens'], sandbox.env);
  expect(code).toBe(0);
  expect(out).toMatch(/700000001\s+active\s+\S+\s+[\da-f]{12}\s+\S+\s+[\da-f]{12}/);
  for (const { accessToken, refreshToken } of sandbox.shopee.tokens.state().pairs) {
    expect(out).not.toContain(accessToken);
    expect(out).not.toContain(refreshToken);
  }
});

test('a statement is written as a workbook; a month without any money is exit code 1', async () => {
  const shop = '700000001';
  const day = 86_400;
  const month = '2026-01';
  const from = Date.parse(`${month}-05T00:00:00Z`) / 1000;
  sandbox.shopee.orders.addPast({ count: 20, from, to: from + 5 * day, shopIds: [Number(shop)] });
  await vi.waitFor(async () => {
    const job = { name: 'wallet', options: { from: from - day } };
    expect(await callWorker(workerAddress(sandbox.env), 'job-run', job)).toEqual({ outcome: 'started' });
  }, 30_000);
  const file = join(freshDir(), 'statement.xlsx');
  const args = ['statement', '--shop', shop, '--month', month, '--out', file];
  const { out } = await vi.waitFor(
    async () => {
      const result = await run(args, sandbox.env);
      expect(result).toMatchObject({ code: 0 });
      return result;
    },
    { timeout: 60_000, interval: 1_000 },
  );
  expect(out).toMatch(/Closing balance +[\d.]+/);
  expect(out).toContain(file);
  expect((await readFile(file)).subarray(0, 2).toString()).toBe('PK');
  const nothing = await run(['statement', '--shop', shop, '--month', '2020-01'], sandbox.env);
  expect(nothing).toMatchObject({ code: 1, err: expect.stringContaining('nothing was paid out') });
  expect(await run(['statement', '--month', '2026-13'], sandbox.env)).toMatchObject({ code: 2 });
});

test('an unreachable worker exits 69', async () => {
  const env = { ...sandbox.env, FORWARD_WEBHOOK_URL: 'http://127.0.0.1:1/webhook/process' };
  const { code, err } = await run(['reconcile'], env);
  expect(code).toBe(69);
  expect(err).toContain('cannot reach the worker at http://127.0.0.1:1');
  expect((await run(['reconcile'], { ...sandbox.env, PARTNER_KEY: 'another' })).err).toContain('401');
});
