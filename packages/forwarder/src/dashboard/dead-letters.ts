import { HttpError } from '@shopee-webhook/runtime';
import type { DeadLetterGroup, DeadLetterProgress, Inspector } from '@shopee-webhook/store';
import type { Spool, SpooledDeadLetter } from '../spool/spool.ts';
import type { DeadLetterChoice, DeadLetterDetail, DeadLetterFilter } from './api-types.ts';
import { deadLetterOf, spooledDeadLetterOf } from './present-dead-letter.ts';

export interface DeadLettersOptions {
  /** undefined: REDIS_ENABLED=false, so that they are on this forwarder's disk. */
  redis: { inspector: Inspector; isUsable: () => boolean } | undefined;
  spool: Pick<Spool, 'deadLetters' | 'removeDeadLetters' | 'replayDeadLetters'>;
}

export interface DecidedOver {
  done: number;
  refused: number;
  missing: number;
}

/** Without Redis more than that are not looked through. */
const mostOnDisk = 10_000;

/** The events that were given up, in Redis or, without it, on the disk. */
export class DeadLetters {
  readonly #options: DeadLettersOptions;

  constructor(options: DeadLettersOptions) {
    this.#options = options;
  }

  async page(
    filter: DeadLetterFilter,
    { offset, limit }: { offset: number; limit: number },
  ): Promise<{ total: number; letters: DeadLetterDetail[] }> {
    const inspector = this.#inspector();
    if (inspector === undefined) {
      const all = this.#onDisk(filter);
      return { total: all.length, letters: all.slice(offset, offset + limit).map(spooledDeadLetterOf) };
    }
    const { total, letters } = await inspector.deadLetters({ offset, count: limit, filter: inRedis(filter) });
    return { total, letters: letters.map(deadLetterOf) };
  }

  async groups(filter: DeadLetterFilter): Promise<DeadLetterGroup[]> {
    const inspector = this.#inspector();
    if (inspector !== undefined) return inspector.groups(inRedis(filter));
    const byReason = Map.groupBy(this.#onDisk(filter), ({ reason }) => reason);
    return [...byReason]
      .map(([reason, [newest, ...others]]) => ({
        reason,
        error: newest?.error ?? '',
        count: others.length + 1,
        firstDeadAt: (others.at(-1) ?? newest)?.deadAt,
        lastDeadAt: newest?.deadAt,
        codes: [...new Set([newest, ...others].flatMap((letter) => letter?.code ?? []))],
      }))
      .toSorted((one, other) => other.count - one.count);
  }

  async one(id: string): Promise<DeadLetterDetail | undefined> {
    const inspector = this.#inspector();
    if (inspector === undefined) {
      const letter = this.#onDisk({}).find((one) => one.id === id);
      return letter && spooledDeadLetterOf(letter);
    }
    const letter = await inspector.deadLetter(id);
    return letter && deadLetterOf(letter);
  }

  /** Every one that the filter lets through, newest first. */
  async *each(filter: DeadLetterFilter): AsyncGenerator<DeadLetterDetail> {
    const inspector = this.#inspector();
    if (inspector === undefined) yield* this.#onDisk(filter).map(spooledDeadLetterOf);
    else for await (const letter of inspector.eachDeadLetter(inRedis(filter))) yield deadLetterOf(letter);
  }

  async count(choice: DeadLetterChoice): Promise<number> {
    if ('ids' in choice) return choice.ids.length;
    return (await this.page(choice.filter, { offset: 0, limit: 0 })).total;
  }

  async decide(
    what: 'replay' | 'discard',
    choice: DeadLetterChoice,
    onProgress: DeadLetterProgress,
  ): Promise<DecidedOver> {
    const inspector = this.#inspector();
    if (inspector === undefined) return this.#decideOnDisk(what, choice);
    const chosen = 'ids' in choice ? choice : { filter: inRedis(choice.filter) };
    if (what === 'replay') {
      const { replayed, refused, missing } = await inspector.replay(chosen, onProgress);
      return { done: replayed, refused, missing };
    }
    const { discarded, missing } = await inspector.discard(chosen, onProgress);
    return { done: discarded, refused: 0, missing };
  }

  #decideOnDisk(what: 'replay' | 'discard', choice: DeadLetterChoice): DecidedOver {
    const { spool } = this.#options;
    const ids = 'ids' in choice ? choice.ids : this.#onDisk(choice.filter).map(({ id }) => id);
    const done = what === 'replay' ? spool.replayDeadLetters(ids) : spool.removeDeadLetters(ids);
    return { done, refused: 0, missing: ids.length - done };
  }

  /** undefined: without Redis. Throws 503 while Redis is away. */
  #inspector(): Inspector | undefined {
    const { redis } = this.#options;
    if (redis === undefined || redis.isUsable()) return redis?.inspector;
    throw new HttpError(503, 'redis_away', 'Redis cannot be used now, and the dead letters are in it');
  }

  /** Newest first. */
  #onDisk(filter: DeadLetterFilter): SpooledDeadLetter[] {
    const { reason, code, shop, from = 0, to = Infinity } = filter;
    return this.#options.spool
      .deadLetters({ limit: mostOnDisk })
      .filter(
        (letter) =>
          (reason === undefined || letter.reason === reason) &&
          (code === undefined || letter.code === code) &&
          (shop === undefined || letter.shop === shop) &&
          letter.deadAt >= from &&
          letter.deadAt < to,
      )
      .toReversed();
  }
}

function inRedis({ shop, ...filter }: DeadLetterFilter) {
  return { ...filter, shopId: shop };
}
