import { ByteLines } from '../byte-lines.ts';
import type { ReceivedPush } from './rows.ts';
import type { HistoryClient } from './history-client.ts';

/** Above this the pushes' texts are dropped until the history has caught up: they are for people to look at. Bytes. */
const mostWaiting = 16 * 1024 * 1024;

/** Gathers pushes as they are received, away from the path of their answer, and hands them to the history. */
export class PushKeeper {
  readonly #history: HistoryClient;
  readonly #lines = new ByteLines();
  #size = 0;
  #dropped = 0;

  constructor(history: HistoryClient) {
    this.#history = history;
  }

  get dropped(): number {
    return this.#dropped;
  }

  keep(push: ReceivedPush): void {
    if (this.#size + push.text.length > mostWaiting) this.#dropped += 1;
    else this.#size += this.#lines.add(`${JSON.stringify(push)}\n`);
  }

  /** One round of the chore; what cannot be written is dropped, for the next ones to have room. */
  async flush(): Promise<void> {
    if (this.#size === 0) return;
    this.#size = 0;
    await this.#history.call('keepLines', this.#lines.take());
  }
}
