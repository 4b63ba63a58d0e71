import { randomOf } from '../data/random.ts';
import { cancelReasons } from './catalog.ts';
import type { OrderRecord } from './order-record.ts';

/** Orders of the past: `count` of them, spread evenly from `from` to `to` (unix seconds). */
export interface PastOrders {
  count: number;
  from: number;
  to: number;
  shopIds?: readonly number[];
}

const hour = 3600;

/** How far an order of that age has come by `now` (seconds), with its times; most are completed after five days. */
export function historyOf(seed: number, record: OrderRecord, now: number): Partial<OrderRecord> {
  const random = randomOf(seed, 'history', record.index);
  const at = (hours: number) => record.createTime + Math.floor(hours * hour * (0.5 + random.next()));
  if (random.chance(0.06)) {
    const updateTime = Math.min(at(3), now);
    return { status: 'CANCELLED', updateTime, cancelBy: 'buyer', cancelReason: random.pick(cancelReasons) };
  }
  const payTime = at(0.1);
  const arrangedTime = payTime + random.int(1, 20) * hour;
  const pickupTime = arrangedTime + random.int(1, 24) * hour;
  const delivered = pickupTime + random.int(12, 72) * hour;
  const completed = delivered + random.int(12, 72) * hour;
  if (now < payTime) return {};
  if (now < arrangedTime) return { status: 'READY_TO_SHIP', payTime, updateTime: payTime };
  if (now < pickupTime) return { status: 'PROCESSED', payTime, arrangedTime, updateTime: arrangedTime };
  if (now < delivered) return { status: 'SHIPPED', payTime, arrangedTime, pickupTime, updateTime: pickupTime };
  const shipped = { payTime, arrangedTime, pickupTime };
  if (now < completed) return { ...shipped, status: 'TO_CONFIRM_RECEIVE', updateTime: delivered };
  return { ...shipped, status: 'COMPLETED', scenario: 'NORMAL', updateTime: completed };
}
