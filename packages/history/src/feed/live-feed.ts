import { parseActivity, type StoredActivityEntry } from '@shopee-webhook/store';

export type FeedListener = (entries: readonly StoredActivityEntry[]) => void;

/** Steps that are kept for a browser that comes back after a lost connection while there is no stream to ask. */
const maxRecent = 2_000;

/** What just happened, for whoever watches. Holds no event back: a listener that throws is its own fault. */
export class LiveFeed {
  readonly #listeners = new Set<FeedListener>();
  /** The last entry of the stream, after which `#recent` begins; undefined when that is not known any more. */
  #streamedUpTo: string | undefined;
  #recent: StoredActivityEntry[] = [];

  /** A text of `ActivityLog.readText`. Nothing of it is kept, for the stream can be asked. */
  publishStream(text: string, lastEntryId: string): void {
    this.#streamedUpTo = lastEntryId;
    this.#recent = [];
    if (this.#listeners.size > 0) this.#publish(parseActivity(text));
  }

  /** What only this forwarder's spool knows yet. */
  publishSpool(entries: readonly StoredActivityEntry[]): void {
    this.#recent.push(...entries);
    if (this.#recent.length > maxRecent * 2) {
      this.#recent = this.#recent.slice(-maxRecent);
      this.#streamedUpTo = undefined;
    }
    this.#publish(entries);
  }

  /** Calls with everything from now on; returns what ends it. */
  subscribe(listener: FeedListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** What came after this entry; undefined when that is not known any more. */
  since(entryId: string): StoredActivityEntry[] | undefined {
    if (entryId === this.#streamedUpTo) return [...this.#recent];
    const at = this.#recent.findLastIndex((entry) => entry.entryId === entryId);
    return at === -1 ? undefined : this.#recent.slice(at + 1);
  }

  #publish(entries: readonly StoredActivityEntry[]): void {
    for (const listener of this.#listeners) listener(entries);
  }
}
