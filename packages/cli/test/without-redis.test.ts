import { createSandbox, type Sandbox } from '../../sandbox/src/index.ts';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { run, runJson } from './helpers.ts';

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

test('an unreachable worker exits 69', async () => {
  const env = { ...sandbox.env, FORWARD_WEBHOOK_URL: 'http://127.0.0.1:1/webhook/process' };
  const { code, err } = await run(['reconcile'], env);
  expect(code).toBe(69);
  expect(err).toContain('cannot reach the worker at http://127.0.0.1:1');
  expect((await run(['reconcile'], { ...sandbox.env, PARTNER_KEY: 'another' })).err).toContain('401');
});
