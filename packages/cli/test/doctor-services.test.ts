import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { healthRequest, internalAuthHeaders } from '@shopee-webhook/contracts';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { createSandbox, type Sandbox } from '../../sandbox/src/index.ts';
import { consumerLines } from '../src/doctor/service-checks.ts';
import { freshDir, run, runJson } from './helpers.ts';

let sandbox: Sandbox;
let env: Record<string, string>;

beforeAll(async () => {
  sandbox = await createSandbox({ services: 'processes' });
  // As `npm start` sets it for the command line.
  env = { ...sandbox.env };
}, 120_000);
afterAll(() => sandbox.stop(), 60_000);

interface Finding {
  area: string;
  level: string;
  text: string;
  action?: string;
}

async function linesOf(area: string, change: Record<string, string> = {}): Promise<string[]> {
  const { values } = await runJson(['doctor'], { ...env, ...change });
  return (values as Finding[])
    .filter((finding) => finding.area === area)
    .map(({ level, text, action = '' }) => `${level} ${text} → ${action}`);
}

const slow = { timeout: 120_000 };

test('a sandbox that runs is all right', slow, async () => {
  await vi.waitFor(async () => {
    const { code, out } = await run(['doctor'], env);
    expect(out).not.toMatch(/^fail/m);
    expect(code).toBe(0);
    expect(out).toMatch(/ok +forwarder +runs/);
    expect(out).toMatch(/ok +worker +runs/);
    expect(out).toMatch(/ok +consumers +\d run/);
  }, 60_000);
});

test('rejected pushes are counted, with their reason and what to check', slow, async () => {
  const url = `${sandbox.forwarder?.url ?? ''}/webhook/shopee`;
  const reject = () => fetch(url, { method: 'POST', headers: { authorization: 'f'.repeat(64) }, body: '{"code":3}' });
  expect((await reject()).status).toBe(401);
  await vi.waitFor(
    async () =>
      expect((await linesOf('forwarder')).join('\n')).toMatch(/warn rejected pushes .* wrong-signature 1;.*→ ./),
    60_000,
  );
});

test('a program on the forwarder’s port, and a service on the other’s, are named', slow, async () => {
  const other = createServer((_request, response) => void response.end('{"status":"ok"}')).listen(0, '127.0.0.1');
  await once(other, 'listening');
  const { port } = other.address() as AddressInfo;
  expect(await linesOf('forwarder', { FORWARDER_URL: `http://127.0.0.1:${String(port)}` })).toEqual([
    expect.stringMatching(/^fail another program responds at .* correct FORWARDER_URL or FORWARDER_PORT/),
  ]);
  other.close();
  expect(await linesOf('worker', { FORWARD_WEBHOOK_URL: `${sandbox.forwarder?.url ?? ''}/webhook/process` })).toEqual([
    expect.stringMatching(/^fail Shopee webhook forwarder responds at .* that is not the worker/),
  ]);
});

test('a hung worker and a dead forwarder each have a line', slow, async () => {
  sandbox.worker?.signal('SIGSTOP');
  const hung = await linesOf('worker');
  sandbox.worker?.signal('SIGCONT');
  expect(hung).toEqual([expect.stringMatching(/^fail the worker does not respond at .* → start it, or restart it/)]);
  await sandbox.forwarder?.stop();
  expect(await linesOf('forwarder')).toEqual([expect.stringMatching(/^fail the forwarder does not respond/)]);
  await sandbox.forwarder?.start();
});

test('only who has the partner key sees the details through a proxy', slow, async () => {
  const health = (headers: Record<string, string>) =>
    fetch(`${sandbox.forwarder?.url ?? ''}/health`, { headers: { 'x-forwarded-for': '203.0.113.1', ...headers } });
  expect(await (await health({})).json()).not.toHaveProperty('checks');
  const forged = {
    'x-forwarder-timestamp': String(Math.floor(Date.now() / 1000)),
    'x-forwarder-signature': 'f'.repeat(64),
  };
  expect(await (await health(forged)).json()).not.toHaveProperty('checks');
  const signed = internalAuthHeaders(env['PARTNER_KEY'] ?? '', healthRequest, Date.now());
  expect(await (await health(signed)).json()).toHaveProperty('checks.spool');
});

test('a key file that cannot be read, one that is not there, and a whole address have a cure each', slow, async () => {
  const dir = freshDir();
  expect(await linesOf('google', { GOOGLE_CREDENTIALS_JSON: join(dir, 'none.json') })).toEqual([
    expect.stringMatching(/^fail .*ENOENT.* → put the key file there/),
  ]);
  mkdirSync(join(dir, 'closed'));
  writeFileSync(join(dir, 'closed', 'key.json'), '{}');
  chmodSync(join(dir, 'closed', 'key.json'), 0);
  const lines = await linesOf('google', { GOOGLE_CREDENTIALS_JSON: join(dir, 'closed', 'key.json') });
  // Root may read it, and finds that it is no key.
  expect(lines).toEqual([
    expect.stringMatching(process.getuid?.() === 0 ? /^fail .*type/ : /^fail .*EACCES.* → let the user/),
  ]);
  expect(await linesOf('google', { SPREADSHEET_ID: 'https://docs.google.com/spreadsheets/d/1AbC/edit#gid=0' })).toEqual(
    [expect.stringMatching(/^fail SPREADSHEET_ID is a whole address → set only the part between/)],
  );
});

test('consumers that hang or do not move fail; waiting for an upstream is a warning', () => {
  const now = Date.parse('2026-09-01T12:00:00Z');
  const consumer = {
    id: 'w-1',
    state: 'idle' as const,
    processed: 5,
    failed: 0,
    retried: 0,
    avgProcessingMs: 3,
    lastProcessedAt: '2026-09-01T11:00:00Z',
    inFlight: 0,
    heartbeatAgeMs: 900,
  };
  const stats = {
    workers: [consumer],
    totals: { processed: 5, failed: 0, retried: 0, inFlight: 0 },
    paused: [],
    calls: { shopee: 0, sheetReads: 0, sheetWrites: 0 },
  };
  const queue = { depth: 7, retrying: 0, processing: 0, deadLetter: 0, oldestSeconds: 600 };
  const texts = (...args: Parameters<typeof consumerLines>) =>
    consumerLines(...args).map(({ level, text }) => `${level} ${text}`);
  expect(texts(stats, { ...queue, depth: 0, oldestSeconds: 0 }, now)).toEqual(['ok 1 run']);
  expect(texts(stats, undefined, now)).toEqual(['ok 1 run']);
  expect(texts(stats, queue, now)).toEqual([
    'fail 7 messages wait, the oldest for 10 min, and none was processed for 60 min',
  ]);
  const hung = { ...stats, workers: [{ ...consumer, heartbeatAgeMs: 45_000 }] };
  expect(texts(hung, undefined, now)).toEqual(['fail consumer w-1 has given no sign for 45 s']);
  expect(texts({ ...stats, workers: [{ ...consumer, state: 'stopped' }] }, queue, now)).toEqual([
    'fail no consumer runs',
  ]);
  const paused = [{ upstream: 'google-sheets', since: '2026-09-01T11:59:00.000Z' }];
  expect(texts({ ...stats, paused }, undefined, now)[0]).toMatch(/^warn google-sheets has been unavailable since/);
});
