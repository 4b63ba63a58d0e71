import type { Logger } from '@shopee-webhook/runtime';
import type { Api } from 'grammy';
import type { Update } from 'grammy/types';
import { systemClock } from '../time/clock.ts';
import { commandList } from './commands.ts';
import type { StateStore } from '../state/state-store.ts';
import { classifySendError } from '../chat/send-error.ts';

type PollSignal = NonNullable<Parameters<Api['getUpdates']>[1]>;

const pollSeconds = 25;
const errorPauseMs = 5_000;
/** Another program polls with the same token: it must be found and stopped by a person. */
const conflictPauseMs = 60_000;

export interface UpdatesPollerDeps {
  /** With a timeout above the poll's own. */
  api: Api;
  store: StateStore;
  handle: (update: Update) => Promise<void>;
  logger: Logger;
}

/** Asks Telegram for what people wrote and pressed, by long polling; only the one sender does. */
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

  /** Takes the updates that wait, handles each and remembers it: a crash in between handles one again. */
  async poll(timeout: number, signal: AbortSignal): Promise<void> {
    const { api, store } = this.#deps;
    const offset = Number((await store.get('updates', 'offset')) ?? 0);
    const abort = new AbortController();
    const stop = () => abort.abort();
    signal.addEventListener('abort', stop, { once: true });
    try {
      const updates = await api.getUpdates(
        { offset, timeout, allowed_updates: ['message', 'callback_query'] },
        // The same thing to node-fetch; grammY types it by a package from before Node had its own.
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

  /** A webhook that somebody set would keep the updates from us. */
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
      this.#deps.logger.error({ err }, 'telegram update not handled');
    }
  }

  async #pause(error: unknown, signal: AbortSignal): Promise<void> {
    const { logger } = this.#deps;
    const isConflict = error instanceof Error && 'error_code' in error && error.error_code === 409;
    const reason = isConflict ? 'another program polls with the same token' : getReason(error);
    if (!this.#hasError) logger.warn({ reason }, 'telegram commands cannot be read');
    this.#hasError = true;
    await systemClock.sleep(isConflict ? conflictPauseMs : errorPauseMs, signal);
  }
}

function getReason(error: unknown): string {
  try {
    return classifySendError(error).reason;
  } catch {
    // Not Telegram: Redis, most likely.
    return error instanceof Error ? error.message : String(error);
  }
}
