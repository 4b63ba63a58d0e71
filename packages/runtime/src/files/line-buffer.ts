const chunkBytes = 64 * 1024;
/** A character is at most so many bytes of UTF-8. */
const bytesPerCharacter = 3;

/** Lines that are gathered until they are written, as bytes: a text that waits is copied by each collection of garbage. */
export class LineBuffer {
  #chunks: Buffer[] = [];
  #used = 0;

  /** Adds a text, whose line ends with it; returns its bytes. */
  addLine(line: string): number {
    const bytes = line.length * bytesPerCharacter;
    let chunk = this.#chunks.at(-1);
    if (chunk === undefined || chunk.length - this.#used < bytes) {
      this.#closeChunk();
      // In a memory of its own, for one that is shared with others goes to another thread as a whole.
      chunk = Buffer.allocUnsafeSlow(Math.max(chunkBytes, bytes));
      this.#chunks.push(chunk);
    }
    const written = chunk.write(line, this.#used);
    this.#used += written;
    return written;
  }

  /** All that was gathered, in order, as pieces of whole lines. */
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
