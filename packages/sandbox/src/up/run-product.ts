import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expandEnv } from '@shopee-webhook/runtime';
import { ChildReaper } from '../processes/child-reaper.ts';
import { hasRedis } from '../processes/redis-program.ts';
import { startRedis, type RedisServer } from '../processes/redis-server.ts';
import { ServiceProcess } from '../processes/service-process.ts';
import { Supervisor } from './supervisor.ts';
import { formatLogLine } from './log-lines.ts';
import { portOrFree } from './ports.ts';
import { lockFolder } from './run-lock.ts';
import { envValue, type Env, type Running, type Print } from './running.ts';

/** The product with its own Redis against the real services: `npm start` with a filled .env. */
export async function runProduct(env: Env, print: Print): Promise<Running> {
  await using opened = new AsyncDisposableStack();
  const dataDir = envValue(env, 'DATA_DIR') ?? 'data';
  const logDir = envValue(env, 'LOG_DIR') ?? 'logs';
  // Tokens and buyers' data: for nobody else on this machine.
  process.umask(0o077);
  mkdirSync(dataDir, { recursive: true });
  chmodSync(dataDir, 0o700);
  opened.defer(await lockFolder(dataDir));
  const reaper = new ChildReaper();
  opened.defer(() => reaper.close());
  const ended = Promise.withResolvers<number>();
  const common = { print: print, onGiveUp: ended.resolve };

  const redis = await startOwnRedis(env, { dataDir, reaper, ...common });
  opened.defer(() => redis.stop());
  const fullEnv = { ...env, ...redis.env, ...workerAddress(env) };
  const services = (['worker', 'forwarder'] as const).map((name) => {
    const supervisor = new Supervisor({ name, start: () => service.start(), ...common });
    const service: ServiceProcess = new ServiceProcess({
      name,
      reaper,
      env: name === 'worker' ? { ...fullEnv, HOST: envValue(env, 'HOST') ?? '127.0.0.1' } : fullEnv,
      port: Number(
        name === 'worker' ? (envValue(env, 'WORKER_PORT') ?? 9000) : (envValue(env, 'FORWARDER_PORT') ?? 8000),
      ),
      logFile: join(logDir, `${name}.log`),
      onLine: (line) => printLogLine(print, name, line),
      onCrash: (how) => void supervisor.handleCrash(how),
    });
    opened.defer(() => service.stop());
    opened.defer(() => supervisor.stop());
    return service;
  });
  print('starting the worker and the forwarder');
  // Each says what is wrong with its settings, not only the one that looked first.
  const starts = await Promise.allSettled(services.map((service) => service.start()));
  const failed = starts.filter((start) => start.status === 'rejected');
  if (failed.length > 0) throw new Error(failed.map(({ reason }) => messageOf(reason)).join('\n'));
  print(banner(env, logDir));
  const all = opened.move();
  return { stop: () => all.disposeAsync(), ended: ended.promise };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

interface OwnRedis {
  env: Record<string, string>;
  stop(): Promise<void>;
}

/** The Redis that the environment names; else one of our own on loopback, with the project's redis.conf. */
async function startOwnRedis(
  env: Env,
  parts: { dataDir: string; reaper: ChildReaper; print: Print; onGiveUp: (code: number) => void },
): Promise<OwnRedis> {
  const none = { env: {}, stop: async () => undefined };
  const { dataDir, reaper, print, onGiveUp } = parts;
  if (envValue(env, 'REDIS_ENABLED') === 'false') return none;
  const host = envValue(env, 'REDIS_HOST');
  const elsewhere = envValue(env, 'REDIS_SENTINELS') ?? envValue(env, 'REDIS_CLUSTER_NODES');
  // `redis` is the name it has under docker-compose, where this program does not run.
  if ((host !== undefined && host !== 'redis') || elsewhere !== undefined) return none;
  if (!hasRedis()) {
    print('no Redis here: events go from the forwarder to the worker over HTTP (REDIS_ENABLED=false)');
    return { env: { REDIS_ENABLED: 'false' }, stop: async () => undefined };
  }
  const port = await portOrFree(6390);
  const password = redisPassword(env, dataDir);
  const options = { dir: join(dataDir, 'redis'), port, reaper, args: passwordArgs(password, dataDir) };
  let server: RedisServer;
  const start = async () => {
    server = await startRedis(options);
    server.process.once('exit', (code, signal) => void supervisor.handleCrash({ code, signal }));
  };
  const supervisor: Supervisor = new Supervisor({ name: 'Redis', start, print, onGiveUp });
  await start();
  // `npm run cli` finds it by this file.
  const portFile = join(dataDir, 'redis-port');
  writeFileSync(portFile, `${port}\n`);
  const stop = async () => {
    rmSync(portFile, { force: true });
    supervisor.stop();
    await server.close();
  };
  const address = { REDIS_HOST: '127.0.0.1', REDIS_PORT: String(port), REDIS_TLS: '', REDIS_USERNAME: '' };
  return { env: { ...address, REDIS_PASSWORD: password, REDIS_PASSWORD_FILE: '' }, stop };
}

/** REDIS_PASSWORD; else one that is made once and stored where `npm run cli` finds it. */
function redisPassword(env: Env, dataDir: string): string {
  const given = expandEnv(env)['REDIS_PASSWORD'];
  if (given !== undefined) return given;
  const path = join(dataDir, 'redis-password');
  if (!existsSync(path)) writeFileSync(path, `${randomBytes(24).toString('base64url')}\n`, { mode: 0o600 });
  return readFileSync(path, 'utf8').trim();
}

/** The password goes through a file of mode 0600: arguments can be read by every user of the machine. */
function passwordArgs(password: string, dataDir: string): string[] {
  const path = resolve(dataDir, 'redis-password.conf');
  writeFileSync(path, `requirepass ${JSON.stringify(password)}\n`, { mode: 0o600 });
  return ['--include', path];
}

function workerAddress(env: Env): Record<string, string> {
  if (envValue(env, 'FORWARD_WEBHOOK_URL') !== undefined) return {};
  return { FORWARD_WEBHOOK_URL: `http://127.0.0.1:${envValue(env, 'WORKER_PORT') ?? '9000'}/webhook/process` };
}

function printLogLine(print: Print, name: string, line: string): void {
  const text = formatLogLine(name, line);
  if (text !== undefined) print(text);
}

function banner(env: Env, logDir: string): string {
  const base = `http://localhost:${envValue(env, 'FORWARDER_PORT') ?? '8000'}`;
  return `
  shopee-webhook runs.

    Dashboard   ${base}/dashboard
    Webhook     ${envValue(env, 'WEBHOOK_URL') ?? `${base}/webhook/shopee`}
    Health      ${base}/health
    API docs    ${base}/docs
    Logs        ${logDir}/

  Ctrl-C stops everything.
`;
}
