import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createForwarder, loadConfig, type Forwarder } from '../../src/index.ts';
import { environment, createTempDir, testLog, type TestLog } from '../helpers.ts';

export const password = 'correct horse battery';
const sameOrigin = { 'sec-fetch-site': 'same-origin' };

/** A forwarder that is built and does not listen, with a small app of two files. */
export interface Rig {
  forwarder: Forwarder;
  log: TestLog;
  env: Record<string, string>;
  appDir: string;
}

export async function buildRig(redisPort: number | undefined, more: Record<string, string> = {}): Promise<Rig> {
  const env = environment(redisPort, { DASHBOARD_PASSWORD: password, TRUSTED_PROXIES: '127.0.0.1', ...more });
  const log = testLog();
  const appDir = smallApp();
  const forwarder = await createForwarder(loadConfig(env), { logger: log.logger, dashboardApp: appDir });
  return { forwarder, log, env, appDir };
}

export const outside = 'lies beside the app';

/** Stands for the built browser app. Beside it lies what is nobody's business. */
export function smallApp(): string {
  const parent = createTempDir();
  const dir = join(parent, 'app');
  mkdirSync(join(dir, 'assets'), { recursive: true });
  writeFileSync(join(parent, 'secret.txt'), outside);
  writeFileSync(join(dir, 'index.html'), '<!doctype html><title>app</title>');
  writeFileSync(join(dir, 'favicon.svg'), '<svg xmlns="http://www.w3.org/2000/svg"/>');
  writeFileSync(join(dir, 'assets', 'app-1a2b3c.js'), `console.info(${JSON.stringify('x'.repeat(2_000))})`);
  return dir;
}

/** Logs in; the cookie to send. */
export async function logIn(forwarder: Forwarder, headers: Record<string, string> = {}): Promise<string> {
  const response = await post(forwarder, '/api/login', { password }, headers);
  if (response.statusCode !== 200) throw new Error(`login answered ${String(response.statusCode)}: ${response.body}`);
  return cookieOf(response.headers['set-cookie']);
}

export function cookieOf(header: string | string[] | undefined): string {
  const cookies = [header].flat().map((cookie) => cookie?.split(';')[0] ?? '');
  return cookies.find((cookie) => cookie.startsWith('shopee_webhook_session')) ?? '';
}

export function get(forwarder: Forwarder, url: string, headers: Record<string, string> = {}) {
  return forwarder.app.inject({ method: 'GET', url, headers });
}

export function post(
  forwarder: Forwarder,
  url: string,
  payload: Record<string, unknown> = {},
  headers: Record<string, string> = {},
) {
  return forwarder.app.inject({ method: 'POST', url, payload, headers: { ...sameOrigin, ...headers } });
}
