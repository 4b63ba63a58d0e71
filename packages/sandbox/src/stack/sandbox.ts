import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectRedis, buildKeys, TokenStore } from '@shopee-webhook/store';
import { ChildReaper } from '../processes/child-reaper.ts';
import { freePort, startRedis, type RedisServer } from '../processes/redis-server.ts';
import { serviceEnv } from './service-env.ts';
import { createService, type Service } from '../processes/services.ts';
import type { ServiceProcessOptions } from '../processes/service-process.ts';
import { startFakes, type Fakes, type FakesOptions } from './fakes.ts';

export interface SandboxOptions extends FakesOptions {
  /** Everything is stored below this folder; a temporary one when left out, which `stop` removes. */
  dir?: string;
  logDir?: string;
  /** `processes`: the real main.ts of each; `in-process`: in this process, for tests that look inside. */
  services?: 'processes' | 'in-process' | 'none';
  /** False: REDIS_ENABLED=false. */
  redis?: boolean;
  /** Options that win over redis.conf. */
  redisArgs?: string[];
  /** Free ones where left out. */
  ports?: { forwarder?: number; worker?: number; redis?: number };
  /** Shops whose tokens the services know from the start; all that have authorized the app when left out. */
  connectedShops?: readonly number[];
  /** For both services; wins over everything. */
  env?: Readonly<Record<string, string>>;
  /** Each line that a service prints, and how one ended that nobody asked to. */
  onLine?: (name: Service['name'], line: string) => void;
  onCrash?: (name: Service['name'], how: Parameters<NonNullable<ServiceProcessOptions['onCrash']>>[0]) => void;
}

/** The whole product against fakes. */
export interface Sandbox extends Fakes {
  redis: RedisServer | undefined;
  forwarder: Service | undefined;
  worker: Service | undefined;
  /** What the services were started with. */
  env: Readonly<Record<string, string>>;
  dir: string;
  /** Starts Redis again in its folder and on its port, after `redis.kill()`. */
  restartRedis(): Promise<void>;
  /** Stops everything in order: traffic, forwarder, worker, fakes, Redis. */
  stop(): Promise<void>;
}

/** Starts everything and resolves when both services answer. Whatever was opened is closed again if a part does not start. */
export async function createSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  await using opened = new AsyncDisposableStack();
  const dir = options.dir ?? mkdtempSync(join(tmpdir(), 'shopee-webhook-'));
  if (options.dir === undefined) opened.defer(() => rmSync(dir, { recursive: true, force: true }));
  const ports = {
    forwarder: options.ports?.forwarder ?? (await freePort()),
    worker: options.ports?.worker ?? (await freePort()),
    redis: options.ports?.redis ?? (await freePort()),
  };
  const reaper = new ChildReaper();
  opened.defer(() => reaper.close());
  const redisOptions = { dir: join(dir, 'redis'), port: ports.redis, args: options.redisArgs ?? [], reaper };
  const parts: { redis: RedisServer | undefined } = { redis: undefined };
  if (options.redis !== false) parts.redis = await startRedis(redisOptions);
  opened.defer(() => parts.redis?.close());

  const callbackUrl = `http://127.0.0.1:${ports.forwarder}/webhook/shopee`;
  const fakes = await startFakes({ ...options, shopee: { callbackUrl, ...options.shopee } });
  opened.defer(() => fakes.close());
  const env = { ...(await environment(fakes, { ...options, dir, ports })), ...options.env };
  const [worker, forwarder] = await startServices(opened, { env, reaper }, options);
  opened.defer(() => fakes.shopee.traffic.stop());

  const all = opened.move();
  return {
    ...fakes,
    forwarder,
    worker,
    env,
    dir,
    get redis() {
      return parts.redis;
    },
    restartRedis: async () => {
      parts.redis = await startRedis(redisOptions);
    },
    stop: () => all.disposeAsync(),
  };
}

type ResolvedOptions = SandboxOptions & { dir: string; ports: { forwarder: number; worker: number; redis: number } };

async function environment(fakes: Fakes, resolved: ResolvedOptions): Promise<Record<string, string>> {
  const { shopee } = fakes;
  const redisPort = resolved.redis === false ? undefined : resolved.ports.redis;
  const dataDir = join(resolved.dir, 'data');
  mkdirSync(dataDir, { recursive: true });
  const [first, ...others] = resolved.connectedShops ?? shopee.tokens.authorizations.keys();
  await connect(shopee, others, { dataDir, redisPort });
  return serviceEnv(fakes, {
    forwarderPort: resolved.ports.forwarder,
    workerPort: resolved.ports.worker,
    redisPort,
    dataDir,
    logDir: resolved.logDir ?? join(resolved.dir, 'logs'),
    shop: first === undefined ? undefined : { shopId: first, ...shopee.issueTokens(first) },
  });
}

/** Stores fresh tokens for the shops that the environment cannot name, as if they had been connected in the browser. */
async function connect(
  shopee: Fakes['shopee'],
  shopIds: readonly number[],
  { dataDir, redisPort }: { dataDir: string; redisPort: number | undefined },
): Promise<void> {
  const redis = redisPort === undefined ? undefined : connectRedis({ host: '127.0.0.1', port: redisPort });
  const store = new TokenStore({ redis, keys: buildKeys('shopee'), dataDir });
  for (const shopId of shopIds) {
    const pair = shopee.issueTokens(shopId);
    const shop = shopee.orders.shopOf({ shopId });
    const authorizationExpiresAt = (shopee.tokens.authorizations.get(shopId)?.expireTime ?? 0) * 1000;
    await store.save({
      shopId: String(shopId),
      accessToken: pair.accessToken,
      refreshToken: pair.refreshToken,
      accessExpiresAt: pair.accessExpires,
      refreshExpiresAt: pair.refreshExpires,
      authorizationExpiresAt,
      shopName: shop.name,
      region: shop.region,
      state: 'active',
    });
  }
  await redis?.quit();
}

/** Both at once; when they are stopped the forwarder goes first, for nothing may come in that the worker cannot finish. */
async function startServices(
  opened: AsyncDisposableStack,
  resolved: { env: Record<string, string>; reaper: ChildReaper },
  options: SandboxOptions,
): Promise<[Service | undefined, Service | undefined]> {
  const { services = 'in-process', onLine, onCrash } = options;
  if (services === 'none') return [undefined, undefined];
  const create = (name: Service['name']): Service => {
    const service = createService(services, {
      name,
      ...resolved,
      ...(onLine === undefined ? {} : { onLine: (line: string) => onLine(name, line) }),
      ...(onCrash === undefined ? {} : { onCrash: (how) => onCrash(name, how) }),
    });
    opened.defer(() => service.stop());
    return service;
  };
  const both: [Service, Service] = [create('worker'), create('forwarder')];
  await Promise.all(both.map((service) => service.start()));
  return both;
}
