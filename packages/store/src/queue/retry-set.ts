import type { RedisConnection } from '../redis/connection.ts';
import { escapeGlob, type QueueKeys } from '../redis/keys.ts';
import { promoteScript } from './queue-scripts.ts';

/** Less than that is a clock that was put right. */
const clockJumpToleranceMs = 5_000;

/** The messages that wait for their next attempt. */
export class RetrySet {
  readonly #redis: RedisConnection;
  readonly #keys: QueueKeys;
  readonly #clock: () => number;
  /** How far the time of Redis was ahead of our own clock at the last look, at least, ms. */
  #clockOffset = -Infinity;

  /** `clock` never goes back, ms. */
  constructor(parts: { redis: RedisConnection; keys: QueueKeys; clock?: (() => number) | undefined }) {
    this.#redis = parts.redis;
    this.#keys = parts.keys;
    this.#clock = parts.clock ?? (() => performance.now());
  }

  /** Moves up to `max` that are due to the end of the line; tells how many. */
  async promoteDue(max: number): Promise<number> {
    const requestedAt = this.#clock();
    const { retry, main } = this.#keys;
    const [moved, now] = (await promoteScript.run(this.#redis, [retry, main], [max])) as [number, string];
    const respondedAt = this.#clock();
    // What was to come by the old clock would wait as much longer: all are due now, for an attempt too early does no harm.
    if (Number(now) - requestedAt < this.#clockOffset - clockJumpToleranceMs) {
      await this.#redis.call('ZUNIONSTORE', retry, 1, retry, 'WEIGHTS', 0);
    }
    this.#clockOffset = Number(now) - respondedAt;
    return moved;
  }

  /**
   * Makes those due `now` (ms) whose reason ends with ` <suffix>`; returns how many. It reads every retry, so it is for the
   * rare moments when a side comes back.
   */
  async retryNow(reasonSuffix: string, now: number): Promise<number> {
    const { retry } = this.#keys;
    const pattern = `*${escapeGlob(JSON.stringify(` ${reasonSuffix}`).slice(1))}*`;
    let rescheduled = 0;
    let cursor = '0';
    do {
      const [next, found] = await this.#redis.zscan(retry, cursor, 'MATCH', pattern, 'COUNT', 1_000);
      const members = found.filter((_, index) => index % 2 === 0);
      // XX: one that was promoted meanwhile must not come back. LT: one that is due sooner stays so.
      if (members.length > 0) {
        const scores = members.flatMap((member) => [now, member]);
        rescheduled += await this.#redis.zadd(retry, 'XX', 'LT', 'CH', ...scores);
      }
      cursor = next;
    } while (cursor !== '0');
    return rescheduled;
  }
}
