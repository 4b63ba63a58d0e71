import { parseActivity, type StoredActivityEntry } from '@shopee-webhook/store';

export type FeedListener = (entries: readonly StoredActivityEntry[]) => void;

/** Entries buffered for a browser that reconnects while there is no stream to read. */
const maxRecent = 2_000;

/** Publishes activity to live listeners, which must not throw. */
export class LiveFeed {
  readonly #listeners = new Set<FeedListener>();
  /** The last entry of the stream before `#recent`; undefined when it is no longer known. */
  #streamedUpTo: string | undefined;
  #recent: StoredActivityEntry[] = [];

  /** Publishes a text of `ActivityLog.readText`. Not buffered: the stream has it. */
  publishStream(text: string, lastEntryId: string): void {
    this.#streamedUpTo = lastEntryId;
    this.#recent = [];
    if (this.#listeners.size > 0) this.#publish(parseActivity(text));
  }

  /** Publishes entries that only this forwarder's spool has yet. */
  publishSpool(entries: readonly StoredActivityEntry[]): void {
    this.#recent.push(...entries);
    if (this.#recent.length > maxRecent * 2) {
      this.#recent = this.#recent.slice(-maxRecent);
      this.#streamedUpTo = undefined;
    }
    this.#publish(entries);
  }

  /** Subscribes to everything from now on; returns the unsubscribe function. */
  subscribe(listener: FeedListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** The entries after this one; undefined when they are no longer known. */
  since(entryId: string): StoredActivityEntry[] | undefined {
    if (entryId === this.#streamedUpTo) return [...this.#recent];
    const at = this.#recent.findLastIndex((entry) => entry.entryId === entryId);
    return at === -1 ? undefined : this.#recent.slice(at + 1);
  }

  #publish(entries: readonly StoredActivityEntry[]): void {
    for (const listener of this.#listeners) listener(entries);
  }
}
