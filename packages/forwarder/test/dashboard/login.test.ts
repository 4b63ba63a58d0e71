import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createForwarder, loadConfig, type Forwarder } from '../../src/index.ts';
import { testLog } from '../helpers.ts';
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

test('the session tells a browser without a cookie that it is not logged in', async () => {
  const response = await get(forwarder, '/api/session');
  expect(response.json()).toMatchObject({ authenticated: false, passwordMade: false });
});

test('the right password opens a session whose cookie no script can read and no other site can send', async () => {
  const response = await post(forwarder, '/api/login', { password }, { 'x-forwarded-for': '203.0.113.1' });
  expect(response.json()).toMatchObject({ authenticated: true });
  const header = String(response.headers['set-cookie']);
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

test('a wrong password is refused, and the sixth try within a minute is not looked at', async () => {
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

test('after the logout a copy of the cookie is worth nothing, also after a restart', async () => {
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

test('without DASHBOARD_PASSWORD one is made, logged once, and kept as a hash that only its owner can read', async () => {
  const { other: first, log } = await again({ DASHBOARD_PASSWORD: undefined });
  const made = log.lines.map((line) => line['madePassword']).find((value) => typeof value === 'string') ?? '';
  expect(made).toMatch(/^[\w-]{16}$/);
  expect((await get(first, '/api/session')).json()).toMatchObject({ passwordMade: true });
  await first.stop();
  const path = join(env['DATA_DIR'] ?? '', 'dashboard.json');
  expect(readFileSync(path, 'utf8')).not.toContain(made);
  expect(statSync(path).mode & 0o777).toBe(0o600);

  const { other: second, log: secondLog } = await again({ DASHBOARD_PASSWORD: undefined });
  expect(secondLog.lines.some((line) => 'madePassword' in line)).toBe(false);
  expect((await post(second, '/api/login', { password: made })).statusCode).toBe(200);
  await second.stop();
});
