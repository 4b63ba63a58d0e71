import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { hasRedis } from '../redis-program.ts';
import { createSandbox, type Sandbox } from '../sandbox.ts';
import { sandboxShops } from '../shopee/create-shopee.ts';
import type { StandInsOptions } from '../stand-ins.ts';
import { KeepAlive } from './keep-alive.ts';
import { lineForPerson } from './log-lines.ts';
import { portOr } from './ports.ts';
import { lockFolder } from './run-lock.ts';
import { given, type Env, type Running, type Say } from './run.ts';

/** Settings of the services that a person may want to change while trying the product out. */
const passedOn = [
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

/** The whole product against the stand-ins, with buyers who order: `npm start` without a filled .env. */
export async function runSandbox(env: Env, say: Say): Promise<Running> {
  await using opened = new AsyncDisposableStack();
  const dir = join(given(env, 'DATA_DIR') ?? 'data', 'sandbox');
  const logDir = join(given(env, 'LOG_DIR') ?? 'logs', 'sandbox');
  opened.defer(await lockFolder(dir));
  const redis = given(env, 'REDIS_ENABLED') !== 'false' && hasRedis();
  if (!redis) say('no Redis: the forwarder hands its events to the worker over HTTP (REDIS_ENABLED=false)');
  const password = given(env, 'DASHBOARD_PASSWORD') ?? keptPassword(dir);

  const ended = Promise.withResolvers<number>();
  const parts: { sandbox?: Sandbox } = {};
  const keepers = keepersOf(parts, { say, giveUp: ended.resolve });
  const stopKeepers = () => Object.values(keepers).forEach((keeper) => keeper.stop());
  opened.defer(stopKeepers);
  say(`starting ${redis ? 'Redis, ' : ''}the stand-ins, the worker and the forwarder`);
  const sandbox = await createSandbox({
    dir,
    logDir,
    redis,
    services: 'processes',
    ports: await portsFor(env),
    env: { DASHBOARD_PASSWORD: password, ...passed(env) },
    onLine: (name, line) => tell(say, name, line),
    onCrash: (name, how) => void keepers[name].crashed(how),
    ...(await standInsFor(env, dir)),
  });
  parts.sandbox = sandbox;
  opened.defer(() => sandbox.stop());
  opened.defer(tellCommandLine(dir, sandbox));
  // Again, and first: what is stopped on purpose must not be started again.
  opened.defer(stopKeepers);
  watchRedis(sandbox, keepers.redis);
  sandbox.shopee.traffic.start();
  say(banner(sandbox, { password, logDir }));
  const all = opened.move();
  return { stop: () => all.disposeAsync(), ended: ended.promise };
}

/** While it runs, `npm run cli` finds it by this file; gives what takes it away again. */
function tellCommandLine(dir: string, { env }: Sandbox): () => void {
  const path = join(dir, 'cli.env');
  const lines = Object.entries(env).map(([name, value]) => `${name}='${value}'\n`);
  writeFileSync(path, lines.join(''), { mode: 0o600 });
  return () => rmSync(path, { force: true });
}

async function standInsFor(env: Env, dir: string): Promise<StandInsOptions> {
  const host = given(env, 'HOST') ?? '127.0.0.1';
  return {
    stateDir: join(dir, 'stand-ins'),
    shopee: {
      host,
      port: await portOr(8101),
      // The last shop is left for connecting it in the browser.
      authorized: sandboxShops.slice(0, 3).map((shop) => shop.shopId),
      push: { duplicates: 0.03, retryScale },
    },
    google: { host, port: await portOr(8102) },
    telegram: { host, port: await portOr(8103) },
  };
}

function keepersOf(parts: { sandbox?: Sandbox }, common: { say: Say; giveUp: (code: number) => void }) {
  const whole = () => {
    if (parts.sandbox === undefined) throw new Error('the rest is still starting');
    return parts.sandbox;
  };
  const restartRedis = async () => {
    await whole().restartRedis();
    watchRedis(whole(), keepers.redis);
  };
  const keepers = {
    forwarder: new KeepAlive({ name: 'forwarder', start: async () => whole().forwarder?.start(), ...common }),
    worker: new KeepAlive({ name: 'worker', start: async () => whole().worker?.start(), ...common }),
    redis: new KeepAlive({ name: 'Redis', start: restartRedis, ...common }),
  };
  return keepers;
}

function watchRedis(sandbox: Sandbox, keeper: KeepAlive): void {
  sandbox.redis?.process.once('exit', (code, signal) => void keeper.crashed({ code, signal }));
}

async function portsFor(env: Env): Promise<{ forwarder: number; worker: number; redis: number }> {
  return {
    forwarder: await portOr(Number(given(env, 'FORWARDER_PORT') ?? 8000)),
    worker: await portOr(Number(given(env, 'WORKER_PORT') ?? 9000)),
    redis: await portOr(6390),
  };
}

function passed(env: Env): Record<string, string> {
  const entries = passedOn.map((name) => [name, given(env, name)] as const);
  return Object.fromEntries(entries.filter((entry): entry is [string, string] => entry[1] !== undefined));
}

/** Made at the first start, the same at every later one. */
function keptPassword(dir: string): string {
  const path = join(dir, 'dashboard-password');
  if (existsSync(path)) return readFileSync(path, 'utf8').trim();
  const password = randomBytes(9).toString('base64url');
  mkdirSync(dir, { recursive: true });
  writeFileSync(path, `${password}\n`, { mode: 0o600 });
  return password;
}

function tell(say: Say, name: string, line: string): void {
  const text = lineForPerson(name, line);
  if (text !== undefined) say(text);
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
