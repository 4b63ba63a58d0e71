import { BotError } from './bot-error.ts';

type Update = Record<string, unknown> & { update_id: number };

/** The bot's updates and the one poller that may wait for them. */
export class Updates {
  #pending: Update[] = [];
  #nextId = 1;
  #poller: { wake: () => void; reject: (error: Error) => void } | undefined;

  push(update: Record<string, unknown>): void {
    this.#pending.push({ update_id: this.#nextId, ...update });
    this.#nextId += 1;
    this.#poller?.wake();
  }

  /** `getUpdates`: forgets what is before `offset`, then waits up to `timeoutMs` for the first. */
  async take(options: { offset: number; limit: number; timeoutMs: number }): Promise<Update[]> {
    this.#poller?.reject(
      new BotError(
        409,
        'Conflict: terminated by other getUpdates request; make sure that only one bot instance is running',
      ),
    );
    this.#pending = this.#pending.filter((update) => update.update_id >= options.offset);
    if (this.#pending.length === 0 && options.timeoutMs > 0) await this.#wait(options.timeoutMs);
    return this.#pending.slice(0, options.limit);
  }

  /** Lets a waiting poller go, so that the server can close. */
  close(): void {
    this.#poller?.wake();
  }

  async #wait(timeoutMs: number): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const poller = { wake: resolve, reject };
    const timer = setTimeout(resolve, timeoutMs);
    this.#poller = poller;
    try {
      await promise;
    } finally {
      clearTimeout(timer);
      if (this.#poller === poller) this.#poller = undefined;
    }
  }
}
