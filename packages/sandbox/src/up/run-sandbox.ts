import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { hasRedis } from '../processes/redis-program.ts';
import { createSandbox, type Sandbox } from '../stack/sandbox.ts';
import { sandboxShops } from '../shopee/create-shopee.ts';
import type { FakesOptions } from '../stack/fakes.ts';
import { Supervisor } from './supervisor.ts';
import { formatLogLine } from './log-lines.ts';
import { portOrFree } from './ports.ts';
import { lockFolder } from './run-lock.ts';
import { envValue, type Env, type Running, type Print } from './running.ts';

/** Settings of the services that a person may want to change while trying the product out. */
const forwardedSettings = [
  'HOST',
  'LOG_LEVEL',
  'ORDER_EVENT_CODES',
  'OTEL_EXPORTER_OTLP_ENDPOINT',
  'REDIS_MAX_RETRIES',
  'REDIS_NUM_WORKERS',
  'RETENTION_DAYS',
  'SENTRY_DSN',
  'SHEETS_ROTATE',
  'SHEETS_SUMMARY',
  'WORKER_BATCH_SIZE',
];

/** Shopee's 300, 1,800 and 10,800 s between tries become 6, 36 and 216 s: nobody who looks on wants to wait for hours. */
const retryScale = 0.02;

/** The whole product against the fakes, with buyers who order: `npm start` without a filled .env. */
export async function runSandbox(env: Env, print: Print): Promise<Running> {
  await using opened = new AsyncDisposableStack();
  const dir = join(envValue(env, 'DATA_DIR') ?? 'data', 'sandbox');
  const logDir = join(envValue(env, 'LOG_DIR') ?? 'logs', 'sandbox');
  opened.defer(await lockFolder(dir));
  const redis = envValue(env, 'REDIS_ENABLED') !== 'false' && hasRedis();
  if (!redis) print('no Redis: the forwarder hands its events to the worker over HTTP (REDIS_ENABLED=false)');
  const password = envValue(env, 'DASHBOARD_PASSWORD') ?? savedPassword(dir);

  const ended = Promise.withResolvers<number>();
  const parts: { sandbox?: Sandbox } = {};
  const supervisors = createSupervisors(parts, { print, onGiveUp: ended.resolve });
  const stopSupervisors = () => Object.values(supervisors).forEach((supervisor) => supervisor.stop());
  opened.defer(stopSupervisors);
  print(`starting ${redis ? 'Redis, ' : ''}the fakes, the worker and the forwarder`);
  const sandbox = await createSandbox({
    dir,
    logDir,
    redis,
    services: 'processes',
    ports: await portsFor(env),
    env: { DASHBOARD_PASSWORD: password, ...forwardedEnv(env) },
    onLine: (name, line) => printLogLine(print, name, line),
    onCrash: (name, how) => void supervisors[name].handleCrash(how),
    ...(await fakesOptions(env, dir)),
  });
  parts.sandbox = sandbox;
  opened.defer(() => sandbox.stop());
  opened.defer(writeCliEnv(dir, sandbox));
  // Again, and first: what is stopped on purpose must not be started again.
  opened.defer(stopSupervisors);
  watchRedis(sandbox, supervisors.redis);
  sandbox.shopee.traffic.start();
  print(banner(sandbox, { password, logDir }));
  const all = opened.move();
  return { stop: () => all.disposeAsync(), ended: ended.promise };
}

/** While it runs, `npm run cli` finds it by this file; gives what takes it away again. */
function writeCliEnv(dir: string, { env }: Sandbox): () => void {
  const path = join(dir, 'cli.env');
  const lines = Object.entries(env).map(([name, value]) => `${name}='${value}'\n`);
  writeFileSync(path, lines.join(''), { mode: 0o600 });
  return () => rmSync(path, { force: true });
}

async function fakesOptions(env: Env, dir: string): Promise<FakesOptions> {
  const host = envValue(env, 'HOST') ?? '127.0.0.1';
  return {
    stateDir: join(dir, 'fakes'),
    shopee: {
      host,
      port: await portOrFree(8101),
      // The last shop is left for connecting it in the browser.
      authorized: sandboxShops.slice(0, 3).map((shop) => shop.shopId),
      push: { duplicates: 0.03, retryScale },
    },
    google: { host, port: await portOrFree(8102) },
    telegram: { host, port: await portOrFree(8103) },
  };
}

function createSupervisors(parts: { sandbox?: Sandbox }, common: { print: Print; onGiveUp: (code: number) => void }) {
  const runningSandbox = () => {
    if (parts.sandbox === undefined) throw new Error('the rest is still starting');
    return parts.sandbox;
  };
  const restartRedis = async () => {
    await runningSandbox().restartRedis();
    watchRedis(runningSandbox(), supervisors.redis);
  };
  const supervisors = {
    forwarder: new Supervisor({ name: 'forwarder', start: async () => runningSandbox().forwarder?.start(), ...common }),
    worker: new Supervisor({ name: 'worker', start: async () => runningSandbox().worker?.start(), ...common }),
    redis: new Supervisor({ name: 'Redis', start: restartRedis, ...common }),
  };
  return supervisors;
}

function watchRedis(sandbox: Sandbox, supervisor: Supervisor): void {
  sandbox.redis?.process.once('exit', (code, signal) => void supervisor.handleCrash({ code, signal }));
}

async function portsFor(env: Env): Promise<{ forwarder: number; worker: number; redis: number }> {
  return {
    forwarder: await portOrFree(Number(envValue(env, 'FORWARDER_PORT') ?? 8000)),
    worker: await portOrFree(Number(envValue(env, 'WORKER_PORT') ?? 9000)),
    redis: await portOrFree(6390),
  };
}

function forwardedEnv(env: Env): Record<string, string> {
  const entries = forwardedSettings.map((name) => [name, envValue(env, name)] as const);
  return Object.fromEntries(entries.filter((entry): entry is [string, string] => entry[1] !== undefined));
}

/** Made at the first start, the same at every later one. */
function savedPassword(dir: string): string {
  const path = join(dir, 'dashboard-password');
  if (existsSync(path)) return readFileSync(path, 'utf8').trim();
  const password = randomBytes(9).toString('base64url');
  mkdirSync(dir, { recursive: true });
  writeFileSync(path, `${password}\n`, { mode: 0o600 });
  return password;
}

function printLogLine(print: Print, name: string, line: string): void {
  const text = formatLogLine(name, line);
  if (text !== undefined) print(text);
}

function banner(sandbox: Sandbox, { password, logDir }: { password: string; logDir: string }): string {
  const base = sandbox.forwarder?.url ?? '';
  const redis = sandbox.redis === undefined ? 'none' : `127.0.0.1:${sandbox.redis.port}`;
  return `
  shopee-webhook runs against its sandbox: invented shops, nothing leaves this machine.

    Dashboard   ${base}/dashboard   password: ${password}
    Sheet       ${sandbox.google.url}
    Chat        ${sandbox.telegram.url}/
    Shopee      ${sandbox.shopee.url}/   place and move orders yourself

    API docs    ${base}/docs
    Redis       ${redis}
    Data, logs  ${relative('.', sandbox.dir)}/, ${relative('.', logDir)}/

  To run it for real, fill in .env (see .env.example). Ctrl-C stops everything.
`;
}
