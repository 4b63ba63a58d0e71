import type { Escrow } from '../api/escrow.ts';
import type { OrderDetail } from '../api/order-detail.ts';
import { otherCurrency } from './income.ts';
import { currencyDecimals } from './money.ts';

/**
 * The order with its amounts in the currency of its escrow. They differ for orders of SIP affiliates only, whose order detail
 * has the seller's currency; an amount that cannot be converted, for want of a rate between the two, is left out.
 */
export function inSettlementCurrency(order: OrderDetail, escrow: Escrow | undefined): OrderDetail {
  const other = otherCurrency(escrow);
  const currency = escrow?.order_income.aff_currency;
  if (other === undefined || currency === undefined || order.currency === currency) return order;
  const rate = order.currency === other.currency ? other.rate : undefined;
  const converted = (amount: number | undefined) =>
    amount === undefined || rate === undefined
      ? undefined
      : Number((amount * rate).toFixed(Math.max(currencyDecimals(currency), 2)));
  return {
    ...order,
    currency,
    total_amount: converted(order.total_amount),
    item_list: order.item_list.map((item) => ({
      ...item,
      model_original_price: converted(item.model_original_price),
      model_discounted_price: converted(item.model_discounted_price),
    })),
  };
}
