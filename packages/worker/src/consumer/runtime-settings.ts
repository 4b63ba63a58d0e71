import { setLogLevel, type Logger } from '@shopee-webhook/runtime';
import { SettingsStore } from '@shopee-webhook/store';
import type { WorkerConfig } from '../config.ts';
import type { RedisDeps } from '../create-redis.ts';

/** Settings that operators change on the dashboard while the worker runs. */
export class RuntimeSettings {
  readonly #settings: SettingsStore;
  readonly #configured: { logLevel: WorkerConfig['logLevel']; orderEventCodes: readonly number[] };
  readonly #logger: Logger;
  /** The array that the pipeline looks at: changed in place. */
  readonly orderEventCodes: number[];
  #pausedSince: number | undefined;

  constructor({ redis, config, logger }: { redis: RedisDeps; config: WorkerConfig; logger: Logger }) {
    this.#settings = new SettingsStore({ redis: redis.monitor.redis, keys: redis.monitor.keys });
    this.#configured = { logLevel: config.logLevel, orderEventCodes: [...config.orderEventCodes] };
    this.orderEventCodes = config.orderEventCodes;
    this.#logger = logger;
  }

  get isPaused(): boolean {
    return this.#pausedSince !== undefined;
  }

  /** One look; throws while Redis is away, and then what was known goes on. */
  async refresh(): Promise<void> {
    const live = await this.#settings.getRuntimeSettings();
    setLogLevel(this.#logger, live.LOG_LEVEL ?? this.#configured.logLevel);
    this.orderEventCodes.splice(0, Infinity, ...(live.ORDER_EVENT_CODES ?? this.#configured.orderEventCodes));
    const wasPaused = this.isPaused;
    this.#pausedSince = live.CONSUMERS_PAUSED;
    if (this.isPaused !== wasPaused) this.#logger.info({ paused: this.isPaused }, 'consumers paused/resumed');
  }
}
