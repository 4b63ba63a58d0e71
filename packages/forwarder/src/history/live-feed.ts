import { parseSteps, type ActivityEntry } from '@shopee-webhook/store';

export type FeedListener = (entries: readonly ActivityEntry[]) => void;

/** Steps that are kept for a browser that comes back after a lost connection while there is no stream to ask. */
const kept = 2_000;

/** What just happened, for whoever watches. Holds no event back: a listener that throws is its own fault. */
export class LiveFeed {
  readonly #listeners = new Set<FeedListener>();
  /** The last entry of the stream, after which `#recent` begins; undefined when that is not known any more. */
  #streamedUpTo: string | undefined;
  #recent: ActivityEntry[] = [];

  /** A text of `ActivityLog.readText`. Nothing of it is kept, for the stream can be asked. */
  fromStream(text: string, lastEntryId: string): void {
    this.#streamedUpTo = lastEntryId;
    this.#recent = [];
    if (this.#listeners.size > 0) this.#tell(parseSteps(text));
  }

  /** What only this forwarder's spool knows yet. */
  fromSpool(entries: readonly ActivityEntry[]): void {
    this.#recent.push(...entries);
    if (this.#recent.length > kept * 2) {
      this.#recent = this.#recent.slice(-kept);
      this.#streamedUpTo = undefined;
    }
    this.#tell(entries);
  }

  /** Calls with everything from now on; returns what ends it. */
  subscribe(listener: FeedListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** What came after this entry; undefined when that is not known any more. */
  since(entryId: string): ActivityEntry[] | undefined {
    if (entryId === this.#streamedUpTo) return [...this.#recent];
    const at = this.#recent.findLastIndex((entry) => entry.entryId === entryId);
    return at === -1 ? undefined : this.#recent.slice(at + 1);
  }

  #tell(entries: readonly ActivityEntry[]): void {
    for (const listener of this.#listeners) listener(entries);
  }
}
