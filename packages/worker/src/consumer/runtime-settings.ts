import { setLogLevel, type Logger } from '@shopee-webhook/runtime';
import type { SettingsStore } from '@shopee-webhook/store';
import type { WorkerConfig } from '../config.ts';

export interface RuntimeSettingsDeps {
  /** Absent without Redis: the configuration then stays as it is. */
  store: Pick<SettingsStore, 'getRuntimeSettings'> | undefined;
  config: Pick<WorkerConfig, 'logLevel' | 'orderEventCodes'>;
  logger: Logger;
}

/** Settings that operators change on the dashboard while the worker runs. */
export class RuntimeSettings {
  readonly #deps: RuntimeSettingsDeps;
  #orderEventCodes: readonly number[];
  #pausedSince: number | undefined;

  constructor(deps: RuntimeSettingsDeps) {
    this.#deps = deps;
    this.#orderEventCodes = deps.config.orderEventCodes;
  }

  /** Codes of the events that write their order. */
  get orderEventCodes(): readonly number[] {
    return this.#orderEventCodes;
  }

  /** Whether an operator paused the consumers. */
  get isPaused(): boolean {
    return this.#pausedSince !== undefined;
  }

  /** Reads the settings; throws while Redis is unavailable, and the last known ones stay in effect. */
  async refresh(): Promise<void> {
    const { store, config, logger } = this.#deps;
    if (store === undefined) return;
    const settings = await store.getRuntimeSettings();
    setLogLevel(logger, settings.LOG_LEVEL ?? config.logLevel);
    this.#orderEventCodes = settings.ORDER_EVENT_CODES ?? config.orderEventCodes;
    const wasPaused = this.isPaused;
    this.#pausedSince = settings.CONSUMERS_PAUSED;
    if (this.isPaused !== wasPaused) logger.info({ paused: this.isPaused }, 'consumers paused/resumed');
  }
}
