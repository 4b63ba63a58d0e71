import type { Locks } from '@shopee-webhook/store';
import { z } from 'zod';
import { readJsonFile, writeJsonFile, type StateStore } from '../state/state-store.ts';
import type { TopicKey } from '../messages/outgoing.ts';

const TopicsFile = z.record(z.string(), z.record(z.string(), z.number()));

/** How long another process may take to create a topic. */
const lockMs = 45_000;

/**
 * Maps topics to threads of a chat. The Bot API cannot list a group's topics, so the map is stored twice: in
 * Redis (`<prefix>:telegram:topics:<chat>`, where an operator may also write an id by hand) and in `DATA_DIR`.
 */
export class Topics {
  readonly #store: StateStore;
  readonly #locks: Locks;
  readonly #path: string;

  constructor(deps: { store: StateStore; locks: Locks; path: string }) {
    this.#store = deps.store;
    this.#locks = deps.locks;
    this.#path = deps.path;
  }

  /** The thread id, or undefined when the topic was not created yet. */
  async find(chat: string, key: TopicKey): Promise<number | undefined> {
    const known = Number(await this.#store.get(storeName(chat), key));
    if (Number.isSafeInteger(known) && known > 0) return known;
    const saved = (await this.#file())[chat]?.[key];
    if (saved !== undefined) await this.#store.set(storeName(chat), key, String(saved));
    return saved;
  }

  /**
   * The thread id, from `create` when there is none: under a lock, because creating twice makes two topics of the same
   * name. Undefined while another process creates it.
   */
  async findOrCreate(chat: string, key: TopicKey, create: () => Promise<number>): Promise<number | undefined> {
    const known = await this.find(chat, key);
    if (known !== undefined) return known;
    const lease = await this.#locks.acquire(`telegram-topic:${chat}:${key}`, lockMs);
    if (lease === undefined) return undefined;
    try {
      return (await this.find(chat, key)) ?? (await this.#save(chat, key, await create()));
    } finally {
      await lease.release();
    }
  }

  /** Removes a deleted topic, unless another id was stored meanwhile. */
  async remove(chat: string, key: TopicKey, threadId: number): Promise<void> {
    if ((await this.find(chat, key)) !== threadId) return;
    await this.#store.remove(storeName(chat), key);
    await this.#update((file) => {
      delete file[chat]?.[key];
    });
  }

  async #save(chat: string, key: TopicKey, threadId: number): Promise<number> {
    await this.#store.set(storeName(chat), key, String(threadId));
    await this.#update((file) => {
      (file[chat] ??= {})[key] = threadId;
    });
    return threadId;
  }

  async #file(): Promise<z.infer<typeof TopicsFile>> {
    return TopicsFile.safeParse(await readJsonFile(this.#path)).data ?? {};
  }

  async #update(change: (file: z.infer<typeof TopicsFile>) => void): Promise<void> {
    const file = await this.#file();
    change(file);
    await writeJsonFile(this.#path, file);
  }
}

function storeName(chat: string): string {
  return `topics:${chat}`;
}
