import { Cluster } from 'ioredis';
import type { RedisConnection } from './connection.ts';
import type { QueueKeys } from './keys.ts';
import { forgetScript, returnScript } from './queue-scripts.ts';
import { returnArgs } from './script-args.ts';

/** How many messages went back to the line, and how many were given up on the way. */
export interface Returned {
  returned: number;
  deadLettered: number;
}

/** Messages are up to 1 MiB each, and one that is not where it is looked for costs a look through the whole list. */
const chunk = 50;
/** Longer than Redis may still serve a BLMOVE of a consumer that is no more. */
const forgetAfterMs = 10 * 60_000;

/** Takes messages out of processing lists: of consumers that died, and what nobody knows of. */
export class Returns {
  readonly #redis: RedisConnection;
  readonly #keys: QueueKeys;
  readonly #activityKey: string | undefined;
  readonly #leaseMs: number;

  constructor(parts: { redis: RedisConnection; keys: QueueKeys; activityKey: string | undefined; leaseMs: number }) {
    this.#redis = parts.redis;
    this.#keys = parts.keys;
    this.#activityKey = parts.activityKey;
    this.#leaseMs = parts.leaseMs;
  }

  /**
   * Gives back what consumers hold whose lease is over. A heartbeat from the future counts as old: the clock was set
   * back, and a consumer that lives writes the new time within seconds.
   */
  async reap(now: number): Promise<Returned> {
    const { consumers } = this.#keys;
    const [silent, ahead] = await Promise.all([
      this.#redis.zrangebyscore(consumers, '-inf', now - this.#leaseMs),
      this.#redis.zrangebyscore(consumers, now + this.#leaseMs, '+inf'),
    ]);
    const total: Returned = { returned: 0, deadLettered: 0 };
    for (const consumer of [...silent, ...ahead]) {
      const { returned, deadLettered } = await this.all(consumer, { counted: true, onlyExpired: true });
      total.returned += returned;
      total.deadLettered += deadLettered;
      await this.#forget(consumer);
    }
    return total;
  }

  /** Gives back all that a consumer's processing list holds. `counted`: it died with them. */
  async all(consumer: string, options: { counted: boolean; onlyExpired?: boolean }): Promise<Returned> {
    const total: Returned = { returned: 0, deadLettered: 0 };
    for (;;) {
      const raws = await this.#redis.lrangeBuffer(this.#keys.processing(consumer), 0, chunk - 1);
      if (raws.length === 0) return total;
      const { returned, deadLettered } = await this.some(consumer, raws, options);
      // The consumer is alive after all, or another reaper was quicker.
      if (returned + deadLettered === 0) return total;
      total.returned += returned;
      total.deadLettered += deadLettered;
    }
  }

  /** Gives back these, newest first, if they are still there, some at a time. `counted`: their consumer died. */
  async some(
    consumer: string,
    raws: Buffer[],
    options: { counted: boolean; onlyExpired?: boolean },
  ): Promise<Returned> {
    const total: Returned = { returned: 0, deadLettered: 0 };
    for (let at = 0; at < raws.length; at += chunk) {
      const { returned, deadLettered } = await this.#chunk(consumer, raws.slice(at, at + chunk), options);
      total.returned += returned;
      total.deadLettered += deadLettered;
    }
    return total;
  }

  async #chunk(
    consumer: string,
    raws: Buffer[],
    options: { counted: boolean; onlyExpired?: boolean },
  ): Promise<Returned> {
    const { processing, main, deadLetter, stats, consumers, suspect } = this.#keys;
    const { counted, onlyExpired = false } = options;
    const activity = this.#activityKey !== undefined;
    const reply = await returnScript.run(
      this.#redis,
      [processing(consumer), main, deadLetter, stats, this.#activityKey ?? stats, consumers, suspect],
      [
        consumer,
        onlyExpired ? this.#leaseMs : '',
        raws.length,
        ...raws.flatMap((raw) => returnArgs(raw, consumer, { counted, activity })),
      ],
    );
    const [returned, deadLettered] = reply as [number, number];
    return { returned, deadLettered };
  }

  /**
   * Makes consumers of processing lists that have no heartbeat at all, so that they are reaped. It takes a loss of keys to
   * get there, so it is a slow look through all keys, for the start and once in a while.
   */
  async adopt(): Promise<string[]> {
    const lists = await this.#processingLists();
    const names = lists.map((key) => key.slice(this.#keys.processing('').length));
    const known = new Set(await this.#redis.zrange(this.#keys.consumers, '0', '-1'));
    const orphaned = names.filter((name) => !known.has(name));
    for (const name of orphaned) await this.#redis.zadd(this.#keys.consumers, 'NX', 0, name);
    return orphaned;
  }

  async #processingLists(): Promise<string[]> {
    const nodes = this.#redis instanceof Cluster ? this.#redis.nodes('master') : [this.#redis];
    const found = new Set<string>();
    for (const node of nodes) {
      const stream = node.scanStream({ match: this.#keys.processingPattern, count: 1_000, type: 'list' });
      for await (const keys of stream) for (const key of keys as string[]) found.add(key);
    }
    return [...found];
  }

  /** A name that was silent for long and holds nothing is no consumer any more. */
  async #forget(consumer: string): Promise<void> {
    const { consumers, processing, reports } = this.#keys;
    await forgetScript.run(this.#redis, [consumers, processing(consumer), reports], [consumer, forgetAfterMs]);
  }
}
