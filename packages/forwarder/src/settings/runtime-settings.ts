import { setLogLevel, type Logger } from '@shopee-webhook/runtime';
import { SettingsStore, type RuntimeSettings as Changed } from '@shopee-webhook/store';
import type { ForwarderConfig } from '../config.ts';
import type { RedisDeps } from '../redis/create-redis.ts';
import type { TelegramConfig } from '@shopee-webhook/notifier';
import { parseDigest, parseQuietHours } from '@shopee-webhook/runtime';

/** The settings that are changed on the dashboard at runtime. */
export class RuntimeSettings {
  /** Undefined without Redis: then nothing can be changed. */
  readonly settings: SettingsStore | undefined;
  readonly #redis: RedisDeps | undefined;
  readonly #config: ForwarderConfig;
  readonly #logger: Logger;
  /** The Telegram settings; each is read at every use. */
  readonly telegram: TelegramConfig | undefined;
  #overrides: Changed = {};
  #muted: ReadonlySet<number> | undefined;

  constructor(deps: { redis: RedisDeps | undefined; config: ForwarderConfig; logger: Logger }) {
    const { redis, config, logger } = deps;
    this.settings = redis && new SettingsStore({ redis: redis.redis, keys: redis.keys });
    this.#redis = redis;
    this.#config = config;
    this.#logger = logger;
    this.telegram = config.telegram && this.#withOverrides(config.telegram);
  }

  /** The overrides as of the last refresh. */
  get overrides(): Readonly<Changed> {
    return this.#overrides;
  }

  get pausedSince(): number | undefined {
    return this.#overrides.CONSUMERS_PAUSED;
  }

  get orderEventCodes(): readonly number[] {
    return this.#overrides.ORDER_EVENT_CODES ?? this.#config.shopee.orderEventCodes;
  }

  /** Reads the overrides. While Redis is unavailable the known ones stay in effect. */
  async refresh(): Promise<void> {
    if (this.settings === undefined || this.#redis?.monitor.isAvailable !== true) return;
    this.#overrides = await this.settings.getRuntimeSettings();
    setLogLevel(this.#logger, this.#overrides.LOG_LEVEL ?? this.#config.log.level);
    this.#muted = this.#overrides.TELEGRAM_MUTE && new Set(this.#overrides.TELEGRAM_MUTE);
  }

  #withOverrides(configured: TelegramConfig): TelegramConfig {
    const overrides = () => this.#overrides;
    const muted = () => this.#muted;
    return {
      ...configured,
      get mute() {
        return muted() ?? configured.mute;
      },
      get digest() {
        const { TELEGRAM_DIGEST: text } = overrides();
        return parseOrDefault(() => text && parseDigest(text), configured.digest);
      },
      get quiet() {
        const { TELEGRAM_QUIET: text } = overrides();
        return text === '' ? undefined : parseOrDefault(() => text && parseQuietHours(text), configured.quiet);
      },
    };
  }
}

/** Validated when it was set, but possibly by another version. */
function parseOrDefault<T, U>(read: () => T | undefined | '', defaultValue: U): T | U {
  try {
    return read() || defaultValue;
  } catch {
    // Then the environment's value applies.
    return defaultValue;
  }
}
