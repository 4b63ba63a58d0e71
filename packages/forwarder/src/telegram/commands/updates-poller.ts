import type { Logger } from '@shopee-webhook/runtime';
import type { Api } from 'grammy';
import type { Update } from 'grammy/types';
import { systemClock } from '../clock.ts';
import { commandList } from './commands.ts';
import type { Memory } from '../memory.ts';
import { troubleOf } from '../chat/send-error.ts';

type PollSignal = NonNullable<Parameters<Api['getUpdates']>[1]>;

const pollSeconds = 25;
const pauseMs = 5_000;
/** Another program polls with the same token: it must be found and stopped by a person. */
const conflictPauseMs = 60_000;

export interface UpdatesPollerParts {
  /** With a timeout above the poll's own. */
  api: Api;
  memory: Memory;
  handle: (update: Update) => Promise<void>;
  logger: Logger;
}

/** Asks Telegram for what people wrote and pressed, by long polling; only the one sender does. */
export class UpdatesPoller {
  readonly #parts: UpdatesPollerParts;
  #isReady = false;
  #isTroubled = false;

  constructor(parts: UpdatesPollerParts) {
    this.#parts = parts;
  }

  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        await this.#makeReady();
        await this.round(pollSeconds, signal);
        this.#isTroubled = false;
      } catch (error) {
        if (!signal.aborted) await this.#pause(error, signal);
      }
    }
  }

  /** Takes the updates that wait, handles each and remembers it: a crash in between handles one again. */
  async round(timeout: number, signal: AbortSignal): Promise<void> {
    const { api, memory } = this.#parts;
    const offset = Number((await memory.get('updates', 'offset')) ?? 0);
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
        await memory.set('updates', 'offset', String(update.update_id + 1));
      }
    } finally {
      signal.removeEventListener('abort', stop);
    }
  }

  /** A webhook that somebody set would keep the updates from us. */
  async #makeReady(): Promise<void> {
    if (this.#isReady) return;
    await this.#parts.api.deleteWebhook();
    await this.#parts.api.setMyCommands(commandList);
    this.#isReady = true;
  }

  async #handle(update: Update): Promise<void> {
    try {
      await this.#parts.handle(update);
    } catch (err) {
      this.#parts.logger.error({ err }, 'telegram update not handled');
    }
  }

  async #pause(error: unknown, signal: AbortSignal): Promise<void> {
    const { logger } = this.#parts;
    const isConflict = error instanceof Error && 'error_code' in error && error.error_code === 409;
    const why = isConflict ? 'another program polls with the same token' : reasonOf(error);
    if (!this.#isTroubled) logger.warn({ why }, 'telegram commands cannot be read');
    this.#isTroubled = true;
    await systemClock.sleep(isConflict ? conflictPauseMs : pauseMs, signal);
  }
}

function reasonOf(error: unknown): string {
  try {
    return troubleOf(error).why;
  } catch {
    // Not Telegram: Redis, most likely.
    return error instanceof Error ? error.message : String(error);
  }
}
