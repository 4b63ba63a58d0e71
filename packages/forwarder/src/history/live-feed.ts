import type { ActivityEntry } from '@shopee-webhook/store';

export type FeedListener = (entries: readonly ActivityEntry[]) => void;

/** Steps that are kept for a browser that comes back after a lost connection while there is no stream to ask. */
const kept = 2_000;

/** What just happened, for whoever watches. Holds no event back: a listener that throws is its own fault. */
export class LiveFeed {
  readonly #listeners = new Set<FeedListener>();
  #recent: ActivityEntry[] = [];

  /** What comes from the stream is not kept, for that can be asked: only its last step, to begin from when it ends. */
  publish(entries: readonly ActivityEntry[], from: 'stream' | 'spool'): void {
    if (entries.length === 0) return;
    if (from === 'stream') this.#recent = entries.slice(-1);
    else this.#recent.push(...entries);
    if (this.#recent.length > kept * 2) this.#recent = this.#recent.slice(-kept);
    for (const listener of this.#listeners) listener(entries);
  }

  /** Calls with everything from now on; returns what ends it. */
  subscribe(listener: FeedListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** What came after this entry; undefined when that is not known any more. */
  since(entryId: string): ActivityEntry[] | undefined {
    const at = this.#recent.findLastIndex((entry) => entry.entryId === entryId);
    return at === -1 ? undefined : this.#recent.slice(at + 1);
  }
}
