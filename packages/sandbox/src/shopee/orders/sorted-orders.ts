import type { OrderRecord } from './order-record.ts';

export type TimeField = 'create_time' | 'update_time';

interface SortedList {
  records: OrderRecord[];
  /** Something changed since it was last in order. */
  dirty: boolean;
}

/** Orders by shop and time; a list is put in order again when it is requested, which is quick for one that nearly is. */
export class SortedOrders {
  readonly #lists = new Map<string, SortedList>();

  add(record: OrderRecord): void {
    for (const field of ['create_time', 'update_time'] as const) {
      const list = this.#list(record.shopId, field);
      list.records.push(record);
      list.dirty = true;
    }
  }

  /** The order's update_time is another now. */
  touched(record: OrderRecord): void {
    this.#list(record.shopId, 'update_time').dirty = true;
  }

  /** Both times are included. */
  between(query: { shopId: number; field: TimeField; from: number; to: number }): readonly OrderRecord[] {
    const { field, from, to } = query;
    const list = this.#list(query.shopId, field);
    if (list.dirty) {
      list.records.sort((left, right) => timeOf(left, field) - timeOf(right, field) || left.index - right.index);
      list.dirty = false;
    }
    return list.records.slice(firstAt(list.records, field, from), firstAt(list.records, field, to + 1));
  }

  #list(shopId: number, field: TimeField): SortedList {
    const key = `${shopId} ${field}`;
    const list = this.#lists.get(key) ?? { records: [], dirty: false };
    this.#lists.set(key, list);
    return list;
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
