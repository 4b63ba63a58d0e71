import type { Masking, ShopeeSettings } from '../data/settings.ts';
import type { OrderRecord } from './order-record.ts';

/** How this order's buyer is shown under that setting. */
export function maskingFor(record: OrderRecord, setting: ShopeeSettings['masking']): Masking {
  if (setting !== 'by-status') return setting;
  return record.status === 'COMPLETED' || record.status === 'CANCELLED' ? 'full' : 'none';
}
