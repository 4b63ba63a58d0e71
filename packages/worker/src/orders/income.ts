import { incomeIds, incomeOf } from '@shopee-webhook/shopee';
import type { Cell } from '@shopee-webhook/sheets';
import { toCell } from './cells.ts';
import type { FetchedOrder } from './order-source.ts';

/** The financial cells of an order; none while Shopee has no escrow for it, so that the cells stay as they are. */
export function incomeCells({ order, escrow }: Pick<FetchedOrder, 'order' | 'escrow'>): Record<string, Cell> {
  if (escrow === undefined) return {};
  const { amounts, other } = incomeOf(escrow, order.order_status);
  return {
    ...Object.fromEntries(incomeIds.map((id) => [id, toCell(amounts[id])])),
    other_currency: toCell(other?.currency),
    exchange_rate: toCell(other?.rate),
  };
}
