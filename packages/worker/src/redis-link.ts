import type { Logger } from '@shopee-webhook/runtime';
import {
  checkDurability,
  connectRedis,
  generation,
  keysOf,
  type Keys,
  type RedisConnection,
} from '@shopee-webhook/store';
import type { Alarms } from './alarms.ts';
import type { WorkerConfig } from './config.ts';

export interface RedisLinkOptions {
  config: NonNullable<WorkerConfig['redis']>;
  name: string;
  dataDir: string;
  logger: Logger;
}

/** The connection to Redis, and what is known of its state: one look every few seconds, answered from memory. */
export class RedisLink {
  readonly redis: RedisConnection;
  readonly keys: Keys;
  /** Called when Redis turns out to have come back without its data; again at the next look when it fails. */
  onLost: () => Promise<void> = () => Promise.resolve();
  readonly #options: RedisLinkOptions;
  #awaySince: number | undefined = Date.now();
  #examined = false;
  #unsafe: string[] = [];

  constructor(options: RedisLinkOptions) {
    this.#options = options;
    this.keys = keysOf(options.config.keyPrefix);
    this.redis = connectRedis(options.config.address, { name: options.name });
    // Between two looks it may have been replaced by another.
    this.redis.on('close', () => (this.#examined = false));
  }

  /** For how long Redis has not answered, ms; 0 while it does. */
  awayMs(): number {
    return this.#awaySince === undefined ? 0 : Date.now() - this.#awaySince;
  }

  /** What makes this Redis lose data, if the operator allowed it. */
  get unsafe(): readonly string[] {
    return this.#unsafe;
  }

  /**
   * One look. After each time away it asks again how durable Redis is, and whether it is still the same. At the start
   * (`strict`) it throws UnsafeRedisError for a Redis that may lose what it confirmed; later that is an alarm.
   */
  async look(alarms: Alarms, { strict = false }: { strict?: boolean } = {}): Promise<void> {
    const { logger } = this.#options;
    try {
      await this.redis.ping();
    } catch (err) {
      if (this.#awaySince === undefined) logger.error({ err }, 'redis is away');
      this.#awaySince ??= Date.now();
      this.#examined = false;
      return;
    }
    if (this.#awaySince !== undefined) logger.info({ ms: this.awayMs() }, 'redis is there');
    this.#awaySince = undefined;
    if (!this.#examined) await this.#examine(alarms, strict);
  }

  async #examine(alarms: Alarms, strict: boolean): Promise<void> {
    const { config, dataDir } = this.#options;
    const { unsafe } = await checkDurability(this.redis, { allowUnsafe: config.allowUnsafe || !strict });
    this.#unsafe = unsafe;
    if (unsafe.length === 0) await alarms.end('redis-unsafe');
    else {
      const text = unsafe.join('; ');
      await alarms.begin('redis-unsafe', { severity: 'critical', title: 'Redis may lose accepted events', text });
    }
    const onLost = async () => {
      await alarms.once('redis-lost', {
        severity: 'critical',
        title: 'Redis came back empty',
        text: 'The events that waited in it are gone. Orders are fetched again from Shopee, and lost pushes asked for.',
      });
      await this.onLost();
    };
    await generation(this.redis, { keys: this.keys, dataDir, service: 'worker', onLost });
    this.#examined = true;
  }
}
