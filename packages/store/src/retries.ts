import type { RedisConnection } from './connection.ts';
import { escapeGlob, type QueueKeys } from './keys.ts';
import { promoteScript } from './queue-scripts.ts';

/** The messages that wait for their next attempt. */
export class Retries {
  readonly #redis: RedisConnection;
  readonly #keys: QueueKeys;

  constructor(parts: { redis: RedisConnection; keys: QueueKeys }) {
    this.#redis = parts.redis;
    this.#keys = parts.keys;
  }

  /** Moves up to `max` that are due to the end of the line; tells how many. */
  async promote(max: number): Promise<number> {
    return Number(await promoteScript.run(this.#redis, [this.#keys.retry, this.#keys.main], [max]));
  }

  /**
   * Makes those due `now` (ms) whose reason ends with ` <word>`; tells how many. It reads every retry, so it is for the
   * rare moments when a side comes back.
   */
  async hasten(word: string, now: number): Promise<number> {
    const { retry } = this.#keys;
    const pattern = `*${escapeGlob(JSON.stringify(` ${word}`).slice(1))}*`;
    let hastened = 0;
    let cursor = '0';
    do {
      const [next, found] = await this.#redis.zscan(retry, cursor, 'MATCH', pattern, 'COUNT', 1_000);
      const members = found.filter((_, index) => index % 2 === 0);
      // XX: one that was promoted meanwhile must not come back. LT: one that is due sooner stays so.
      if (members.length > 0) {
        const scores = members.flatMap((member) => [now, member]);
        hastened += await this.#redis.zadd(retry, 'XX', 'LT', 'CH', ...scores);
      }
      cursor = next;
    } while (cursor !== '0');
    return hastened;
  }
}
