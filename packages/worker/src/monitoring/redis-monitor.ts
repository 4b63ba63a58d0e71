import type { Logger } from '@shopee-webhook/runtime';
import {
  checkDurability,
  connectRedis,
  checkInstanceId,
  buildKeys,
  type Keys,
  type RedisConnection,
} from '@shopee-webhook/store';
import type { Alerts } from './alerts.ts';
import type { WorkerConfig } from '../config.ts';

export interface RedisMonitorOptions {
  config: NonNullable<WorkerConfig['redis']>;
  name: string;
  dataDir: string;
  logger: Logger;
}

/** The connection to Redis, and what is known of its state: one look every few seconds, answered from memory. */
export class RedisMonitor {
  readonly redis: RedisConnection;
  readonly keys: Keys;
  /** Called when Redis turns out to have come back without its data; again at the next look when it fails. */
  onDataLoss: () => Promise<void> = () => Promise.resolve();
  readonly #options: RedisMonitorOptions;
  #unavailableSince: number | undefined = Date.now();
  #isVerified = false;
  #durabilityProblems: string[] = [];

  constructor(options: RedisMonitorOptions) {
    this.#options = options;
    this.keys = buildKeys(options.config.keyPrefix);
    this.redis = connectRedis(options.config.address, { name: options.name });
    // Between two looks it may have been replaced by another.
    this.redis.on('close', () => (this.#isVerified = false));
  }

  /** For how long Redis has not answered, ms; 0 while it does. */
  unavailableMs(): number {
    return this.#unavailableSince === undefined ? 0 : Date.now() - this.#unavailableSince;
  }

  /** What makes this Redis lose data, if the operator allowed it. */
  get durabilityProblems(): readonly string[] {
    return this.#durabilityProblems;
  }

  /**
   * One look. After each time away it asks again how durable Redis is, and whether it is still the same. At the start
   * (`strict`) it throws UnsafeRedisError for a Redis that may lose what it confirmed; later that is an alarm.
   */
  async check(alerts: Alerts, { strict = false }: { strict?: boolean } = {}): Promise<void> {
    const { logger } = this.#options;
    try {
      await this.redis.ping();
    } catch (err) {
      if (this.#unavailableSince === undefined) logger.error({ err }, 'redis is away');
      this.#unavailableSince ??= Date.now();
      this.#isVerified = false;
      return;
    }
    if (this.#unavailableSince !== undefined) logger.info({ ms: this.unavailableMs() }, 'redis is there');
    this.#unavailableSince = undefined;
    if (!this.#isVerified) await this.#verifyDurability(alerts, strict);
  }

  async #verifyDurability(alerts: Alerts, strict: boolean): Promise<void> {
    const { config, dataDir } = this.#options;
    const { problems } = await checkDurability(this.redis, { allowUnsafe: config.allowUnsafe || !strict });
    this.#durabilityProblems = problems;
    if (problems.length === 0) await alerts.resolve('redis-unsafe');
    else {
      const text = problems.join('; ');
      await alerts.raise('redis-unsafe', { severity: 'critical', title: 'Redis may lose accepted events', text });
    }
    const onDataLoss = async () => {
      await alerts.notify('redis-lost', {
        severity: 'critical',
        title: 'Redis came back empty',
        text: 'The events that waited in it are gone. Orders are fetched again from Shopee, and lost pushes asked for.',
      });
      await this.onDataLoss();
    };
    await checkInstanceId(this.redis, { keys: this.keys, dataDir, service: 'worker', onDataLoss });
    this.#isVerified = true;
  }
}
