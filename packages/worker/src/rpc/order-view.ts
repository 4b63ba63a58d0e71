import type { ShopeeOrderDetails } from '@shopee-webhook/contracts/worker-rpc';
import { formatMoney, incomeIds, incomeLabel, incomeTerms, summarizeOrder, type Income } from '@shopee-webhook/shopee';
import type { FetchedOrder } from '../orders/order-source.ts';

/** An order as the dashboard shows it. */
export function toShopeeOrder({ order, escrow, trackingNumbers = [] }: FetchedOrder): ShopeeOrderDetails {
  const summary = summarizeOrder(order, escrow, { trackingNumbers });
  const { currency, times, buyer } = summary;
  const money = (amount: number | undefined) => (amount === undefined ? null : formatMoney(amount, currency));
  return {
    sn: summary.sn,
    status: summary.status ?? null,
    region: summary.region ?? null,
    currency: currency ?? null,
    createdAt: toMs(times.created),
    updatedAt: toMs(times.updated),
    paidAt: toMs(times.paid),
    shipBy: toMs(times.shipBy),
    totalText: money(summary.total),
    buyer: {
      username: buyer.username ?? null,
      name: buyer.name ?? null,
      phone: buyer.phone ?? null,
      address: buyer.address ?? null,
    },
    paymentMethod: summary.paymentMethod ?? null,
    carrier: summary.carrier ?? null,
    trackingNumbers: summary.trackingNumbers,
    note: summary.note ?? null,
    messageToSeller: summary.messageToSeller ?? null,
    cancelReason: summary.cancelReason ?? null,
    items: summary.items.map(({ name, variation, sku, quantity, unitPrice }) => ({
      name: name ?? '',
      variation: variation ?? null,
      sku: sku ?? null,
      quantity: quantity ?? 0,
      priceText: money(unitPrice),
    })),
    income: incomeLines(summary.income, money),
  };
}

/** Unix seconds to ms; Shopee sends 0 for what has not happened. */
function toMs(seconds: number | undefined): number | null {
  return seconds === undefined || seconds === 0 ? null : seconds * 1000;
}

function incomeLines(income: Income | undefined, money: (amount: number | undefined) => string | null) {
  return incomeIds.flatMap((id) => {
    const amount = income?.amounts[id];
    const isSum = id === 'escrow_amount_after_adjustment';
    // A total would count its parts once more.
    if (amount === undefined || incomeTerms[id].role === 'total' || (amount === 0 && !isSum)) return [];
    return [{ label: incomeLabel(id), text: money(amount) ?? '', isSum }];
  });
}
