// The containers as a user runs them: build, up, pushes → rows and messages, kill −9 in the middle, an upgrade under
// traffic, backup, loss and restore, a damaged append-only file, HTTPS.
// node test/docker/run.mjs        (needs a Docker Engine and docker-compose; removes all it made)
// COMPOSE='docker compose' node test/docker/run.mjs        the same with Compose v2 and BuildKit
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHmac, randomBytes } from 'node:crypto';
import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  acceptedAreWritten,
  allHealthy,
  command,
  compose,
  composeMeanwhile,
  docker,
  env,
  forwarder,
  json,
  messages,
  orderPushes,
  passed,
  orders,
  passedChecks,
  ports,
  root,
  sheetIsTrue,
  shell,
  shop,
  shopee,
  traffic,
  until,
} from './stack.mjs';

const dotenv = join(root, '.env');

async function run() {
  await until('all four containers become healthy', 240, () => allHealthy());
  await json(`${shopee}/_sandbox/traffic`, { run: 'stop' });
  await until('the doctor finds nothing wrong', 60, () => doctor());

  await traffic(100);
  await until('200 pushes and more became rows', 120, () => sheetIsTrue());
  await until('and messages', 60, async () => (await messages()) > 0);

  await killWorkerAndRedis();
  await upgradeUnderTraffic();
  await scaleWorkers();
  await backupAndRestore();
  await repairRedis();
  await serveHttps();
  checkHardening();
  checkRedisIsHidden();
  checkImages();
}

/** True, or the lines of what is wrong. */
function doctor() {
  const { status, stdout } = spawnSync(
    command[0],
    [...command.slice(1), 'exec', '-T', 'worker', 'shopee-webhook', 'doctor'],
    { cwd: root, env, encoding: 'utf8' },
  );
  return status === 0 ? true : stdout.replaceAll(/^ok .*\n/gm, '');
}

async function killWorkerAndRedis() {
  const first = json(`${shopee}/_sandbox/orders`, { shop, count: 60 });
  compose('kill', '-s', 'KILL', 'worker');
  compose('kill', '-s', 'KILL', 'redis');
  await first;
  await traffic(20);
  passed('pushes were answered while the worker and Redis were down');
  compose('start', 'redis', 'worker');
  await until('after kill −9 of the worker and Redis nothing is lost', 240, () => sheetIsTrue());
}

/** `up -d --build` with everything recreated, as a new version would, while Shopee pushes. */
async function upgradeUnderTraffic() {
  const begun = Date.now();
  const upgraded = new AbortController();
  const pushing = (async () => {
    while (!upgraded.signal.aborted) {
      await json(`${shopee}/_sandbox/orders`, { shop, count: 1 });
      await sleep(250);
    }
  })();
  const services = ['redis', 'forwarder', 'worker'];
  await composeMeanwhile('up', '-d', '--build', '--force-recreate', '--no-deps', ...services);
  await until('after an upgrade under traffic all are healthy again', 240, () => allHealthy());
  upgraded.abort();
  await pushing;
  await until('every push that was answered 200 meanwhile is in the sheet', 180, () => acceptedAreWritten(begun));
  const pushes = await orderPushes(begun);
  const again = pushes.filter(({ attempts }) => attempts > 1).length;
  await until(`${pushes.length} pushes, of which ${again} were sent again`, 180, () => sheetIsTrue());
  // A scheduled one may still run: then the command refuses.
  await until('and a reconcile by the CLI in the container finds nothing missing', 180, async () => {
    compose('exec', '-T', 'worker', 'shopee-webhook', 'reconcile', '--days', '1');
    return true;
  });
  if ((await orderPushes(begun)).length === 0) throw new Error('the sandbox lost its pushes: was it restarted?');
}

/** Three workers on one queue, as docs/scaling.md says; then one again. */
async function scaleWorkers() {
  compose('up', '-d', '--no-recreate', '--scale', 'worker=3');
  await until('three workers become healthy', 240, () => allHealthy(6));
  await traffic(30);
  await until('and each order is in the sheet once', 180, () => sheetIsTrue());
  const request = "fetch('http://127.0.0.1:9000/workers/stats').then((r) => r.text()).then(console.log)";
  const { workers } = JSON.parse(compose('exec', '-T', 'worker', 'node', '-e', request));
  const alive = workers.filter(({ state }) => state !== 'stopped');
  assert.equal(alive.length, 12, 'three consumers of each of three workers, and one for suspects');
  compose('up', '-d', '--no-recreate', '--scale', 'worker=1');
}

/** The commands of docs/operations.md, with all volumes lost in between. */
async function backupAndRestore() {
  const before = await json(`${forwarder}/queue/stats`);
  shell(commandsUnder('Backup'));
  compose('down');
  for (const volume of ['redis', 'data']) docker('volume', 'rm', `${env.COMPOSE_PROJECT_NAME}_${volume}`);
  // The last command compares a week: it ends with 1 while an order is missing, as after a restart of the fake.
  shell(commandsUnder('Restore').replace(/^.*reconcile.*$/m, ''));
  await until('after backup, loss of the volumes and restore all are healthy', 240, () => allHealthy());
  const after = await json(`${forwarder}/queue/stats`);
  assert.ok(after.totals.received >= before.totals.received, 'the restored counters are older than the backup');
  for (const archive of ['redis.tgz', 'data.tgz'])
    assert.equal(statSync(join(root, 'backup', archive)).mode & 0o777, 0o600, `${archive} can be read by others`);
  passed('the queue’s state came back from the archive, which is readable by its owner only');
  await json(`${shopee}/_sandbox/traffic`, { run: 'stop' });
  // The fake starts with traffic of its own, some of it before the forwarder is up: Shopee sends that again much later.
  const older = new Set((await orders()).map(({ order_sn }) => order_sn));
  await json(`${shopee}/_sandbox/orders`, { shop, count: 10 });
  await until('and new orders get into the sheet', 180, () => sheetIsTrue(older));
}

/** The commands of the first block of a section of docs/operations.md; without a terminal `exec` wants -T. */
function commandsUnder(title) {
  const text = readFileSync(join(root, 'docs/operations.md'), 'utf8');
  const block = new RegExp(`\\n## ${title}\\n[^]*?\`\`\`sh\\n([^]*?)\`\`\``).exec(text)?.[1];
  assert.ok(block, `docs/operations.md has no commands under ${title}`);
  return block
    .replaceAll('docker-compose exec', 'docker-compose exec -T')
    .replaceAll('docker-compose', command.join(' '));
}

/** The profile tls: Caddy with a certificate of its own authority, because this DOMAIN is not public. */
async function serveHttps() {
  compose('--profile', 'tls', 'up', '-d', '--no-recreate', 'caddy');
  const url = `https://localhost:${ports.https}/webhook/shopee`;
  await until('HTTPS answers a verification push with 200 and an empty body', 60, async () => {
    const { status, body } = await post(url, '{"code":0,"data":{"verify_info":"verify"}}', '');
    return status === 200 && body === '' ? true : `${status} ${body}`;
  });
  const push = JSON.stringify({
    code: 5,
    shop_id: shop,
    timestamp: Math.floor(Date.now() / 1000),
    data: { updates: [] },
  });
  // Signed is the URL in the console (WEBHOOK_URL), whatever the path to the forwarder.
  const signed = createHmac('sha256', 'sandbox-push-key')
    .update(`http://forwarder:8000/webhook/shopee|${push}`)
    .digest('hex');
  assert.deepEqual(await post(url, push, signed), { status: 200, body: '' });
  assert.equal((await post(url, push, signed.replace(/^./, 'z'))).status, 401);
  passed('and accepts a signed push, and rejects an invalid signature');
  const plain = await fetch(`http://localhost:${ports.http}/webhook/shopee`, { method: 'POST', redirect: 'manual' });
  assert.equal(plain.status, 308);
  passed('plain HTTP redirects to HTTPS');
}

/** POSTs to the Caddy under test, whose authority is unknown. */
function post(url, body, authorization) {
  const headers = { 'content-type': 'application/json', authorization };
  return new Promise((resolve, reject) => {
    const sent = request(url, { method: 'POST', headers, rejectUnauthorized: false }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk) => (text += chunk));
      response.on('end', () => resolve({ status: response.statusCode, body: text }));
    });
    sent.on('error', reject).end(body);
  });
}

/** Damage in the middle of the file, and the commands of docs/operations.md against it. */
async function repairRedis() {
  const older = new Set((await orders()).map(({ order_sn }) => order_sn));
  compose('stop', 'redis');
  const id = compose('ps', '-aq', 'redis').trim();
  // Longer than any value in it, so that it hits the format and not only the text of a value.
  const damage =
    'f=$(ls /data/appendonlydir/*.incr.aof) && head -c 65536 /dev/zero | tr "\\0" X | dd of=$f bs=1 seek=$(($(stat -c %s $f) / 2)) conv=notrunc';
  docker('run', '--rm', '--volumes-from', id, 'redis:7-bookworm', 'sh', '-c', damage);
  compose('start', 'redis');
  await until('Redis rejects its damaged file', 60, () =>
    compose('logs', '--tail=40', 'redis').includes('Bad file format'),
  );
  shell(commandsUnder('Redis does not start: its append-only file is damaged').replace(/^.*reconcile.*$/m, ''));
  await until('after the repair all are healthy', 240, () => allHealthy());
  await json(`${shopee}/_sandbox/orders`, { shop, count: 5 });
  await until('and new orders get into the sheet', 180, () => sheetIsTrue(older));
}

/** The password is no argument of a process, and only the services reach Redis. */
function checkRedisIsHidden() {
  const { REDIS_PASSWORD: password } = Object.fromEntries(
    readFileSync(dotenv, 'utf8')
      .split('\n')
      .map((line) => line.split(/=(.*)/s)),
  );
  assert.ok(!docker('top', compose('ps', '-q', 'redis').trim()).includes(password), 'the password is an argument');
  const lookup = "require('dns').lookup('redis', (error) => process.exit(error ? 0 : 1))";
  compose('exec', '-T', 'sandbox', 'node', '-e', lookup);
  passed('the Redis password is no argument, and other containers do not reach Redis');
}

function checkHardening() {
  for (const service of ['forwarder', 'worker', 'redis', 'sandbox']) {
    const id = compose('ps', '-q', service).trim();
    assert.notEqual(docker('exec', id, 'id', '-u'), '0', `${service} runs as root`);
    const root = docker('inspect', '-f', '{{.HostConfig.ReadonlyRootfs}}', id);
    assert.equal(root, 'true', `${service} can write to its root`);
    const rights = docker('inspect', '-f', '{{.HostConfig.CapDrop}} {{.HostConfig.SecurityOpt}}', id);
    assert.match(rights, /ALL.*no-new-privileges/i);
  }
  passed('no container is root, can write to its root file system, or has a capability');
}

function checkImages() {
  const list = 'ls node_modules node_modules/.bin; find / -name ".env*" -not -path "/proc/*" 2>/dev/null; true';
  const base = Number(docker('image', 'inspect', '-f', '{{.Size}}', 'node:24-bookworm-slim'));
  for (const image of ['shopee-webhook-forwarder', 'shopee-webhook-worker']) {
    const names = docker('run', '--rm', image, 'sh', '-c', list).split('\n');
    for (const tool of ['vitest', 'typescript', 'oxlint', 'vite', 'prettier', '.env']) {
      assert.ok(!names.some((name) => name === tool || name.endsWith(`/${tool}`)), `${image} holds ${tool}`);
    }
    const above = Number(docker('image', 'inspect', '-f', '{{.Size}}', image)) - base;
    passed(`${image} holds no dev tool and no secret, and is ${Math.round(above / 1e6)} MB above its base`);
  }
}

/** True when the program can be run. */
function works(program, ...args) {
  return spawnSync(program, args, { stdio: 'ignore' }).status === 0;
}

if (!works('docker', 'info') || !works(command[0], ...command.slice(1), 'version')) {
  console.log('SKIPPED: no Docker Engine with docker-compose runs here, so the containers were not tested');
  process.exit(0);
}
const madeEnv = !existsSync(dotenv);
if (madeEnv) writeFileSync(dotenv, `REDIS_PASSWORD=${randomBytes(24).toString('hex')}\n`);
try {
  console.log('building the images');
  compose('build');
  compose('up', '-d');
  await run();
  console.log(`${passedChecks()} passed, 0 failed`);
} catch (error) {
  console.error(compose('logs', '--tail=15'));
  console.error(error instanceof Error ? error.stderr || error.stack : error);
  console.log(`${passedChecks()} passed, 1 failed`);
  process.exitCode = 1;
} finally {
  compose('--profile', 'tls', 'down', '-v');
  rmSync(join(root, 'backup'), { recursive: true, force: true });
  if (madeEnv) rmSync(dotenv);
}
