import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Guard } from '../guard.ts';
import { hasRedis } from '../redis-program.ts';
import { startRedis, type RedisServer } from '../redis-server.ts';
import { ServiceProcess } from '../service-process.ts';
import { KeepAlive } from './keep-alive.ts';
import { lineForPerson } from './log-lines.ts';
import { portOr } from './ports.ts';
import { lockFolder } from './run-lock.ts';
import { given, type Env, type Running, type Say } from './run.ts';

/** The product with its own Redis against the real services: `npm start` with a filled .env. */
export async function runProduct(env: Env, say: Say): Promise<Running> {
  await using opened = new AsyncDisposableStack();
  const dataDir = given(env, 'DATA_DIR') ?? 'data';
  const logDir = given(env, 'LOG_DIR') ?? 'logs';
  opened.defer(await lockFolder(dataDir));
  const guard = new Guard();
  opened.defer(() => guard.close());
  const ended = Promise.withResolvers<number>();
  const common = { say, giveUp: ended.resolve };

  const redis = await redisFor(env, { dataDir, guard, ...common });
  opened.defer(() => redis.stop());
  const whole = { ...env, ...redis.env, ...workerAddress(env) };
  const services = (['worker', 'forwarder'] as const).map((name) => {
    const keeper = new KeepAlive({ name, start: () => service.start(), ...common });
    const service: ServiceProcess = new ServiceProcess({
      name,
      guard,
      env: name === 'worker' ? { ...whole, HOST: given(env, 'HOST') ?? '127.0.0.1' } : whole,
      port: Number(name === 'worker' ? (given(env, 'WORKER_PORT') ?? 9000) : (given(env, 'FORWARDER_PORT') ?? 8000)),
      logFile: join(logDir, `${name}.log`),
      onLine: (line) => tell(say, name, line),
      onCrash: (how) => void keeper.crashed(how),
    });
    opened.defer(() => service.stop());
    opened.defer(() => keeper.stop());
    return service;
  });
  say('starting the worker and the forwarder');
  // Each says what is wrong with its settings, not only the one that looked first.
  const starts = await Promise.allSettled(services.map((service) => service.start()));
  const failed = starts.find((start) => start.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
  say(banner(env, logDir));
  const all = opened.move();
  return { stop: () => all.disposeAsync(), ended: ended.promise };
}

interface OwnRedis {
  env: Record<string, string>;
  stop(): Promise<void>;
}

/** The Redis that the environment names; else one of our own on loopback, with the project's redis.conf. */
async function redisFor(
  env: Env,
  parts: { dataDir: string; guard: Guard; say: Say; giveUp: (code: number) => void },
): Promise<OwnRedis> {
  const none = { env: {}, stop: async () => undefined };
  const { dataDir, guard, say, giveUp } = parts;
  if (given(env, 'REDIS_ENABLED') === 'false') return none;
  const host = given(env, 'REDIS_HOST');
  const elsewhere = given(env, 'REDIS_SENTINELS') ?? given(env, 'REDIS_CLUSTER_NODES');
  // `redis` is the name it has under docker-compose, where this program does not run.
  if ((host !== undefined && host !== 'redis') || elsewhere !== undefined) return none;
  if (!hasRedis()) {
    say('no Redis here: events go from the forwarder to the worker over HTTP (REDIS_ENABLED=false)');
    return { env: { REDIS_ENABLED: 'false' }, stop: async () => undefined };
  }
  const port = await portOr(6390);
  const options = { dir: join(dataDir, 'redis'), port, guard, args: passwordArgs(env, dataDir) };
  let server: RedisServer;
  const start = async () => {
    server = await startRedis(options);
    server.process.once('exit', (code, signal) => void keeper.crashed({ code, signal }));
  };
  const keeper: KeepAlive = new KeepAlive({ name: 'Redis', start, say, giveUp });
  await start();
  // `npm run cli` finds it by this file.
  const portFile = join(dataDir, 'redis-port');
  writeFileSync(portFile, `${port}\n`);
  const stop = async () => {
    rmSync(portFile, { force: true });
    keeper.stop();
    await server.close();
  };
  return { env: { REDIS_HOST: '127.0.0.1', REDIS_PORT: String(port), REDIS_TLS: '', REDIS_USERNAME: '' }, stop };
}

/** The password goes through a file of mode 0600: arguments can be read by every user of the machine. */
function passwordArgs(env: Env, dataDir: string): string[] {
  const password = given(env, 'REDIS_PASSWORD');
  if (password === undefined) return [];
  const path = resolve(dataDir, 'redis-password.conf');
  mkdirSync(dataDir, { recursive: true });
  writeFileSync(path, `requirepass ${JSON.stringify(password)}\n`, { mode: 0o600 });
  return ['--include', path];
}

function workerAddress(env: Env): Record<string, string> {
  if (given(env, 'FORWARD_WEBHOOK_URL') !== undefined) return {};
  return { FORWARD_WEBHOOK_URL: `http://127.0.0.1:${given(env, 'WORKER_PORT') ?? '9000'}/webhook/process` };
}

function tell(say: Say, name: string, line: string): void {
  const text = lineForPerson(name, line);
  if (text !== undefined) say(text);
}

function banner(env: Env, logDir: string): string {
  const base = `http://localhost:${given(env, 'FORWARDER_PORT') ?? '8000'}`;
  return `
  shopee-webhook runs.

    Dashboard   ${base}/dashboard
    Webhook     ${given(env, 'WEBHOOK_URL') ?? `${base}/webhook/shopee`}
    Health      ${base}/health
    API docs    ${base}/docs
    Logs        ${logDir}/

  Ctrl-C stops everything.
`;
}
