import type { IncomingMessage } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { systemClock } from '@shopee-webhook/runtime';

/** A body that was not read to its end. */
export class BodyError extends Error {
  override readonly name = 'BodyError';
  readonly kind: 'too-large' | 'busy' | 'aborted';

  constructor(kind: BodyError['kind'], message: string) {
    super(message);
    this.kind = kind;
  }
}

/** Bodies up to this size have memory of their own: large ones, which Shopee does not send, cannot keep them out. */
const smallBytes = 64 * 1024;

const checkMs = 5;

/**
 * What of the requests is let in: reads bodies into memory, all of them together only up to a limit, and knows whether pushes
 * are being handled, so that background work lets them go first.
 */
export class Admission {
  readonly #maxBytes: number;
  #inFlight = 0;
  /** Of bodies that are being read. */
  #smallBytes = 0;
  #largeBytes = 0;

  /** `maxBytes`: for small bodies; a quarter of it besides for large ones. */
  constructor({ maxBytes = 16 * 1024 * 1024 }: { maxBytes?: number } = {}) {
    this.#maxBytes = maxBytes;
  }

  /** Rejects with BodyError: longer than `limit`, too much in flight, or the client is gone. */
  read(payload: IncomingMessage, limit: number): Promise<Buffer> {
    const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
    const chunks: Buffer[] = [];
    let bytes = 0;
    const account = (added: number) => {
      this.#count(bytes, -1);
      bytes += added;
      this.#count(bytes, 1);
    };
    const onData = (chunk: Buffer) => {
      account(chunk.length);
      chunks.push(chunk);
      if (bytes > limit) end(new BodyError('too-large', `more than ${String(limit)} bytes`));
      else if (this.#isFull(bytes)) end(new BodyError('busy', 'too many bytes in flight'));
    };
    const onEnd = () => end();
    const onAbort = () => end(new BodyError('aborted', 'the client closed the connection'));
    const end = (error?: BodyError) => {
      payload.off('data', onData).off('end', onEnd).off('error', onAbort).off('close', onAbort);
      this.#count(bytes, -1);
      if (error === undefined) resolve(chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks, bytes));
      else {
        payload.pause();
        reject(error);
      }
    };
    payload.on('data', onData).on('end', onEnd).on('error', onAbort).on('close', onAbort);
    return promise;
  }

  /** A push is handled until the matching `leave`. */
  enter(): void {
    this.#inFlight += 1;
  }

  leave(): void {
    this.#inFlight -= 1;
  }

  /** Whether pushes wait for their response. */
  get isBusy(): boolean {
    return this.#inFlight > 0;
  }

  /** Resolves when no push waits for its response, or after `maxMs`: background work is delayed, never starved. */
  async quiet(maxMs: number): Promise<void> {
    const deadline = systemClock.monotonicMs() + maxMs;
    while (this.isBusy && systemClock.monotonicMs() < deadline) await sleep(checkMs, undefined, { ref: false });
  }

  #count(bytes: number, sign: 1 | -1): void {
    if (bytes > smallBytes) this.#largeBytes += sign * bytes;
    else this.#smallBytes += sign * bytes;
  }

  #isFull(bytes: number): boolean {
    return bytes > smallBytes ? this.#largeBytes > this.#maxBytes / 4 : this.#smallBytes > this.#maxBytes;
  }
}
