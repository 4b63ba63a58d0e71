import { setLogLevel, type Logger } from '@shopee-webhook/runtime';
import { Settings, type LiveSettings as Changed } from '@shopee-webhook/store';
import type { ForwarderConfig } from './config.ts';
import type { StoreParts } from './redis-parts.ts';
import type { TelegramConfig } from './telegram/config.ts';
import { parseDigest } from './telegram/digest-plan.ts';
import { parseQuietHours } from './telegram/quiet-hours.ts';

/** Follows what people change on the dashboard while the forwarder runs. */
export class LiveSettings {
  /** Undefined without Redis: then nothing can be changed. */
  readonly settings: Settings | undefined;
  readonly #store: StoreParts | undefined;
  readonly #config: ForwarderConfig;
  readonly #logger: Logger;
  /** The very object that the notifier looks at: changed in place. */
  readonly telegram: TelegramConfig | undefined;
  readonly #muted: Set<number>;
  #changed: Changed = {};

  constructor(parts: { store: StoreParts | undefined; config: ForwarderConfig; logger: Logger }) {
    const { store, config, logger } = parts;
    this.settings = store && new Settings({ redis: store.redis, keys: store.keys });
    this.#store = store;
    this.#config = config;
    this.#logger = logger;
    this.#muted = new Set(config.telegram?.mute);
    this.telegram = config.telegram && { ...config.telegram, mute: this.#muted };
  }

  /** What is changed now, as far as it is known. */
  get changed(): Readonly<Changed> {
    return this.#changed;
  }

  get pausedSince(): number | undefined {
    return this.#changed.CONSUMERS_PAUSED;
  }

  get orderEventCodes(): readonly number[] {
    return this.#changed.ORDER_EVENT_CODES ?? this.#config.shopee.orderEventCodes;
  }

  /** One look. While Redis is away what was known goes on. */
  async look(): Promise<void> {
    if (this.settings === undefined || this.#store?.gate.usable !== true) return;
    this.#changed = await this.settings.live();
    setLogLevel(this.#logger, this.#changed.LOG_LEVEL ?? this.#config.log.level);
    this.#followTelegram(this.#changed);
  }

  #followTelegram({ TELEGRAM_MUTE, TELEGRAM_DIGEST, TELEGRAM_QUIET }: Changed): void {
    const given = this.#config.telegram;
    if (this.telegram === undefined || given === undefined) return;
    this.#muted.clear();
    for (const code of TELEGRAM_MUTE ?? given.mute) this.#muted.add(code);
    this.telegram.digest = orElse(() => TELEGRAM_DIGEST && parseDigest(TELEGRAM_DIGEST), given.digest);
    this.telegram.quiet =
      TELEGRAM_QUIET === '' ? undefined : orElse(() => TELEGRAM_QUIET && parseQuietHours(TELEGRAM_QUIET), given.quiet);
  }
}

/** Checked when it was set; but another version may have set it. */
function orElse<T, U>(read: () => T | undefined | '', otherwise: U): T | U {
  try {
    return read() || otherwise;
  } catch {
    // The environment's value is in force then.
    return otherwise;
  }
}
