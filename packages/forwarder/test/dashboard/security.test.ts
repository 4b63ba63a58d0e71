import { connect } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Forwarder } from '../../src/index.ts';
import { buildRig, get, logIn, outside, password } from './rig.ts';

let forwarder: Forwarder;
let appDir: string;
let cookie: string;

beforeAll(async () => {
  ({ forwarder, appDir } = await buildRig(undefined));
  await forwarder.start();
  cookie = await logIn(forwarder);
});

afterAll(() => forwarder.stop());

/** The whole response to a request whose path nobody touches on its way. */
async function send(method: string, path: string): Promise<string> {
  const { hostname, port } = new URL(forwarder.url);
  const socket = connect(Number(port), hostname);
  socket.write(`${method} ${path} HTTP/1.1\r\nHost: ${hostname}\r\nConnection: close\r\n\r\n`);
  return text(socket);
}

function tryToLogIn(headers: Record<string, string>) {
  return forwarder.app.inject({ method: 'POST', url: '/api/login', payload: { password }, headers });
}

test('a change is taken from the dashboard itself only', async () => {
  const host = 'hooks.example:8000';
  expect((await tryToLogIn({ host })).statusCode).toBe(403);
  expect((await tryToLogIn({ host, 'sec-fetch-site': 'cross-site' })).statusCode).toBe(403);
  expect((await tryToLogIn({ host, 'sec-fetch-site': 'same-site' })).statusCode).toBe(403);
  expect((await tryToLogIn({ host, 'sec-fetch-site': 'none' })).statusCode).toBe(403);
  expect((await tryToLogIn({ host, 'sec-fetch-site': 'cross-site', origin: `http://${host}` })).statusCode).toBe(403);
  expect((await tryToLogIn({ host, origin: 'http://evil.example' })).statusCode).toBe(403);
  expect((await tryToLogIn({ host, origin: 'null' })).statusCode).toBe(403);
  expect((await tryToLogIn({ host, origin: `https://${host}` })).statusCode).toBe(200);
  expect((await tryToLogIn({ host, 'sec-fetch-site': 'same-origin' })).statusCode).toBe(200);
});

test('a form of another site cannot even be read: only JSON is', async () => {
  const response = await forwarder.app.inject({
    method: 'POST',
    url: '/api/login',
    payload: `password=${password}`,
    headers: { 'content-type': 'application/x-www-form-urlencoded', 'sec-fetch-site': 'same-origin' },
  });
  expect(response.statusCode).toBe(415);
});

test('what the forwarder serves may load nothing from elsewhere and be shown in no frame', async () => {
  for (const url of ['/dashboard', '/dashboard/events?state=dead', '/dashboard/assets/app-1a2b3c.js', '/api/session']) {
    const { headers } = await get(forwarder, url);
    const policy = String(headers['content-security-policy']);
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).toContain("script-src 'self'");
    expect(policy).not.toMatch(/script-src[^;]*unsafe/);
    expect(headers['x-frame-options']).toBe('DENY');
    expect(headers['x-content-type-options']).toBe('nosniff');
    expect(headers['referrer-policy']).toBe('no-referrer');
  }
});

test('no path leads out of the app', async () => {
  const tries = [
    '/dashboard/../secret.txt',
    '/dashboard/..%2fsecret.txt',
    '/dashboard/%2e%2e/secret.txt',
    '/dashboard/%2e%2e%2fsecret.txt',
    '/dashboard/..%5csecret.txt',
    '/dashboard/assets/../../secret.txt',
    '/dashboard/assets/..%2f..%2fsecret.txt',
    '/dashboard/assets/%2e%2e/%2e%2e/secret.txt',
    '/dashboard/assets/..%5c..%5csecret.txt',
    `/dashboard/${join(appDir, '..', 'secret.txt')}`,
    `/dashboard/assets/${join(appDir, '..', 'secret.txt')}`,
    '/dashboard/assets/%00.js',
    '/dashboard/assets/%2e%2e%2findex.html%00.txt',
  ];
  // As it was typed: a client that knows URLs would straighten the path first.
  for (const path of tries) {
    const response = await send('GET', path);
    expect({ path, found: response.includes(outside) }).toEqual({ path, found: false });
    expect({ path, response }).toEqual({ path, response: expect.stringMatching(/^HTTP\/1\.1 4\d\d /) });
  }
  expect(await send('GET', '/dashboard/favicon.svg')).toMatch(/^HTTP\/1\.1 200 /);
});

test('the app is one page under many addresses; its hashed files are kept for good', async () => {
  for (const url of ['/dashboard', '/dashboard/', '/dashboard/events/abc']) {
    const page = await get(forwarder, url);
    expect(page.statusCode).toBe(200);
    expect(page.headers['content-type']).toMatch(/^text\/html/);
    expect(page.headers['cache-control']).toBe('no-cache');
  }
  const script = await get(forwarder, '/dashboard/assets/app-1a2b3c.js', { 'accept-encoding': 'br' });
  expect(script.headers).toMatchObject({
    'cache-control': 'public, max-age=31536000, immutable',
    'content-encoding': 'br',
  });
  const missing = await get(forwarder, '/dashboard/assets/app-other.js');
  expect(missing.statusCode).toBe(404);
  expect(missing.headers['cache-control']).toBeUndefined();
});

test('a forged or changed cookie is no session', async () => {
  const [name, value = ''] = cookie.split('=');
  const changed = `${String(name)}=${value.startsWith('A') ? 'B' : 'A'}${value.slice(1)}`;
  for (const forged of [
    changed,
    `${String(name)}=x;y`,
    `${String(name)}=`,
    `${String(name)}=${'A'.repeat(100)}%3B${'A'.repeat(32)}`,
  ]) {
    const response = await get(forwarder, '/api/session', { cookie: forged });
    expect(response.json()).toMatchObject({ authenticated: false });
  }
  expect((await get(forwarder, '/api/session', { cookie })).json()).toMatchObject({ authenticated: true });
});

test('no route under /api but the session, the login and the logout answers without a session', async () => {
  const open = new Set(['GET /api/session', 'HEAD /api/session', 'POST /api/login', 'POST /api/logout']);
  const routes = await routesUnder('/api');
  expect(routes.length).toBeGreaterThan(30);
  const forged = cookie.replace(/=./, (first) => (first === '=x' ? '=y' : '=x'));
  for (const { method, url } of routes.filter((route) => !open.has(`${route.method} ${route.url}`))) {
    for (const headers of [{}, { cookie: forged }]) {
      const response = await forwarder.app.inject({
        method,
        url: url.replaceAll(/:\w+/g, 'x'),
        headers: { 'sec-fetch-site': 'same-origin', ...headers },
        ...(method === 'POST' || method === 'PUT' ? { payload: {} } : {}),
      });
      expect({ method, url, status: response.statusCode }).toEqual({ method, url, status: 401 });
      expect(response.headers['cache-control']).toBe('no-store');
    }
  }
});

test('no change is made for another site, not even with a session', async () => {
  const changes = (await routesUnder('/api')).filter(({ method }) => method === 'POST' || method === 'PUT');
  for (const { method, url } of changes) {
    const response = await forwarder.app.inject({
      method,
      url: url.replaceAll(/:\w+/g, 'x'),
      headers: { cookie, host: 'hooks.example', origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' },
      payload: {},
    });
    expect({ method, url, status: response.statusCode }).toEqual({ method, url, status: 403 });
  }
});

/** Every route, as the API's own description and Fastify's tree know it. */
async function routesUnder(prefix: string) {
  const { paths } = (await get(forwarder, '/docs/json')).json<{ paths: Record<string, Record<string, unknown>> }>();
  return Object.entries(paths)
    .filter(([path]) => path.startsWith(prefix))
    .flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => ({
        method: method.toUpperCase() as 'GET' | 'POST' | 'PUT',
        url: path.replaceAll(/\{(\w+)\}/g, ':$1'),
      })),
    );
}
