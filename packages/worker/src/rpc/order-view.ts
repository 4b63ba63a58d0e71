import type { ShopeeOrderDetails } from '@shopee-webhook/contracts/worker-rpc';
import { formatMoney, summarizeOrder, type IncomeSummary } from '@shopee-webhook/shopee';
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

const labels: readonly (readonly [keyof IncomeSummary, label: string])[] = [
  ['buyerPaid', 'Buyer paid'],
  ['productPrice', 'Items before discounts'],
  ['sellerDiscount', 'Seller discount'],
  ['shopeeDiscount', 'Shopee discount'],
  ['sellerVoucher', 'Seller voucher'],
  ['shopeeVoucher', 'Shopee voucher'],
  ['coins', 'Coins'],
  ['shippingPaidByBuyer', 'Shipping paid by the buyer'],
  ['shippingRebate', 'Shipping rebate'],
  ['shippingActual', 'Actual shipping fee'],
  ['shippingReverse', 'Return shipping fee'],
  ['commission', 'Commission'],
  ['service', 'Service fee'],
  ['transaction', 'Transaction fee'],
  ['affiliateCommission', 'Affiliate commission'],
  ['campaign', 'Campaign fee'],
  ['processing', 'Processing fee'],
  ['tax', 'Tax'],
  ['refund', 'Refunded'],
  ['adjustments', 'Adjustments'],
  ['afterAdjustment', 'You receive'],
];

function incomeLines(income: IncomeSummary | undefined, money: (amount: number | undefined) => string | null) {
  if (income === undefined) return [];
  return labels.flatMap(([name, label]) => {
    const amount = income[name];
    if (typeof amount !== 'number' || (amount === 0 && name !== 'afterAdjustment')) return [];
    return [{ label, text: money(amount) ?? '' }];
  });
}
