const chunkBytes = 64 * 1024;
/** UTF-8 bytes per UTF-16 unit, at most. */
const bytesPerCharacter = 3;

/** Buffers lines as bytes until they are written: waiting strings are copied by every garbage collection. */
export class LineBuffer {
  #chunks: Buffer[] = [];
  #used = 0;

  /** Adds a line, including its line break; returns its size in bytes. */
  addLine(line: string): number {
    const bytes = line.length * bytesPerCharacter;
    let chunk = this.#chunks.at(-1);
    if (chunk === undefined || chunk.length - this.#used < bytes) {
      this.#closeChunk();
      // Not from the shared pool, which would be posted to another thread as a whole.
      chunk = Buffer.allocUnsafeSlow(Math.max(chunkBytes, bytes));
      this.#chunks.push(chunk);
    }
    const written = chunk.write(line, this.#used);
    this.#used += written;
    return written;
  }

  /** Everything buffered, in order, as chunks of whole lines. */
  takeAll(): Buffer[] {
    this.#closeChunk();
    const taken = this.#chunks;
    this.#chunks = [];
    return taken;
  }

  #closeChunk(): void {
    const last = this.#chunks.pop();
    if (last !== undefined) this.#chunks.push(last.subarray(0, this.#used));
    this.#used = 0;
  }
}
