import type { Locks } from '@shopee-webhook/store';
import { z } from 'zod';
import { readJson, writeJson, type Memory } from '../memory.ts';
import type { TopicKey } from './topic-specs.ts';

const File = z.record(z.string(), z.record(z.string(), z.number()));

/** How long somebody else may take to make a topic. */
const lockMs = 45_000;

/**
 * Which thread of a chat is which topic. No method of the Bot API lists a group's topics, so this is kept twice: in
 * Redis (`<prefix>:telegram:topics:<chat>`, where an operator may also write an id by hand) and in `DATA_DIR`.
 */
export class Topics {
  readonly #memory: Memory;
  readonly #locks: Locks;
  readonly #path: string;

  constructor(parts: { memory: Memory; locks: Locks; path: string }) {
    this.#memory = parts.memory;
    this.#locks = parts.locks;
    this.#path = parts.path;
  }

  /** The thread id, or undefined when the topic was not made yet. */
  async find(chat: string, key: TopicKey): Promise<number | undefined> {
    const known = Number(await this.#memory.get(name(chat), key));
    if (Number.isSafeInteger(known) && known > 0) return known;
    const saved = (await this.#file())[chat]?.[key];
    if (saved !== undefined) await this.#memory.set(name(chat), key, String(saved));
    return saved;
  }

  /**
   * The thread id, made by `create` when there is none: under a lock, for two creations make two topics of the same
   * name. Undefined while another process makes it.
   */
  async findOrCreate(chat: string, key: TopicKey, create: () => Promise<number>): Promise<number | undefined> {
    const known = await this.find(chat, key);
    if (known !== undefined) return known;
    const lease = await this.#locks.acquire(`telegram-topic:${chat}:${key}`, lockMs);
    if (lease === undefined) return undefined;
    try {
      return (await this.find(chat, key)) ?? (await this.#keep(chat, key, await create()));
    } finally {
      await lease.release();
    }
  }

  /** Forgets a topic that is gone. Nothing happens when another id is known by now. */
  async drop(chat: string, key: TopicKey, threadId: number): Promise<void> {
    if ((await this.find(chat, key)) !== threadId) return;
    await this.#memory.remove(name(chat), key);
    await this.#change((file) => {
      delete file[chat]?.[key];
    });
  }

  async #keep(chat: string, key: TopicKey, threadId: number): Promise<number> {
    await this.#memory.set(name(chat), key, String(threadId));
    await this.#change((file) => {
      (file[chat] ??= {})[key] = threadId;
    });
    return threadId;
  }

  async #file(): Promise<z.infer<typeof File>> {
    return File.safeParse(await readJson(this.#path)).data ?? {};
  }

  async #change(change: (file: z.infer<typeof File>) => void): Promise<void> {
    const file = await this.#file();
    change(file);
    await writeJson(this.#path, file);
  }
}

function name(chat: string): string {
  return `topics:${chat}`;
}
