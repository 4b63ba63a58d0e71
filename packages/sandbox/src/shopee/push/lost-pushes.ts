import type { JsonObject } from '../data/json.ts';

export interface LostPush {
  id: number;
  /** Unix seconds. */
  lostAt: number;
  code: number;
  shopId: number | undefined;
  /** The whole original push. */
  text: string;
}

const retentionSeconds = 3 * 86_400;

/** Pushes given up on after the last try, kept for three days until they are confirmed. */
export class LostPushes {
  readonly #now: () => number;
  #list: LostPush[] = [];
  #last = 176_610;

  constructor(now: () => number) {
    this.#now = now;
  }

  add(push: { code: number; shopId: number | undefined; text: string }): void {
    this.#last += 1;
    this.#list.push({ ...push, id: this.#last, lostAt: Math.floor(this.#now() / 1000) });
  }

  /** `response` of get_lost_push_message: the earliest 100 that are not confirmed. */
  page(): JsonObject {
    const all = this.all();
    const page = all.slice(0, 100);
    return {
      push_message_list: page.map(({ shopId, code, lostAt, text }) => ({
        ...(shopId === undefined ? {} : { shop_id: shopId }),
        code,
        timestamp: lostAt,
        data: text,
      })),
      has_next_page: all.length > page.length,
      last_message_id: page.at(-1)?.id ?? 0,
    };
  }

  /** Forgets everything up to that id. */
  confirm(lastMessageId: number): void {
    this.#list = this.#list.filter((push) => push.id > lastMessageId);
  }

  all(): readonly LostPush[] {
    const oldest = Math.floor(this.#now() / 1000) - retentionSeconds;
    this.#list = this.#list.filter((push) => push.lostAt >= oldest);
    return this.#list;
  }

  restore(list: readonly LostPush[]): void {
    this.#list = [...list];
    this.#last = Math.max(this.#last, ...list.map((push) => push.id));
  }
}
