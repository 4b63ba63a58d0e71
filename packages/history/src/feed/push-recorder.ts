import { LineBuffer } from '@shopee-webhook/runtime';
import type { ReceivedPush } from '../model/rows.ts';
import type { HistoryClient } from '../history/history-client.ts';

/** Above this the pushes' texts are dropped until the history has caught up: they are for people to look at. Bytes. */
const maxPendingBytes = 16 * 1024 * 1024;

/** Gathers pushes as they are received, away from the path of their answer, and hands them to the history. */
export class PushRecorder {
  readonly #history: HistoryClient;
  readonly #lines = new LineBuffer();
  #size = 0;
  #dropped = 0;

  constructor(history: HistoryClient) {
    this.#history = history;
  }

  get dropped(): number {
    return this.#dropped;
  }

  record(push: ReceivedPush): void {
    if (this.#size + push.text.length > maxPendingBytes) this.#dropped += 1;
    else this.#size += this.#lines.addLine(`${JSON.stringify(push)}\n`);
  }

  /** One round of the chore; what cannot be written is dropped, for the next ones to have room. */
  async flush(): Promise<void> {
    if (this.#size === 0) return;
    this.#size = 0;
    await this.#history.call('recordPushLines', this.#lines.takeAll());
  }
}
