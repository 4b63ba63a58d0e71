import { LineBuffer } from '@shopee-webhook/runtime';
import type { ReceivedPush } from '../model/rows.ts';
import type { HistoryClient } from '../history/history-client.ts';

/** Above this many bytes pushes are dropped until the history has caught up: they only serve the event pages. */
const maxPendingBytes = 16 * 1024 * 1024;

/** Buffers received pushes off the response path and writes them to the history in batches. */
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

  /** Writes the buffer; what cannot be written is dropped. */
  async flush(): Promise<void> {
    if (this.#size === 0) return;
    this.#size = 0;
    await this.#history.call('recordPushLines', this.#lines.takeAll());
  }
}
