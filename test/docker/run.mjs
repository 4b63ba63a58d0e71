// The containers as a user runs them: build, up, pushes → rows and messages, kill −9 in the middle, down and up again.
// node test/docker/run.mjs        (needs a Docker Engine and docker-compose; keeps nothing)
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const ports = { forwarder: 18000, worker: 19000, sandbox: 1810 };
const shopee = `http://127.0.0.1:${ports.sandbox}1`;
const google = `http://127.0.0.1:${ports.sandbox}2`;
const telegram = `http://127.0.0.1:${ports.sandbox}3`;
const forwarder = `http://127.0.0.1:${ports.forwarder}`;
const shop = 700000001;
const env = {
  ...process.env,
  COMPOSE_PROJECT_NAME: 'shopee-webhook-test',
  FORWARDER_PUBLISHED_PORT: String(ports.forwarder),
  WORKER_PUBLISHED_PORT: String(ports.worker),
  SANDBOX_PORTS: String(ports.sandbox),
};
const files = ['-f', 'docker-compose.yml', '-f', 'docker-compose.sandbox.yml'];
let checks = 0;

function compose(...args) {
  return execFileSync('docker-compose', [...files, ...args], {
    cwd: root,
    env,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

function docker(...args) {
  return execFileSync('docker', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trim();
}

function passed(what) {
  checks += 1;
  console.log(`  ✓ ${what}`);
}

async function json(url, body) {
  const headers = { 'content-type': 'application/json' };
  const answer = await fetch(url, body === undefined ? {} : { method: 'POST', headers, body: JSON.stringify(body) });
  if (!answer.ok) throw new Error(`${url}: ${answer.status}`);
  return answer.json();
}

/** Waits until `look` gives something true, or fails with what it said last. */
async function until(what, seconds, look) {
  const deadline = Date.now() + seconds * 1000;
  let last;
  while (Date.now() < deadline) {
    last = await Promise.resolve(look()).catch((error) => String(error));
    if (last === true) return passed(what);
    await sleep(1000);
  }
  throw new Error(`${what}: not within ${seconds} s; ${JSON.stringify(last)}`);
}

/** True when every order of the book stands in the sheet once, as new as Shopee has it; else what is wrong. */
async function sheetIsTrue(except = new Set()) {
  const { orders } = await json(`${shopee}/_sandbox/book`);
  const { tabs } = await json(`${google}/_sandbox/sheet`);
  const rows = tabs.find(({ title }) => title === 'Orders')?.records ?? [];
  const known = new Map(rows.map((row) => [row['Order SN'], row]));
  const wrong = orders
    .filter(({ shop_id, order }) => shop_id === shop && !except.has(order.order_sn))
    .map(({ order }) => order)
    .filter(
      (order) =>
        known.get(order.order_sn)?.Status !== order.order_status ||
        known.get(order.order_sn).Version < order.update_time,
    );
  if (known.size !== rows.length) return `${rows.length - known.size} rows stand twice`;
  return wrong.length === 0 ? true : `${wrong.length} of ${orders.length} orders are not right in the sheet`;
}

function allHealthy() {
  const names = compose('ps', '-q').trim().split('\n');
  const states = names.map((id) => docker('inspect', '-f', '{{.State.Health.Status}}', id));
  return names.length === 4 && states.every((state) => state === 'healthy') ? true : states.join(', ');
}

/** Orders that are pushed by Shopee's stand-in: each order's pushes until it is shipped. */
async function traffic(count) {
  await json(`${shopee}/_sandbox/orders`, { shop, count });
  const { orders } = await json(`${shopee}/_sandbox/book`);
  const open = orders.filter(({ shop_id, order }) => shop_id === shop && order.order_status !== 'COMPLETED');
  for (const { order } of open.slice(0, count))
    await json(`${shopee}/_sandbox/orders`, { sn: order.order_sn, do: 'advance' });
}

async function told() {
  const { messages } = await json(`${telegram}/_sandbox/messages`);
  return messages.filter(({ service }) => service === undefined).length;
}

async function run() {
  await until('all four containers become healthy', 240, allHealthy);
  await json(`${shopee}/_sandbox/traffic`, { run: 'stop' });

  await traffic(100);
  await until('200 pushes and more became rows', 120, () => sheetIsTrue());
  await until('and messages', 60, async () => (await told()) > 0);

  const first = json(`${shopee}/_sandbox/orders`, { shop, count: 60 });
  compose('kill', '-s', 'KILL', 'worker');
  compose('kill', '-s', 'KILL', 'redis');
  await first;
  await traffic(20);
  passed('pushes were answered while the worker and Redis were dead');
  compose('start', 'redis', 'worker');
  await until('after kill −9 of the worker and Redis nothing is lost', 240, () => sheetIsTrue());

  const before = await json(`${forwarder}/queue/stats`);
  compose('down');
  compose('up', '-d');
  await until('after down and up all are healthy again', 240, allHealthy);
  await json(`${shopee}/_sandbox/traffic`, { run: 'stop' });
  // The stand-in begins with traffic of its own, some of it before the forwarder is up: Shopee sends that again much later.
  const older = new Set((await json(`${shopee}/_sandbox/book`)).orders.map(({ order }) => order.order_sn));
  await json(`${shopee}/_sandbox/orders`, { shop, count: 10 });
  await until('and new orders get into the sheet', 180, () => sheetIsTrue(older));
  const after = await json(`${forwarder}/queue/stats`);
  assert.ok(after.totals.received >= before.totals.received, 'the counters went back');
  passed('the queue’s state survived');

  for (const service of ['forwarder', 'worker', 'redis', 'sandbox']) {
    const id = compose('ps', '-q', service).trim();
    assert.notEqual(docker('exec', id, 'id', '-u'), '0', `${service} runs as root`);
    assert.equal(
      docker('inspect', '-f', '{{.HostConfig.ReadonlyRootfs}}', id),
      'true',
      `${service} can write to its root`,
    );
    assert.match(
      docker('inspect', '-f', '{{.HostConfig.CapDrop}} {{.HostConfig.SecurityOpt}}', id),
      /ALL.*no-new-privileges/i,
    );
  }
  passed('no container is root, can write to its root file system, or has a capability');

  for (const image of ['shopee-webhook-forwarder', 'shopee-webhook-worker']) {
    const listed = docker(
      'run',
      '--rm',
      image,
      'sh',
      '-c',
      'ls node_modules node_modules/.bin; find / -name ".env*" -not -path "/proc/*" 2>/dev/null; true',
    );
    for (const tool of ['vitest', 'typescript', 'oxlint', 'vite', 'prettier', '.env']) {
      assert.ok(
        !listed.split('\n').some((name) => name === tool || name.endsWith(`/${tool}`)),
        `${image} holds ${tool}`,
      );
    }
    const base = Number(docker('image', 'inspect', '-f', '{{.Size}}', 'node:24-bookworm-slim'));
    const size = Number(docker('image', 'inspect', '-f', '{{.Size}}', image));
    passed(`${image} holds no dev tool and no secret, and is ${Math.round((size - base) / 1e6)} MB above its base`);
  }

  const data = docker(
    'run',
    '--rm',
    '--volumes-from',
    compose('ps', '-q', 'forwarder').trim(),
    'node:24-bookworm-slim',
    'sh',
    '-c',
    'tar cf - -C /app data | wc -c',
  );
  assert.ok(Number(data) > 10_000, `the archive has ${data} bytes`);
  passed('the backup command of docs/operations.md gives an archive');
}

if (
  spawnSync('docker', ['info'], { stdio: 'ignore' }).status !== 0 ||
  spawnSync('docker-compose', ['--version'], { stdio: 'ignore' }).status !== 0
) {
  console.log('SKIPPED: no Docker Engine with docker-compose runs here, so the containers were not tested');
  process.exit(0);
}
const dotenv = join(root, '.env');
const madeEnv = !existsSync(dotenv);
if (madeEnv) writeFileSync(dotenv, `REDIS_PASSWORD=${randomBytes(24).toString('hex')}\n`);
try {
  console.log('building the images');
  compose('build');
  compose('up', '-d');
  await run();
  console.log(`${checks} passed, 0 failed`);
} catch (error) {
  console.error(compose('logs', '--tail=15'));
  console.error(error instanceof Error ? error.stderr || error.message : error);
  console.log(`${checks} passed, 1 failed`);
  process.exitCode = 1;
} finally {
  compose('down', '-v');
  if (madeEnv) rmSync(dotenv);
}
