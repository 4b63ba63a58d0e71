import { type Logger, systemClock } from '@shopee-webhook/runtime';
import {
  type AlertEngine,
  buildKeys,
  checkDurability,
  checkInstanceId,
  connectRedis,
  type Keys,
  type RedisConnection,
} from '@shopee-webhook/store';
import type { WorkerConfig } from '../config.ts';

export interface RedisMonitorOptions {
  config: NonNullable<WorkerConfig['redis']>;
  name: string;
  dataDir: string;
  logger: Logger;
}

const instanceCheckMs = 60_000;

/** The connection to Redis and its state, checked every few seconds and read from memory. */
export class RedisMonitor {
  readonly redis: RedisConnection;
  readonly keys: Keys;
  /** Called when Redis lost its data; again at the next check if it rejects. */
  onDataLoss: () => Promise<void> = () => Promise.resolve();
  readonly #options: RedisMonitorOptions;
  #unavailableSince: number | undefined = systemClock.monotonicMs();
  #isVerified = false;
  #instanceCheckedAt = 0;
  #durabilityProblems: string[] = [];

  constructor(options: RedisMonitorOptions) {
    this.#options = options;
    this.keys = buildKeys(options.config.keyPrefix);
    this.redis = connectRedis(options.config.address, { name: options.name });
    // Between two checks it may have been replaced by another instance.
    this.redis.on('close', () => (this.#isVerified = false));
  }

  /** How long Redis has been unavailable, ms; 0 while it responds. */
  unavailableMs(): number {
    return this.#unavailableSince === undefined ? 0 : systemClock.monotonicMs() - this.#unavailableSince;
  }

  /** Why this Redis may lose data, if the operator allowed that. */
  get durabilityProblems(): readonly string[] {
    return this.#durabilityProblems;
  }

  /**
   * Checks the connection. After each outage it verifies again how durable Redis is and whether it is the same instance.
   * At the start (`strict`) it throws UnsafeRedisError for a Redis that may lose confirmed writes; later it raises an alert.
   */
  async check(alerts: AlertEngine, { strict = false }: { strict?: boolean } = {}): Promise<void> {
    const { logger } = this.#options;
    try {
      await this.redis.ping();
    } catch (err) {
      if (this.#unavailableSince === undefined) logger.error({ err }, 'redis unavailable');
      this.#unavailableSince ??= systemClock.monotonicMs();
      this.#isVerified = false;
      return;
    }
    if (this.#unavailableSince !== undefined) logger.info({ ms: Math.round(this.unavailableMs()) }, 'redis connected');
    this.#unavailableSince = undefined;
    if (!this.#isVerified) await this.#verifyDurability(alerts, strict);
    else if (systemClock.monotonicMs() - this.#instanceCheckedAt > instanceCheckMs) await this.#checkInstance(alerts);
  }

  async #verifyDurability(alerts: AlertEngine, strict: boolean): Promise<void> {
    const { config } = this.#options;
    const { problems } = await checkDurability(this.redis, { allowUnsafe: config.allowUnsafe || !strict });
    this.#durabilityProblems = problems;
    if (problems.length === 0) await alerts.resolve('redis-unsafe');
    else {
      const text = problems.join('; ');
      await alerts.raise('redis-unsafe', { severity: 'critical', title: 'Redis may lose accepted events', text });
    }
    await this.#checkInstance(alerts);
    this.#isVerified = true;
  }

  /** Compares Redis with what was noted of it, about every minute: a note that is older could miss a restored backup. */
  async #checkInstance(alerts: AlertEngine): Promise<void> {
    const { dataDir } = this.#options;
    const onDataLoss = async () => {
      await alerts.notify('redis-data-loss', {
        severity: 'critical',
        title: 'Redis lost its data',
        text: 'Queued events are gone. Orders are reconciled and lost pushes fetched from Shopee automatically.',
      });
      await this.onDataLoss();
    };
    await checkInstanceId(this.redis, { keys: this.keys, dataDir, service: 'worker', onDataLoss });
    this.#instanceCheckedAt = systemClock.monotonicMs();
  }
}
