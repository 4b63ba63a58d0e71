// The containers under test: the compose files of this project with the sandbox's, on ports of their own.
import { execFile, execFileSync } from 'node:child_process';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
export const shop = 700000001;
export const ports = { forwarder: 18000, worker: '19000-19009', sandbox: 1810, http: 18080, https: 18443 };
export const shopee = `http://127.0.0.1:${ports.sandbox}1`;
const google = `http://127.0.0.1:${ports.sandbox}2`;
const telegram = `http://127.0.0.1:${ports.sandbox}3`;
export const forwarder = `http://127.0.0.1:${ports.forwarder}`;

/** `docker-compose`, or what COMPOSE names: "docker compose" for Compose v2. */
export const command = (process.env.COMPOSE ?? 'docker-compose').split(' ');
export const env = {
  ...process.env,
  COMPOSE_FILE: 'docker-compose.yml:docker-compose.sandbox.yml',
  COMPOSE_PROJECT_NAME: 'shopee-webhook-test',
  FORWARDER_PUBLISHED_PORT: String(ports.forwarder),
  // A range, so that several workers find a port each.
  WORKER_PUBLISHED_PORT: ports.worker,
  SANDBOX_PORTS: String(ports.sandbox),
  HTTP_PUBLISHED_PORT: String(ports.http),
  HTTPS_PUBLISHED_PORT: String(ports.https),
  DOMAIN: 'localhost',
};
const run = { cwd: root, env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] };

export function compose(...args) {
  return execFileSync(command[0], [...command.slice(1), ...args], run);
}

/** The same while other things go on. */
export function composeMeanwhile(...args) {
  return promisify(execFile)(command[0], [...command.slice(1), ...args], { cwd: root, env });
}

export function docker(...args) {
  return execFileSync('docker', args, run).trim();
}

/** Runs commands as a user types them from a document. */
export function shell(commands) {
  return execFileSync('bash', ['-euo', 'pipefail', '-c', commands], run);
}

const begun = Date.now();
let count = 0;

/** How many checks have passed. */
export function passedChecks() {
  return count;
}

export function passed(what) {
  count += 1;
  console.log(`  ✓ ${what} (${Math.round((Date.now() - begun) / 1000)} s)`);
}

/** GET, or POST with a body; throws on any status but 2xx. */
export async function json(url, body) {
  const headers = { 'content-type': 'application/json' };
  const response = await fetch(url, body === undefined ? {} : { method: 'POST', headers, body: JSON.stringify(body) });
  if (!response.ok) throw new Error(`${url}: ${response.status}`);
  return response.json();
}

/** Waits until `check` gives true, or fails with its last result. */
export async function until(what, seconds, check) {
  const deadline = Date.now() + seconds * 1000;
  let last;
  while (Date.now() < deadline) {
    last = await Promise.resolve(check()).catch((error) => String(error));
    if (last === true) return passed(what);
    await sleep(1000);
  }
  throw new Error(`${what}: not within ${seconds} s; ${JSON.stringify(last)}`);
}

/** The orders of the fake Shopee. */
export async function orders() {
  const { orders: all } = await json(`${shopee}/_sandbox/orders`);
  return all.filter(({ shop_id }) => shop_id === shop).map(({ order }) => order);
}

async function rowsBySn() {
  const { tabs } = await json(`${google}/_sandbox/sheet`);
  const rows = tabs.find(({ title }) => title === 'Orders')?.records ?? [];
  const known = new Map(rows.map((row) => [row['Order SN'], row]));
  if (known.size !== rows.length) throw new Error(`${rows.length - known.size} rows are duplicates`);
  return known;
}

/** True when every order is in the sheet once, as new as Shopee has it; else what is wrong. */
export async function sheetIsTrue(except = new Set()) {
  const rows = await rowsBySn();
  const expected = (await orders()).filter(({ order_sn }) => !except.has(order_sn));
  const wrong = expected.filter(({ order_sn, order_status, update_time }) => {
    const row = rows.get(order_sn);
    return row?.Status !== order_status || row.Version < update_time;
  });
  return wrong.length === 0 ? true : `${wrong.length} of ${expected.length} orders are wrong in the sheet`;
}

/** True when every order push that was answered 200 since `from` (ms) is in the sheet; else what is missing. */
export async function acceptedAreWritten(from) {
  const rows = await rowsBySn();
  const pushes = await orderPushes(from);
  const accepted = pushes.filter(({ state }) => state === 'delivered');
  const missing = accepted.filter(({ sn, updateTime }) => !(rows.get(sn)?.Version >= updateTime));
  return missing.length === 0 ? true : `${missing.length} of ${accepted.length} accepted pushes are not in the sheet`;
}

/** The status pushes (code 3) that the fake Shopee began to send since `from` (ms). */
export async function orderPushes(from) {
  const { pushes } = await json(`${shopee}/_sandbox/pushes`);
  return pushes
    .filter(({ code, at }) => code === 3 && at >= from)
    .map(({ state, text, attempts }) => {
      const { data } = JSON.parse(text);
      return { state, attempts: attempts.length, sn: data.ordersn, updateTime: data.update_time };
    });
}

/** Orders with pushes: each advances once. */
export async function traffic(count) {
  await json(`${shopee}/_sandbox/orders`, { shop, count });
  const open = (await orders()).filter(({ order_status }) => order_status !== 'COMPLETED');
  for (const { order_sn } of open.slice(0, count)) {
    await json(`${shopee}/_sandbox/orders`, { sn: order_sn, do: 'advance' });
  }
}

/** Messages of the bot in the chat. */
export async function messages() {
  const { messages: all } = await json(`${telegram}/_sandbox/messages`);
  return all.filter(({ service }) => service === undefined).length;
}

/** True when so many containers run and all are healthy; else their states. */
export function allHealthy(containers = 4) {
  const names = compose('ps', '-q').trim().split('\n');
  const states = names.map((id) => docker('inspect', '-f', '{{.State.Health.Status}}', id));
  return names.length === containers && states.every((state) => state === 'healthy') ? true : states.join(', ');
}
