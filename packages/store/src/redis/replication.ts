import type { RedisConnection } from './connection.ts';
import { NotReplicatedError } from './errors.ts';

/** Time for a replica near by to write and sync; with it an enqueue stays below the forwarder's 500 ms for Redis. */
const replicaTimeoutMs = 300;

/**
 * Makes sure that replicas have what was written, so that a failover cannot lose what was confirmed. Whoever asks in the
 * same turn of the event loop shares one WAIT (https://redis.io/docs/latest/commands/wait/).
 */
export class Replication {
  readonly #redis: RedisConnection;
  readonly #replicas: number;
  #next: Promise<void> | undefined;

  /** `replicas` that must have each write, at least 1. A Cluster's WAIT would ask any node, so it is not for those. */
  constructor(redis: RedisConnection, replicas: number) {
    this.#redis = redis;
    this.#replicas = replicas;
  }

  /**
   * Resolves when enough replicas have all that this connection wrote until now.
   * @throws NotReplicatedError when they do not within 300 ms
   */
  confirm(): Promise<void> {
    this.#next ??= new Promise((resolve) => setImmediate(resolve)).then(() => {
      this.#next = undefined;
      return this.#wait();
    });
    return this.#next;
  }

  async #wait(): Promise<void> {
    const reached = await this.#redis.wait(this.#replicas, replicaTimeoutMs);
    if (reached < this.#replicas) throw new NotReplicatedError(reached, this.#replicas);
  }
}
