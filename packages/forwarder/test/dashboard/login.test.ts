import { cpSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createForwarder, loadConfig, type Forwarder } from '../../src/index.ts';
import { createTempDir, testLog } from '../helpers.ts';
import { buildRig, cookieOf, get, logIn, password, post, smallApp } from './rig.ts';

let forwarder: Forwarder;
let env: Record<string, string>;

beforeAll(async () => {
  ({ forwarder, env } = await buildRig(undefined));
  await forwarder.app.ready();
});

afterAll(() => forwarder.stop());

async function again(more: Record<string, string | undefined>) {
  const log = testLog();
  const changed = Object.fromEntries(Object.entries({ ...env, ...more }).filter(([, value]) => value !== undefined));
  const other = await createForwarder(loadConfig(changed), { logger: log.logger, dashboardApp: smallApp() });
  await other.app.ready();
  return { other, log };
}

test('a browser without a cookie is not logged in', async () => {
  const response = await get(forwarder, '/api/session');
  expect(response.json()).toMatchObject({ authenticated: false, passwordGenerated: false });
});

test('the right password opens a session whose cookie no script can read and no other site can send', async () => {
  const response = await post(forwarder, '/api/login', { password }, { 'x-forwarded-for': '203.0.113.1' });
  expect(response.json()).toMatchObject({ authenticated: true });
  const header = [response.headers['set-cookie']].flat().find((cookie) => cookie?.startsWith('shopee_webhook_session'));
  expect(header).toMatch(/HttpOnly/);
  expect(header).toMatch(/SameSite=Strict/);
  expect(header).toMatch(/Path=\//);
  expect(header).not.toMatch(/Secure/);
  const session = await get(forwarder, '/api/session', { cookie: cookieOf(header) });
  expect(session.json()).toMatchObject({ authenticated: true });
});

test('over https the cookie is Secure', async () => {
  const response = await post(
    forwarder,
    '/api/login',
    { password },
    { 'x-forwarded-proto': 'https', 'x-forwarded-for': '203.0.113.2' },
  );
  expect(String(response.headers['set-cookie'])).toMatch(/Secure/);
});

test('a wrong password is rejected, and so is the sixth try within a minute', async () => {
  const from = { 'x-forwarded-for': '203.0.113.3' };
  for (let tries = 0; tries < 5; tries++) {
    const response = await post(forwarder, '/api/login', { password: 'wrong' }, from);
    expect(response.statusCode).toBe(401);
    expect(response.json()).toMatchObject({ error: 'wrong_password' });
    expect(response.headers['set-cookie']).toBeUndefined();
  }
  const sixth = await post(forwarder, '/api/login', { password }, from);
  expect(sixth.statusCode).toBe(429);
  expect(sixth.json()).toMatchObject({ error: 'too_many_tries' });
  expect(Number(sixth.headers['retry-after'])).toBeGreaterThan(0);
  const other = await post(forwarder, '/api/login', { password }, { 'x-forwarded-for': '203.0.113.4' });
  expect(other.statusCode).toBe(200);
});

test('a browser that logged in before has tries of its own while an attack uses up the others', async () => {
  const { other } = await again({});
  const from = { 'x-forwarded-for': '2001:db8:1:2::1' };
  const first = await post(other, '/api/login', { password }, from);
  const device = [first.headers['set-cookie']].flat().find((cookie) => cookie?.startsWith('shopee_webhook_device'));
  expect(device).toMatch(/HttpOnly; SameSite=Strict/);
  // The attack comes from the same network, from another address each time.
  for (let n = 0; n < 9; n++)
    await post(other, '/api/login', { password: 'wrong' }, { 'x-forwarded-for': `2001:db8:1:2::${String(n + 2)}` });
  expect((await post(other, '/api/login', { password }, from)).statusCode).toBe(429);
  const cookie = device?.split(';')[0] ?? '';
  expect((await post(other, '/api/login', { password }, { ...from, cookie })).statusCode).toBe(200);
  const forged = `${cookie.slice(0, -2)}xx`;
  expect((await post(other, '/api/login', { password }, { ...from, cookie: forged })).statusCode).toBe(429);
  await other.stop();
});

test('what a backup holds opens no session', async () => {
  const cookie = await logIn(forwarder, { 'x-forwarded-for': '203.0.113.7' });
  const backup = createTempDir();
  cpSync(env['DATA_DIR'] ?? '', backup, { recursive: true, filter: (path) => !path.endsWith('/secrets') });
  const { other } = await again({ DATA_DIR: backup });
  expect((await get(other, '/api/session', { cookie })).json()).toMatchObject({ authenticated: false });
  await other.stop();
});

test('the details of /health are for this machine, or with the login', async () => {
  const from = { 'x-forwarded-for': '203.0.113.8' };
  expect((await get(forwarder, '/health')).json()).toHaveProperty('checks.spool');
  expect((await get(forwarder, '/health', from)).json()).toEqual({ status: 'ok' });
  expect((await get(forwarder, '/api/health', from)).statusCode).toBe(401);
  const cookie = await logIn(forwarder, from);
  expect((await get(forwarder, '/api/health', { ...from, cookie })).json()).toHaveProperty('checks.spool');
});

test('after the logout a copy of the cookie is invalid, also after a restart', async () => {
  const cookie = await logIn(forwarder, { 'x-forwarded-for': '203.0.113.5' });
  expect((await post(forwarder, '/api/logout', {}, { cookie })).json()).toMatchObject({ authenticated: false });
  expect((await get(forwarder, '/api/session', { cookie })).json()).toMatchObject({ authenticated: false });
  const { other } = await again({});
  expect((await get(other, '/api/session', { cookie })).json()).toMatchObject({ authenticated: false });
  await other.stop();
});

test('a session outlives a restart, and ends when the password changes', async () => {
  const cookie = await logIn(forwarder, { 'x-forwarded-for': '203.0.113.6' });
  const restarted = await again({});
  expect((await get(restarted.other, '/api/session', { cookie })).json()).toMatchObject({ authenticated: true });
  await restarted.other.stop();
  const changed = await again({ DASHBOARD_PASSWORD: 'another password' });
  expect((await get(changed.other, '/api/session', { cookie })).json()).toMatchObject({ authenticated: false });
  await changed.other.stop();
});

test('without DASHBOARD_PASSWORD one is generated, logged once, and stored as a hash that only its owner can read', async () => {
  const { other: first, log } = await again({ DASHBOARD_PASSWORD: undefined });
  const made = log.lines.map((line) => line['generatedPassword']).find((value) => typeof value === 'string') ?? '';
  expect(made).toMatch(/^[\w-]{16}$/);
  expect((await get(first, '/api/session')).json()).toMatchObject({ passwordGenerated: true });
  await first.stop();
  const path = join(env['DATA_DIR'] ?? '', 'dashboard.json');
  expect(readFileSync(path, 'utf8')).not.toContain(made);
  expect(statSync(path).mode & 0o777).toBe(0o600);

  const { other: second, log: secondLog } = await again({ DASHBOARD_PASSWORD: undefined });
  expect(secondLog.lines.some((line) => 'generatedPassword' in line)).toBe(false);
  expect((await post(second, '/api/login', { password: made })).statusCode).toBe(200);
  await second.stop();
});
