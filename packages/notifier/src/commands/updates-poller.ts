import { type Logger, systemClock } from '@shopee-webhook/runtime';
import type { Api } from 'grammy';
import type { Update } from 'grammy/types';
import { commandList } from './commands.ts';
import type { StateStore } from '../state/state-store.ts';
import { classifySendError } from '../chat/send-error.ts';

type PollSignal = NonNullable<Parameters<Api['getUpdates']>[1]>;

const pollSeconds = 25;
const errorPauseMs = 5_000;
/** Another program polls with the same token: an operator has to stop it. */
const conflictPauseMs = 60_000;

export interface UpdatesPollerDeps {
  /** Its timeout is above the poll's own. */
  api: Api;
  store: StateStore;
  handle: (update: Update) => Promise<void>;
  logger: Logger;
}

/** Receives commands and button presses by long polling; only the sender polls. */
export class UpdatesPoller {
  readonly #deps: UpdatesPollerDeps;
  #isInitialized = false;
  #hasError = false;

  constructor(deps: UpdatesPollerDeps) {
    this.#deps = deps;
  }

  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        await this.#initialize();
        await this.poll(pollSeconds, signal);
        this.#hasError = false;
      } catch (error) {
        if (!signal.aborted) await this.#pause(error, signal);
      }
    }
  }

  /** Receives updates, handles each and saves the offset: a crash in between handles one again. */
  async poll(timeout: number, signal: AbortSignal): Promise<void> {
    const { api, store } = this.#deps;
    const offset = Number((await store.get('updates', 'offset')) ?? 0);
    const abort = new AbortController();
    const stop = () => abort.abort();
    signal.addEventListener('abort', stop, { once: true });
    try {
      const updates = await api.getUpdates(
        { offset, timeout, allowed_updates: ['message', 'callback_query'] },
        // grammY types it by a package from before Node had its own.
        abort.signal as unknown as PollSignal,
      );
      for (const update of updates) {
        await this.#handle(update);
        await store.set('updates', 'offset', String(update.update_id + 1));
      }
    } finally {
      signal.removeEventListener('abort', stop);
    }
  }

  /** Removes a webhook, which would receive the updates instead. */
  async #initialize(): Promise<void> {
    if (this.#isInitialized) return;
    await this.#deps.api.deleteWebhook();
    await this.#deps.api.setMyCommands(commandList);
    this.#isInitialized = true;
  }

  async #handle(update: Update): Promise<void> {
    try {
      await this.#deps.handle(update);
    } catch (err) {
      this.#deps.logger.error({ err }, 'telegram update failed');
    }
  }

  async #pause(error: unknown, signal: AbortSignal): Promise<void> {
    const { logger } = this.#deps;
    const isConflict = error instanceof Error && 'error_code' in error && error.error_code === 409;
    const reason = isConflict ? 'another program polls with the same token' : getReason(error);
    if (!this.#hasError) logger.warn({ reason }, 'could not receive telegram commands');
    this.#hasError = true;
    await systemClock.sleep(isConflict ? conflictPauseMs : errorPauseMs, signal);
  }
}

function getReason(error: unknown): string {
  try {
    return classifySendError(error).reason;
  } catch {
    // Not Telegram: most likely Redis.
    return error instanceof Error ? error.message : String(error);
  }
}
