import { systemClock } from '@shopee-webhook/runtime/clock';
import type { RedisConnection } from '../redis/connection.ts';
import { escapeGlob, type QueueKeys } from '../redis/keys.ts';
import { correctOffsetScript, promoteScript } from './queue-scripts.ts';

/** Less than that is a clock that was adjusted. */
const clockStepToleranceMs = 5_000;

/** The server's clock against our own, as far as two readings around a reply can say, ms. */
interface ClockDifference {
  least: number;
  most: number;
  offset: string;
}

/**
 * The messages that wait for their next attempt. Their due times follow the server's clock; when that is set back or forward,
 * which shows against a monotonic one, the difference goes into an offset, so that each still waits as long as it should.
 */
export class RetrySet {
  readonly #redis: RedisConnection;
  readonly #keys: QueueKeys;
  readonly #monotonicMs: () => number;
  #last: ClockDifference | undefined;

  constructor(deps: { redis: RedisConnection; keys: QueueKeys; clock?: (() => number) | undefined }) {
    this.#redis = deps.redis;
    this.#keys = deps.keys;
    this.#monotonicMs = deps.clock ?? systemClock.monotonicMs;
  }

  /** Moves up to `max` due messages to the back of the queue; returns how many. */
  async promoteDue(max: number): Promise<number> {
    const requestedAt = this.#monotonicMs();
    const { retry, main, clockOffset } = this.#keys;
    const reply = await promoteScript.run(this.#redis, [retry, main, clockOffset], [max]);
    const [moved, now, offset] = reply as [number, string, string];
    await this.#follow({ least: Number(now) - this.#monotonicMs(), most: Number(now) - requestedAt, offset });
    return moved;
  }

  /**
   * Makes those due whose reason ends with ` <reasonSuffix>`; returns how many. It reads every retry, a batch at a time, so it
   * is for the rare moments when an upstream recovers.
   */
  async retryNow(reasonSuffix: string, now: number): Promise<number> {
    const { retry, clockOffset } = this.#keys;
    const dueAt = now + Number((await this.#redis.get(clockOffset)) ?? 0);
    const pattern = `*${escapeGlob(JSON.stringify(` ${reasonSuffix}`).slice(1))}*`;
    let rescheduled = 0;
    let cursor = '0';
    do {
      const [next, found] = await this.#redis.zscan(retry, cursor, 'MATCH', pattern, 'COUNT', 1_000);
      const members = found.filter((_, index) => index % 2 === 0);
      // XX: one that was promoted meanwhile must not come back. LT: one that is due sooner stays so.
      if (members.length > 0) {
        const scores = members.flatMap((member) => [dueAt, member]);
        rescheduled += await this.#redis.zadd(retry, 'XX', 'LT', 'CH', ...scores);
      }
      cursor = next;
    } while (cursor !== '0');
    return rescheduled;
  }

  /** Corrects the offset when the server's clock stepped since the last reply. Another process may have done it already. */
  async #follow(difference: ClockDifference): Promise<void> {
    const last = this.#last;
    this.#last = difference;
    if (last === undefined || last.offset !== difference.offset) return;
    const [back, forward] = [last.least - difference.most, difference.least - last.most];
    const step = back > clockStepToleranceMs ? back : forward > clockStepToleranceMs ? -forward : 0;
    if (step === 0) return;
    const corrected = String(Math.round(Number(difference.offset) + step));
    await correctOffsetScript.run(this.#redis, [this.#keys.clockOffset], [difference.offset, corrected]);
    this.#last = { ...difference, offset: corrected };
  }
}
