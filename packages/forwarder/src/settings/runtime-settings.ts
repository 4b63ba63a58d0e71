import { setLogLevel, type Logger } from '@shopee-webhook/runtime';
import { SettingsStore, type RuntimeSettings as Changed } from '@shopee-webhook/store';
import type { ForwarderConfig } from '../config.ts';
import type { RedisDeps } from '../redis/create-redis.ts';
import { parseDigest, parseQuietHours, type TelegramConfig } from '@shopee-webhook/notifier';

/** The settings that are changed on the dashboard at runtime. */
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

/** Validated when it was set, but possibly by another version. */
function parseOrDefault<T, U>(read: () => T | undefined | '', defaultValue: U): T | U {
  try {
    return read() || defaultValue;
  } catch {
    // Then the environment's value applies.
    return defaultValue;
  }
}
