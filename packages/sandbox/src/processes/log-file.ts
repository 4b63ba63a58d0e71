import { systemClock } from '@shopee-webhook/runtime';
import { createStream, type RotatingFileStream } from 'rotating-file-stream';

const retryMs = 60_000;

/**
 * A service's log below one name, with what was before it as `….1` to `….5`: at most 60 MB. Restarts append to it. While the
 * disk takes nothing, lines are dropped: a log must not end what it is about.
 */
export class LogFile {
  readonly #path: string;
  readonly #size: `${number}${'B' | 'M'}`;
  readonly #onError: (error: Error) => void;
  #stream: RotatingFileStream | undefined;
  #failedAt = Number.NEGATIVE_INFINITY;

  constructor(path: string, options: { onError: (error: Error) => void; size?: `${number}${'B' | 'M'}` }) {
    this.#path = path;
    this.#size = options.size ?? '10M';
    this.#onError = options.onError;
  }

  write(line: string): void {
    if (this.#stream === undefined && systemClock.monotonicMs() - this.#failedAt < retryMs) return;
    this.#stream ??= this.#open();
    this.#stream.write(`${line}\n`);
  }

  /** Resolves when all lines are in the file. A later line opens it again. */
  async close(): Promise<void> {
    const stream = this.#stream;
    this.#stream = undefined;
    if (stream !== undefined) await new Promise<void>((resolve) => stream.once('close', resolve).end());
  }

  #open(): RotatingFileStream {
    const stream = createStream(this.#path, { size: this.#size, rotate: 5, mode: 0o600 });
    stream.on('error', (error) => {
      // What still waited in it fails once more each.
      if (this.#stream !== stream) return;
      this.#stream = undefined;
      this.#failedAt = systemClock.monotonicMs();
      this.#onError(error);
    });
    return stream;
  }
}
