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

/** GET, or POST when a body is given; throws when the answer is no 2xx. */
export async function json(url, body) {
  const headers = { 'content-type': 'application/json' };
  const answer = await fetch(url, body === undefined ? {} : { method: 'POST', headers, body: JSON.stringify(body) });
  if (!answer.ok) throw new Error(`${url}: ${answer.status}`);
  return answer.json();
}

/** Waits until `look` gives true, or fails with what it said last. */
export async function until(what, seconds, look) {
  const deadline = Date.now() + seconds * 1000;
  let last;
  while (Date.now() < deadline) {
    last = await Promise.resolve(look()).catch((error) => String(error));
    if (last === true) return passed(what);
    await sleep(1000);
  }
  throw new Error(`${what}: not within ${seconds} s; ${JSON.stringify(last)}`);
}

export async function book() {
  const { orders } = await json(`${shopee}/_sandbox/book`);
  return orders.filter(({ shop_id }) => shop_id === shop).map(({ order }) => order);
}

async function rowsBySn() {
  const { tabs } = await json(`${google}/_sandbox/sheet`);
  const rows = tabs.find(({ title }) => title === 'Orders')?.records ?? [];
  const known = new Map(rows.map((row) => [row['Order SN'], row]));
  if (known.size !== rows.length) throw new Error(`${rows.length - known.size} rows stand twice`);
  return known;
}

/** True when every order of the book stands in the sheet once, as new as Shopee has it; else what is wrong. */
export async function sheetIsTrue(except = new Set()) {
  const rows = await rowsBySn();
  const orders = (await book()).filter(({ order_sn }) => !except.has(order_sn));
  const wrong = orders.filter(({ order_sn, order_status, update_time }) => {
    const row = rows.get(order_sn);
    return row?.Status !== order_status || row.Version < update_time;
  });
  return wrong.length === 0 ? true : `${wrong.length} of ${orders.length} orders are not right in the sheet`;
}

/** True when every order push that was answered 200 since `from` (ms) is reflected in the sheet; else what is missing. */
export async function acceptedAreWritten(from) {
  const rows = await rowsBySn();
  const pushes = await orderPushes(from);
  const accepted = pushes.filter(({ state }) => state === 'delivered');
  const missing = accepted.filter(({ sn, updateTime }) => !(rows.get(sn)?.Version >= updateTime));
  return missing.length === 0 ? true : `${missing.length} of ${accepted.length} accepted pushes are not in the sheet`;
}

/** The status pushes (code 3) that Shopee's stand-in began to send since `from` (ms). */
export async function orderPushes(from) {
  const { pushes } = await json(`${shopee}/_sandbox/pushes`);
  return pushes
    .filter(({ code, at }) => code === 3 && at >= from)
    .map(({ state, text, tries }) => {
      const { data } = JSON.parse(text);
      return { state, tries: tries.length, sn: data.ordersn, updateTime: data.update_time };
    });
}

/** Orders that are pushed by Shopee's stand-in: each order's pushes until it is shipped. */
export async function traffic(orders) {
  await json(`${shopee}/_sandbox/orders`, { shop, count: orders });
  const open = (await book()).filter(({ order_status }) => order_status !== 'COMPLETED');
  for (const { order_sn } of open.slice(0, orders)) {
    await json(`${shopee}/_sandbox/orders`, { sn: order_sn, do: 'advance' });
  }
}

/** Messages of the bot in the chat. */
export async function told() {
  const { messages } = await json(`${telegram}/_sandbox/messages`);
  return messages.filter(({ service }) => service === undefined).length;
}

/** True when so many containers run and all are healthy; else their states. */
export function allHealthy(containers = 4) {
  const names = compose('ps', '-q').trim().split('\n');
  const states = names.map((id) => docker('inspect', '-f', '{{.State.Health.Status}}', id));
  return names.length === containers && states.every((state) => state === 'healthy') ? true : states.join(', ');
}
