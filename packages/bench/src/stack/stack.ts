import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import {
  createGoogle,
  createShopee,
  createTelegram,
  freePort,
  sandboxChatId,
  startRedis,
  type Google,
  type GoogleOptions,
  type RedisServer,
  type Shopee,
  type ShopeeOptions,
  type Telegram,
} from '@shopee-webhook/sandbox';
import { Service } from './service.ts';

export interface StackOptions {
  /** Data, logs and Redis' files go here. */
  dir: string;
  /** The forwarder's DATA_DIR, when not below `dir`. */
  forwarderData?: string;
  workers?: number;
  /** Each with data of its own; pushes go to them in turn. */
  forwarders?: number;
  shopee?: ShopeeOptions;
  google?: GoogleOptions;
  telegram?: boolean;
  redisArgs?: string[];
  /** Settings for another Redis; then none is started here. */
  redisEnv?: Record<string, string>;
  env?: Record<string, string>;
  /** Given to node before each service's main.ts. */
  nodeArgs?: string[];
  telegramLimits?: NonNullable<Parameters<typeof createTelegram>[0]>['limits'];
}

/**
 * The whole product as real processes, on a real Redis with the project's redis.conf, between fakes in this
 * process, so that a run can inspect them and make them fail.
 */
export class Stack {
  readonly options: StackOptions;
  readonly shopee: Shopee;
  readonly google: Google;
  readonly telegram: Telegram;
  readonly forwarders: Service[];
  readonly workers: Service[];
  readonly redisPort: number;
  #redis: RedisServer | undefined;
  #pushed = 0;

  private constructor(
    options: StackOptions,
    deps: { shopee: Shopee; google: Google; telegram: Telegram; ports: number[]; redisPort: number },
  ) {
    const { dir, forwarders = 1, env = {}, nodeArgs = [] } = options;
    const forwarderPorts = deps.ports.slice(0, forwarders);
    const workerPorts = deps.ports.slice(forwarders);
    this.options = options;
    this.shopee = deps.shopee;
    this.google = deps.google;
    this.telegram = deps.telegram;
    this.redisPort = deps.redisPort;
    const common = { ...this.#env(forwarderPorts[0] ?? 0, workerPorts), ...options.redisEnv, ...env };
    this.forwarders = forwarderPorts.map((port, index) => {
      const name = index === 0 ? '' : String(index + 1);
      const data = index === 0 ? options.forwarderData : undefined;
      return new Service({
        kind: 'forwarder',
        port,
        logFile: join(dir, `forwarder${name}.log`),
        env: { ...common, FORWARDER_PORT: String(port), DATA_DIR: data ?? join(dir, `data${name}`) },
        nodeArgs,
      });
    });
    this.workers = workerPorts.map((port, index) => {
      return new Service({
        kind: 'worker',
        port,
        logFile: join(dir, `worker${index + 1}.log`),
        env: { ...common, WORKER_PORT: String(port) },
        nodeArgs,
      });
    });
  }

  /** Starts the fakes and finds ports; the processes start with `start`. */
  static async create(options: StackOptions): Promise<Stack> {
    mkdirSync(options.dir, { recursive: true });
    const count = (options.forwarders ?? 1) + (options.workers ?? 1);
    const ports = await Promise.all(Array.from({ length: count }, () => freePort()));
    const shopee = await createShopee({
      callbackUrl: `http://127.0.0.1:${ports[0]}/webhook/shopee`,
      ...options.shopee,
    });
    const google = await createGoogle(options.google);
    const telegram = await createTelegram(
      options.telegramLimits === undefined ? {} : { limits: options.telegramLimits },
    );
    return new Stack(options, { shopee, google, telegram, ports, redisPort: await freePort() });
  }

  /** The first, and mostly the only one. */
  get forwarder(): Service {
    const [first] = this.forwarders;
    if (first === undefined) throw new Error('a stack has a forwarder');
    return first;
  }

  /** The address that is signed, and that pushes go to. */
  get callbackUrl(): string {
    return `${this.forwarder.url}/webhook/shopee`;
  }

  /** Where the next push goes, as a load balancer would choose. */
  nextTarget(): string {
    this.#pushed += 1;
    const chosen = this.forwarders[this.#pushed % this.forwarders.length] ?? this.forwarder;
    return `${chosen.url}/webhook/shopee`;
  }

  get redis(): RedisServer | undefined {
    return this.#redis;
  }

  /** Starts Redis (on the same port and files each time). */
  async startRedis(): Promise<void> {
    const { dir, redisArgs = [], redisEnv } = this.options;
    if (this.#redis !== undefined || redisEnv !== undefined) return;
    this.#redis = await startRedis({ dir: join(dir, 'redis'), port: this.redisPort, args: redisArgs });
  }

  /** kill −9 for Redis. */
  async killRedis(): Promise<void> {
    const redis = this.#redis;
    this.#redis = undefined;
    await redis?.kill();
  }

  async start(): Promise<void> {
    await this.startRedis();
    await Promise.all([...this.forwarders, ...this.workers].map((service) => service.start()));
  }

  async stop(): Promise<void> {
    await Promise.all([...this.forwarders, ...this.workers].map((service) => service.stop()));
    await this.#redis?.close();
    this.#redis = undefined;
    await Promise.all([this.shopee.close(), this.google.close(), this.telegram.close()]);
  }

  #env(forwarderPort: number, workerPorts: number[]): Record<string, string> {
    const { shopee, google, telegram, options } = this;
    const [shop] = shopee.orders.shops.keys();
    const pair = shopee.issueTokens(shop ?? 0);
    return {
      PATH: process.env['PATH'] ?? '',
      HOST: '127.0.0.1',
      FORWARDER_PORT: String(forwarderPort),
      PARTNER_ID: String(shopee.app.partnerId),
      PARTNER_KEY: shopee.app.partnerKey,
      WEBHOOK_PARTNER_KEY: shopee.app.pushKey,
      WEBHOOK_URL: `http://127.0.0.1:${forwarderPort}/webhook/shopee`,
      SHOP_ID: String(shop),
      ACCESS_TOKEN: pair.accessToken,
      REFRESH_TOKEN: pair.refreshToken,
      FORWARD_WEBHOOK_URL: `http://127.0.0.1:${workerPorts[0]}/webhook/process`,
      REDIS_HOST: '127.0.0.1',
      REDIS_PORT: String(this.redisPort),
      GOOGLE_CREDENTIALS_JSON: JSON.stringify(google.credentials),
      SPREADSHEET_ID: google.spreadsheetId,
      GOOGLE_SHEETS_API_URL: google.url,
      GOOGLE_TOKEN_URL: google.tokenUrl,
      SHOPEE_API_URL: shopee.url,
      DASHBOARD_PASSWORD: 'a-dashboard-password-for-runs',
      DATA_DIR: join(options.dir, 'data'),
      LOG_DIR: join(options.dir, 'logs'),
      ...(options.telegram === false
        ? {}
        : {
            TELEGRAM_API_URL: telegram.url,
            TELEGRAM_BOT_TOKEN: telegram.token,
            TELEGRAM_CHAT_ID: String(sandboxChatId),
          }),
    };
  }
}
