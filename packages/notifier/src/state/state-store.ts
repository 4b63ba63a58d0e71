import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { RedisConnection } from '@shopee-webhook/store';
import { z } from 'zod';

/**
 * The notifier's state over a restart, by name and field: topics, pauses, mutes, orders to ship.
 * A field may also have a due time, by which it is found.
 */
export interface StateStore {
  get(name: string, field: string): Promise<string | undefined>;
  all(name: string): Promise<Map<string, string>>;
  set(name: string, field: string, value: string): Promise<void>;
  remove(name: string, ...fields: string[]): Promise<void>;
  /** Sets the due time of a field. */
  setDue(name: string, field: string, at: number): Promise<void>;
  removeDue(name: string, ...fields: string[]): Promise<void>;
  /** Fields due at or before `upTo`, earliest first. */
  dueBefore(name: string, upTo: number, limit: number): Promise<{ field: string; at: number }[]>;
}

/** State in Redis: a hash `<prefix>:telegram:<name>` and a zset of due times; no TTL. */
export class RedisStateStore implements StateStore {
  readonly #redis: RedisConnection;
  readonly #prefix: string;

  constructor(deps: { redis: RedisConnection; keys: { prefix: string } }) {
    this.#redis = deps.redis;
    this.#prefix = `${deps.keys.prefix}:telegram`;
  }

  async get(name: string, field: string): Promise<string | undefined> {
    return (await this.#redis.hget(this.#hash(name), field)) ?? undefined;
  }

  async all(name: string): Promise<Map<string, string>> {
    return new Map(Object.entries(await this.#redis.hgetall(this.#hash(name))));
  }

  async set(name: string, field: string, value: string): Promise<void> {
    await this.#redis.hset(this.#hash(name), field, value);
  }

  async remove(name: string, ...fields: string[]): Promise<void> {
    if (fields.length > 0) await this.#redis.hdel(this.#hash(name), ...fields);
  }

  async setDue(name: string, field: string, at: number): Promise<void> {
    await this.#redis.zadd(this.#zset(name), at, field);
  }

  async removeDue(name: string, ...fields: string[]): Promise<void> {
    if (fields.length > 0) await this.#redis.zrem(this.#zset(name), ...fields);
  }

  async dueBefore(name: string, upTo: number, limit: number): Promise<{ field: string; at: number }[]> {
    const flat = await this.#redis.zrangebyscore(this.#zset(name), '-inf', upTo, 'WITHSCORES', 'LIMIT', 0, limit);
    return flat.flatMap((field, at) => (at % 2 === 0 ? [{ field, at: Number(flat[at + 1]) }] : []));
  }

  #hash(name: string): string {
    return `${this.#prefix}:${name}`;
  }

  #zset(name: string): string {
    return `${this.#prefix}:${name}:index`;
  }
}

const SavedState = z.object({
  values: z.record(z.string(), z.record(z.string(), z.string())).catch({}),
  places: z.record(z.string(), z.record(z.string(), z.number())).catch({}),
});

/** State in one JSON file, for REDIS_ENABLED=false and Redis outages; rewritten at each change. */
export class FileStateStore implements StateStore {
  readonly #path: string;
  #data: Promise<z.infer<typeof SavedState>> | undefined;
  #pendingWrite: Promise<void> = Promise.resolve();

  constructor(path: string) {
    this.#path = path;
  }

  async get(name: string, field: string): Promise<string | undefined> {
    return (await this.#load()).values[name]?.[field];
  }

  async all(name: string): Promise<Map<string, string>> {
    return new Map(Object.entries((await this.#load()).values[name] ?? {}));
  }

  async set(name: string, field: string, value: string): Promise<void> {
    const { values } = await this.#load();
    (values[name] ??= {})[field] = value;
    await this.#save();
  }

  async remove(name: string, ...fields: string[]): Promise<void> {
    const { values } = await this.#load();
    for (const field of fields) delete values[name]?.[field];
    await this.#save();
  }

  async setDue(name: string, field: string, at: number): Promise<void> {
    const { places } = await this.#load();
    (places[name] ??= {})[field] = at;
    await this.#save();
  }

  async removeDue(name: string, ...fields: string[]): Promise<void> {
    const { places } = await this.#load();
    for (const field of fields) delete places[name]?.[field];
    await this.#save();
  }

  async dueBefore(name: string, upTo: number, limit: number): Promise<{ field: string; at: number }[]> {
    const { places } = await this.#load();
    return Object.entries(places[name] ?? {})
      .map(([field, at]) => ({ field, at }))
      .filter(({ at }) => at <= upTo)
      .sort((a, b) => a.at - b.at)
      .slice(0, limit);
  }

  #load(): Promise<z.infer<typeof SavedState>> {
    this.#data ??= readJsonFile(this.#path).then((value) => SavedState.parse(value ?? { values: {}, places: {} }));
    return this.#data;
  }

  /** One write at a time, each with the latest state. */
  async #save(): Promise<void> {
    const write = async () => writeJsonFile(this.#path, await this.#load());
    this.#pendingWrite = this.#pendingWrite.then(write, write);
    await this.#pendingWrite;
  }
}

/** A JSON file's content; undefined when it is missing or corrupt. */
export async function readJsonFile(path: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, 'utf8'));
  } catch (error) {
    const isMissing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    if (isMissing || error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** Writes a file atomically. */
export async function writeJsonFile(path: string, value: unknown): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(`${path}.new`, JSON.stringify(value, undefined, 1), { mode: 0o600 });
  await rename(`${path}.new`, path);
}
