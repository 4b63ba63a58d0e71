import { setLogLevel, type Logger } from '@shopee-webhook/runtime';
import { Settings } from '@shopee-webhook/store';
import type { WorkerConfig } from './config.ts';
import type { RedisParts } from './redis-parts.ts';

/** Follows what people change on the dashboard while the worker runs. */
export class LiveSettings {
  readonly #settings: Settings;
  readonly #given: { logLevel: WorkerConfig['logLevel']; orderEventCodes: readonly number[] };
  readonly #logger: Logger;
  /** The array that the pipeline looks at: changed in place. */
  readonly orderEventCodes: number[];
  #pausedSince: number | undefined;

  constructor({ redis, config, logger }: { redis: RedisParts; config: WorkerConfig; logger: Logger }) {
    this.#settings = new Settings({ redis: redis.link.redis, keys: redis.link.keys });
    this.#given = { logLevel: config.logLevel, orderEventCodes: [...config.orderEventCodes] };
    this.orderEventCodes = config.orderEventCodes;
    this.#logger = logger;
  }

  get isPaused(): boolean {
    return this.#pausedSince !== undefined;
  }

  /** One look; throws while Redis is away, and then what was known goes on. */
  async look(): Promise<void> {
    const live = await this.#settings.live();
    setLogLevel(this.#logger, live.LOG_LEVEL ?? this.#given.logLevel);
    this.orderEventCodes.splice(0, Infinity, ...(live.ORDER_EVENT_CODES ?? this.#given.orderEventCodes));
    const wasPaused = this.isPaused;
    this.#pausedSince = live.CONSUMERS_PAUSED;
    if (this.isPaused !== wasPaused) this.#logger.info({ paused: this.isPaused }, 'consumers paused or resumed');
  }
}
