import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLogger } from '@shopee-webhook/runtime';
import {
  connectRedis,
  QueueInspector,
  buildKeys,
  Notification,
  parseMessage,
  Queue,
  TokenStore,
  type RedisConnection,
} from '@shopee-webhook/store';
import { inject, onTestFinished, vi } from 'vitest';
import {
  createGoogle,
  createShopee,
  sandboxApp,
  type Google,
  type GoogleOptions,
  type PushBody,
  type Shopee,
  type ShopeeOptions,
} from '../../sandbox/src/index.ts';
import { createWorker, type Worker, type WorkerConfig } from '../src/index.ts';

export const shopId = 700_000_001;

// These tests start servers and wait for a sheet's flush: on a busy machine that takes its time.
vi.setConfig({ testTimeout: 90_000 });
export const soon = { timeout: 60_000, interval: 50 };

/** Overrides for one test. */
export interface WorldOptions {
  shopee?: ShopeeOptions;
  google?: GoogleOptions;
  /** Of the Redis that this test owns; the shared one when left out. */
  redisPort?: number;
  config?: (config: WorkerConfig) => WorkerConfig;
  /** Shops whose tokens the store knows; the first one when left out. */
  connected?: readonly number[];
}

/** The outside world of a worker: fakes of Shopee and Google, a key prefix of its own, and a way to put pushes into the queue. */
export class World {
  readonly shopee: Shopee;
  readonly google: Google;
  readonly redis: RedisConnection;
  readonly config: WorkerConfig;
  readonly queue: Queue;
  readonly inspector: QueueInspector;
  readonly tokens: TokenStore;
  readonly keys: ReturnType<typeof buildKeys>;

  constructor(parts: { shopee: Shopee; google: Google; redis: RedisConnection; config: WorkerConfig }) {
    this.shopee = parts.shopee;
    this.google = parts.google;
    this.redis = parts.redis;
    this.config = parts.config;
    this.keys = buildKeys(parts.config.redis?.keyPrefix ?? 'none');
    const base = { redis: this.redis, activityKey: this.keys.activity };
    this.queue = new Queue({ ...base, keys: this.keys.webhooks });
    this.inspector = new QueueInspector({ ...base, keys: this.keys.webhooks });
    this.tokens = new TokenStore({ redis: this.redis, keys: this.keys, dataDir: parts.config.dataDir });
  }

  /** Puts pushes into the queue as the forwarder does. */
  async enqueue(pushes: readonly (PushBody | string)[], source?: string): Promise<string[]> {
    const ids: string[] = [];
    for (const push of pushes) {
      const text = typeof push === 'string' ? push : JSON.stringify(push);
      ids.push((await this.queue.enqueue(text, { source })).id);
    }
    return ids;
  }

  /** Places an order and takes its status push; the stock pushes are left out. */
  place(shop = shopId): PushBody {
    return statusPush(this.shopee.orders.place(shop).pushes);
  }

  /** The next step of an order's life, and its status push. */
  advance(sn: string): PushBody {
    return statusPush(this.shopee.orders.advance(sn).pushes);
  }

  async connect(shop: number): Promise<void> {
    const { accessToken, refreshToken, accessExpires, refreshExpires } = this.shopee.issueTokens(shop);
    await this.tokens.save({
      shopId: String(shop),
      accessToken,
      refreshToken,
      accessExpiresAt: accessExpires,
      refreshExpiresAt: refreshExpires,
      shopName: this.shopee.orders.shops.get(shop)?.name,
      state: 'active',
    });
  }

  /** The rows of a tab by their headers; none while the tab is not there. */
  rows(tab: string): Record<string, string | number | boolean>[] {
    return (
      this.google
        .sheets()
        .find(({ title }) => title === tab)
        ?.records() ?? []
    );
  }

  /** What waits in the Telegram outbox, oldest first. */
  async outbox(): Promise<Notification[]> {
    const texts = await this.redis.lrange(this.keys.notifications.main, 0, -1);
    return texts.toReversed().map((text) => Notification.parse(JSON.parse(parseMessage(text).payloadText)));
  }

  /** Messages queued, in flight, or waiting for a retry. */
  async left(): Promise<number> {
    const { queue } = await this.inspector.queueStats();
    return queue.depth + queue.processing + queue.retrying;
  }

  async startWorker(change: (config: WorkerConfig) => WorkerConfig = (config) => config): Promise<Worker> {
    const worker = await createWorker(change(this.config), {
      logger: createLogger({ name: 'worker', level: process.env['TEST_LOG'] === undefined ? 'silent' : 'debug' }),
    });
    onTestFinished(() => worker.stop());
    await worker.start();
    return worker;
  }
}

/** Starts the fakes; all of it ends with the test. */
export async function createWorld(options: WorldOptions = {}): Promise<World> {
  const dataDir = mkdtempSync(join(tmpdir(), 'shopee-webhook-worker-'));
  onTestFinished(() => rmSync(dataDir, { recursive: true }));
  const shopee = await createShopee(options.shopee);
  onTestFinished(() => shopee.close());
  const google = await createGoogle(options.google);
  onTestFinished(() => google.close());
  const port = options.redisPort ?? inject('redisPort');
  const redis = connectRedis({ host: '127.0.0.1', port });
  onTestFinished(() => redis.disconnect());
  const config = configOf({ shopee, google, dataDir, port });
  const world = new World({ shopee, google, redis, config: options.config?.(config) ?? config });
  for (const shop of options.connected ?? [shopId]) await world.connect(shop);
  return world;
}

function configOf(parts: { shopee: Shopee; google: Google; dataDir: string; port: number }): WorkerConfig {
  const { shopee, google, dataDir, port } = parts;
  const address = {
    host: '127.0.0.1',
    port,
    username: undefined,
    password: undefined,
    tls: false,
    sentinels: undefined,
    sentinelMaster: undefined,
    clusterNodes: undefined,
  };
  const { client_email: email, private_key: privateKey } = google.credentials;
  const { spreadsheetId } = google;
  return {
    workerId: `test-${randomUUID().slice(0, 8)}`,
    host: '127.0.0.1',
    port: 0,
    logLevel: 'silent',
    retentionDays: 90,
    dataDir,
    partner: { id: String(sandboxApp.partnerId), key: sandboxApp.partnerKey },
    shopeeUrl: shopee.url,
    redis: { address, keyPrefix: `t${randomUUID()}`, allowUnsafe: true },
    consumers: { count: 3, batchSize: 50, maxInFlight: 2000, maxRetries: 3 },
    orderEventCodes: [3, 4],
    scheduledJobs: false,
    sheets: {
      account: { email, privateKey },
      spreadsheets: { default: spreadsheetId, byShop: new Map(), all: [spreadsheetId] },
      rootUrl: google.url,
      tokenUrl: google.tokenUrl,
      rotation: 'never',
      summary: true,
    },
    overdueDays: { default: 7, byRegion: new Map() },
  };
}

function statusPush(pushes: readonly PushBody[]): PushBody {
  const push = pushes.find(({ code }) => code === 3);
  if (push === undefined) throw new Error('the order has come to its end');
  return push;
}

/** The order number of a status push. */
export function snOf(push: PushBody): string {
  return String(push.data['ordersn']);
}
