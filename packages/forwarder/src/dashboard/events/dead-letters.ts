import { HttpError } from '@shopee-webhook/runtime';
import type { DeadLetterGroup, DeadLetterProgress, QueueInspector } from '@shopee-webhook/store';
import type { Spool, SpooledDeadLetter } from '../../spool/spool.ts';
import type { DeadLetterSelection, DeadLetterDetail, DeadLetterFilter } from '@shopee-webhook/contracts/dashboard-api';
import { toDeadLetterDetail, spooledToDetail } from './dead-letter-serializer.ts';

export interface DeadLettersDeps {
  /** undefined: REDIS_ENABLED=false, so that they are on this forwarder's disk. */
  redis: { inspector: QueueInspector; isAvailable: () => boolean } | undefined;
  spool: Pick<Spool, 'deadLetters' | 'removeDeadLetters' | 'replayDeadLetters'>;
}

export interface BulkResult {
  done: number;
  rejected: number;
  missing: number;
}

/** Without Redis, at most so many are searched. */
const maxSpooled = 10_000;

/** Dead letters, in Redis or, without it, on the disk. */
export class DeadLetters {
  readonly #deps: DeadLettersDeps;

  constructor(deps: DeadLettersDeps) {
    this.#deps = deps;
  }

  async page(
    filter: DeadLetterFilter,
    { offset, limit }: { offset: number; limit: number },
  ): Promise<{ total: number; letters: DeadLetterDetail[] }> {
    const inspector = this.#inspector();
    if (inspector === undefined) {
      const all = this.#inSpool(filter);
      return { total: all.length, letters: all.slice(offset, offset + limit).map(spooledToDetail) };
    }
    const { total, deadLetters } = await inspector.listDeadLetters({
      offset,
      count: limit,
      filter: toRedisFilter(filter),
    });
    return { total, letters: deadLetters.map(toDeadLetterDetail) };
  }

  async groups(filter: DeadLetterFilter): Promise<DeadLetterGroup[]> {
    const inspector = this.#inspector();
    if (inspector !== undefined) return inspector.listDeadLetterGroups(toRedisFilter(filter));
    const byReason = Map.groupBy(this.#inSpool(filter), ({ reason }) => reason);
    return [...byReason]
      .map(([reason, [newest, ...others]]) => ({
        reason,
        error: newest?.error ?? '',
        count: others.length + 1,
        firstDeadLetteredAt: (others.at(-1) ?? newest)?.deadLetteredAt,
        lastDeadLetteredAt: newest?.deadLetteredAt,
        codes: [...new Set([newest, ...others].flatMap((letter) => letter?.code ?? []))],
      }))
      .toSorted((one, other) => other.count - one.count);
  }

  async one(id: string): Promise<DeadLetterDetail | undefined> {
    const inspector = this.#inspector();
    if (inspector === undefined) {
      const letter = this.#inSpool({}).find((one) => one.id === id);
      return letter && spooledToDetail(letter);
    }
    const letter = await inspector.deadLetter(id);
    return letter && toDeadLetterDetail(letter);
  }

  /** Every one that the filter lets through, newest first. */
  async *each(filter: DeadLetterFilter): AsyncGenerator<DeadLetterDetail> {
    const inspector = this.#inspector();
    if (inspector === undefined) yield* this.#inSpool(filter).map(spooledToDetail);
    else
      for await (const letter of inspector.iterateDeadLetters(toRedisFilter(filter))) yield toDeadLetterDetail(letter);
  }

  async count(choice: DeadLetterSelection): Promise<number> {
    if ('ids' in choice) return choice.ids.length;
    return (await this.page(choice.filter, { offset: 0, limit: 0 })).total;
  }

  async replayOrDiscard(
    what: 'replay' | 'discard',
    choice: DeadLetterSelection,
    onProgress: DeadLetterProgress,
  ): Promise<BulkResult> {
    const inspector = this.#inspector();
    if (inspector === undefined) return this.#replayOrDiscardSpooled(what, choice);
    const chosen = 'ids' in choice ? choice : { filter: toRedisFilter(choice.filter) };
    if (what === 'replay') {
      const { replayed, rejected, missing } = await inspector.replayDeadLetters(chosen, onProgress);
      return { done: replayed, rejected, missing };
    }
    const { discarded, missing } = await inspector.discardDeadLetters(chosen, onProgress);
    return { done: discarded, rejected: 0, missing };
  }

  #replayOrDiscardSpooled(what: 'replay' | 'discard', choice: DeadLetterSelection): BulkResult {
    const { spool } = this.#deps;
    const ids = 'ids' in choice ? choice.ids : this.#inSpool(choice.filter).map(({ id }) => id);
    const done = what === 'replay' ? spool.replayDeadLetters(ids) : spool.removeDeadLetters(ids);
    return { done, rejected: 0, missing: ids.length - done };
  }

  /** undefined: without Redis. Throws 503 while Redis is unavailable. */
  #inspector(): QueueInspector | undefined {
    const { redis } = this.#deps;
    if (redis === undefined || redis.isAvailable()) return redis?.inspector;
    throw new HttpError(503, 'redis_unavailable', 'Redis is unavailable, and the dead letters are in it');
  }

  /** Newest first. */
  #inSpool(filter: DeadLetterFilter): SpooledDeadLetter[] {
    const { reason, code, shop, from = 0, to = Infinity } = filter;
    return this.#deps.spool
      .deadLetters({ limit: maxSpooled })
      .filter(
        (letter) =>
          (reason === undefined || letter.reason === reason) &&
          (code === undefined || letter.code === code) &&
          (shop === undefined || letter.shop === shop) &&
          letter.deadLetteredAt >= from &&
          letter.deadLetteredAt < to,
      )
      .toReversed();
  }
}

function toRedisFilter({ shop, ...filter }: DeadLetterFilter) {
  return { ...filter, shopId: shop };
}
