import type { ReceivedPush } from './rows.ts';
import type { HistoryClient } from './history-client.ts';

/** Above this the pushes' texts are dropped until the history has caught up: they are for people to look at. Characters. */
const mostWaiting = 16 * 1024 * 1024;

/** Gathers pushes as they are received, away from the path of their answer, and hands them to the history. */
export class PushKeeper {
  readonly #history: HistoryClient;
  #waiting: ReceivedPush[] = [];
  #size = 0;
  #dropped = 0;

  constructor(history: HistoryClient) {
    this.#history = history;
  }

  get dropped(): number {
    return this.#dropped;
  }

  keep(push: ReceivedPush): void {
    if (this.#size + push.text.length > mostWaiting) {
      this.#dropped += 1;
      return;
    }
    this.#size += push.text.length;
    this.#waiting.push(push);
  }

  /** One round of the chore; what cannot be written is dropped, for the next ones to have room. */
  async flush(): Promise<void> {
    if (this.#waiting.length === 0) return;
    const pushes = this.#waiting;
    this.#waiting = [];
    this.#size = 0;
    await this.#history.call('keepPushes', pushes);
  }
}
