import type { OrderRecord } from './order-record.ts';

export type TimeField = 'create_time' | 'update_time';

/** Orders by shop and time, sorted when first asked for after a change. */
export class SortedOrders {
  readonly #lists = new Map<string, OrderRecord[]>();
  /** Which orders there are has not changed for the lists below; their times may have. */
  #stale = true;

  changed(): void {
    this.#stale = true;
  }

  between(
    all: Iterable<OrderRecord>,
    { shopId, field, from, to }: { shopId: number; field: TimeField; from: number; to: number },
  ): readonly OrderRecord[] {
    if (this.#stale) this.#lists.clear();
    this.#stale = false;
    const key = `${shopId} ${field}`;
    let list = this.#lists.get(key);
    if (list === undefined) {
      list = [...all].filter((record) => record.shopId === shopId);
      list.sort((left, right) => timeOf(left, field) - timeOf(right, field) || left.index - right.index);
      this.#lists.set(key, list);
    }
    return list.slice(firstAt(list, field, from), firstAt(list, field, to + 1));
  }
}

function timeOf(record: OrderRecord, field: TimeField): number {
  return field === 'create_time' ? record.createTime : record.updateTime;
}

/** The index of the first order at that time or later. */
function firstAt(list: readonly OrderRecord[], field: TimeField, time: number): number {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const record = list[middle];
    if (record !== undefined && timeOf(record, field) < time) low = middle + 1;
    else high = middle;
  }
  return low;
}
