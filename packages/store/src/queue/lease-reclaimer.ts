import { Cluster } from 'ioredis';
import type { RedisConnection } from '../redis/connection.ts';
import { deadLetterKeys, type QueueKeys } from '../redis/keys.ts';
import { removeConsumerScript, reclaimScript } from './queue-scripts.ts';
import { reclaimArgs, type ReclaimCause } from './lua-args.ts';

/** How many messages were requeued, and how many dead-lettered. */
export interface ReclaimResult {
  requeued: number;
  deadLettered: number;
}

/** Messages are up to 1 MiB each, and one that is gone costs a search through the whole processing list. */
const batchSize = 50;
/** Longer than Redis may still serve a BLMOVE of a consumer that is gone. */
const removeAfterMs = 10 * 60_000;

/** Takes messages out of processing lists: those of dead consumers, and those that no process tracks. */
export class LeaseReclaimer {
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
   * Requeues what consumers have in flight whose lease expired. A heartbeat from the future counts as old: the clock was set
   * back, and a live consumer writes the new time within seconds.
   */
  async reap(now: number): Promise<ReclaimResult> {
    const { consumers } = this.#keys;
    const [silent, ahead] = await Promise.all([
      this.#redis.zrangebyscore(consumers, '-inf', now - this.#leaseMs),
      this.#redis.zrangebyscore(consumers, now + this.#leaseMs, '+inf'),
    ]);
    const total: ReclaimResult = { requeued: 0, deadLettered: 0 };
    for (const consumer of [...silent, ...ahead]) {
      const { requeued, deadLettered } = await this.reclaimCrashed(consumer, { onlyExpired: true });
      total.requeued += requeued;
      total.deadLettered += deadLettered;
      await this.#removeConsumer(consumer);
    }
    return total;
  }

  /** Makes suspects of all that a consumer has in flight: it died with them. `onlyExpired`: unless its heart beats. */
  async reclaimCrashed(consumer: string, { onlyExpired = false } = {}): Promise<ReclaimResult> {
    const group = await this.#redis.llen(this.#keys.processing(consumer));
    return this.#reclaimAll(consumer, { kind: 'crash', group }, onlyExpired);
  }

  /** Requeues all that a consumer has in flight, as it was: it ends. */
  async release(consumer: string): Promise<ReclaimResult> {
    return this.#reclaimAll(consumer, { kind: 'not-delivered' }, false);
  }

  /** Requeues these, newest first, if they are still there, a batch at a time: they were not delivered. */
  async requeue(consumer: string, raws: Buffer[]): Promise<ReclaimResult> {
    const total: ReclaimResult = { requeued: 0, deadLettered: 0 };
    for (let at = 0; at < raws.length; at += batchSize) {
      const batch = raws.slice(at, at + batchSize);
      const { requeued, deadLettered } = await this.#reclaimBatch(consumer, batch, { kind: 'not-delivered' }, false);
      total.requeued += requeued;
      total.deadLettered += deadLettered;
    }
    return total;
  }

  async #reclaimAll(consumer: string, cause: ReclaimCause, onlyExpired: boolean): Promise<ReclaimResult> {
    const total: ReclaimResult = { requeued: 0, deadLettered: 0 };
    for (;;) {
      const [from, to] = cause.kind === 'crash' ? [-batchSize, -1] : [0, batchSize - 1];
      const raws = await this.#redis.lrangeBuffer(this.#keys.processing(consumer), from, to);
      if (raws.length === 0) return total;
      if (cause.kind === 'crash') raws.reverse();
      const { requeued, deadLettered } = await this.#reclaimBatch(consumer, raws, cause, onlyExpired);
      // The consumer is alive after all, or another reaper was quicker.
      if (requeued + deadLettered === 0) return total;
      total.requeued += requeued;
      total.deadLettered += deadLettered;
    }
  }

  async #reclaimBatch(
    consumer: string,
    raws: Buffer[],
    cause: ReclaimCause,
    onlyExpired: boolean,
  ): Promise<ReclaimResult> {
    const { processing, main, suspects, stats, consumers } = this.#keys;
    const activity = this.#activityKey !== undefined;
    const reply = await reclaimScript.run(
      this.#redis,
      [
        processing(consumer),
        main,
        suspects,
        stats,
        this.#activityKey ?? stats,
        consumers,
        ...deadLetterKeys(this.#keys),
      ],
      [
        consumer,
        onlyExpired ? this.#leaseMs : '',
        raws.length,
        ...raws.flatMap((raw) => reclaimArgs(raw, consumer, cause, activity)),
      ],
    );
    const [requeued, deadLettered] = reply as [number, number];
    return { requeued, deadLettered };
  }

  /**
   * Finds processing lists whose consumer has no heartbeat and makes them expired consumers, so that they are reaped. Every
   * consumer's name is also in a set of its own; only where the heartbeats are gone altogether, as after a loss of keys, is
   * every key scanned.
   */
  async recoverOrphans(): Promise<string[]> {
    const { consumers, knownConsumers } = this.#keys;
    const [beats, known] = await Promise.all([
      this.#redis.zrange(consumers, '0', '-1'),
      this.#redis.smembers(knownConsumers),
    ]);
    const alive = new Set(beats);
    const names = alive.size === 0 ? [...known, ...(await this.#scanForConsumers())] : known;
    const orphaned = [...new Set(names)].filter((name) => !alive.has(name));
    for (const name of orphaned) await this.#redis.zadd(consumers, 'NX', 0, name);
    return orphaned;
  }

  async #scanForConsumers(): Promise<string[]> {
    const nodes = this.#redis instanceof Cluster ? this.#redis.nodes('master') : [this.#redis];
    const found = new Set<string>();
    for (const node of nodes) {
      const stream = node.scanStream({ match: this.#keys.processingPattern, count: 1_000, type: 'list' });
      for await (const keys of stream) for (const key of keys as string[]) found.add(key);
    }
    return [...found].map((key) => key.slice(this.#keys.processing('').length));
  }

  /** A consumer without heartbeats for long and with nothing in flight is gone. */
  async #removeConsumer(consumer: string): Promise<void> {
    const { consumers, processing, consumerStats, knownConsumers } = this.#keys;
    await removeConsumerScript.run(
      this.#redis,
      [consumers, processing(consumer), consumerStats, knownConsumers],
      [consumer, removeAfterMs],
    );
  }
}
