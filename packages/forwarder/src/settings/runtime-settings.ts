import { setLogLevel, type Logger } from '@shopee-webhook/runtime';
import { SettingsStore, type RuntimeSettings as Changed } from '@shopee-webhook/store';
import type { ForwarderConfig } from '../config.ts';
import type { RedisDeps } from '../redis/create-redis.ts';
import { parseDigest, parseQuietHours, type TelegramConfig } from '@shopee-webhook/notifier';

/** Follows what people change on the dashboard while the forwarder runs. */
export class RuntimeSettings {
  /** Undefined without Redis: then nothing can be changed. */
  readonly settings: SettingsStore | undefined;
  readonly #redis: RedisDeps | undefined;
  readonly #config: ForwarderConfig;
  readonly #logger: Logger;
  /** The very object that the notifier looks at: changed in place. */
  readonly telegram: TelegramConfig | undefined;
  readonly #muted: Set<number>;
  #overrides: Changed = {};

  constructor(deps: { redis: RedisDeps | undefined; config: ForwarderConfig; logger: Logger }) {
    const { redis, config, logger } = deps;
    this.settings = redis && new SettingsStore({ redis: redis.redis, keys: redis.keys });
    this.#redis = redis;
    this.#config = config;
    this.#logger = logger;
    this.#muted = new Set(config.telegram?.mute);
    this.telegram = config.telegram && { ...config.telegram, mute: this.#muted };
  }

  /** What is changed now, as far as it is known. */
  get overrides(): Readonly<Changed> {
    return this.#overrides;
  }

  get pausedSince(): number | undefined {
    return this.#overrides.CONSUMERS_PAUSED;
  }

  get orderEventCodes(): readonly number[] {
    return this.#overrides.ORDER_EVENT_CODES ?? this.#config.shopee.orderEventCodes;
  }

  /** One look. While Redis is away what was known goes on. */
  async refresh(): Promise<void> {
    if (this.settings === undefined || this.#redis?.monitor.isAvailable !== true) return;
    this.#overrides = await this.settings.getRuntimeSettings();
    setLogLevel(this.#logger, this.#overrides.LOG_LEVEL ?? this.#config.log.level);
    this.#applyTelegram(this.#overrides);
  }

  #applyTelegram({ TELEGRAM_MUTE, TELEGRAM_DIGEST, TELEGRAM_QUIET }: Changed): void {
    const configured = this.#config.telegram;
    if (this.telegram === undefined || configured === undefined) return;
    this.#muted.clear();
    for (const code of TELEGRAM_MUTE ?? configured.mute) this.#muted.add(code);
    this.telegram.digest = parseOrDefault(() => TELEGRAM_DIGEST && parseDigest(TELEGRAM_DIGEST), configured.digest);
    this.telegram.quiet =
      TELEGRAM_QUIET === ''
        ? undefined
        : parseOrDefault(() => TELEGRAM_QUIET && parseQuietHours(TELEGRAM_QUIET), configured.quiet);
  }
}

/** Checked when it was set; but another version may have set it. */
function parseOrDefault<T, U>(read: () => T | undefined | '', defaultValue: U): T | U {
  try {
    return read() || defaultValue;
  } catch {
    // The environment's value is in force then.
    return defaultValue;
  }
}
