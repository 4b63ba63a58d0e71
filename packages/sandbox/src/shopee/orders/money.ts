import { sum, type OrderContent } from './generate-order.ts';
import type { Region } from './regions.ts';

/** Where the buyer's money goes, in minor units. */
export interface Money {
  originalPrice: number;
  sellerDiscount: number;
  shopeeDiscount: number;
  /** After the seller's discount. */
  selling: number;
  /** What the buyer pays for the goods before vouchers. */
  merchandise: number;
  sellerVoucher: number;
  shopeeVoucher: number;
  coins: number;
  buyerShipping: number;
  actualShipping: number;
  shippingRebate: number;
  commission: number;
  service: number;
  transaction: number;
  refund: number;
  reverseShipping: number;
  buyerTotal: number;
  escrow: number;
  adjustment: number;
}

/** How far an order has come, as far as its money depends on it. */
export interface MoneyStage {
  shipped: boolean;
  completed: boolean;
  cancelled: boolean;
  /** Refunded to the buyer by returns, in minor units. */
  refund: number;
}

/** What the buyer of this order pays in the end, in minor units. */
export function buyerTotalOf(content: OrderContent): number {
  const merchandise = sum(content.lines, (line) => line.paid);
  return merchandise - content.sellerVoucher - content.shopeeVoucher - content.coins + content.shipping.buyerPays;
}

/**
 * The order's money; adds up by the formula that Shopee prints with `escrow_amount`. The real shipping fee and its rebate
 * are 0 until the parcel was picked up, as in the capture. A cancelled order earns nothing.
 */
export function moneyOf(content: OrderContent, region: Region, stage: MoneyStage): Money {
  if (stage.cancelled) return nothing;
  const originalPrice = sum(content.lines, (line) => line.original);
  const selling = sum(content.lines, (line) => line.selling);
  const merchandise = sum(content.lines, (line) => line.paid);
  const buyerTotal = buyerTotalOf(content);
  const base = selling - content.sellerVoucher;
  const fee = (amount: number, tenThousandths: number) => Math.round((amount * tenThousandths) / 10_000);
  const money: Money = {
    originalPrice,
    sellerDiscount: originalPrice - selling,
    shopeeDiscount: selling - merchandise,
    selling,
    merchandise,
    sellerVoucher: content.sellerVoucher,
    shopeeVoucher: content.shopeeVoucher,
    coins: content.coins,
    buyerShipping: content.shipping.buyerPays,
    actualShipping: stage.shipped ? content.shipping.real : 0,
    shippingRebate: stage.shipped ? content.shipping.real - content.shipping.buyerPays : 0,
    commission: fee(base, region.commission),
    service: content.serviceProgram ? fee(base, region.service) : 0,
    transaction: fee(buyerTotal, region.transaction),
    refund: stage.refund,
    reverseShipping: stage.refund > 0 ? content.shipping.real : 0,
    buyerTotal,
    escrow: 0,
    adjustment: stage.completed ? content.adjustment : 0,
  };
  return { ...money, escrow: escrowOf(money) };
}

function escrowOf(money: Money): number {
  const earned = money.selling - money.sellerVoucher - money.refund;
  const shipping = money.buyerShipping - money.actualShipping + money.shippingRebate - money.reverseShipping;
  return earned + shipping - money.commission - money.service - money.transaction;
}

const nothing: Money = {
  originalPrice: 0,
  sellerDiscount: 0,
  shopeeDiscount: 0,
  selling: 0,
  merchandise: 0,
  sellerVoucher: 0,
  shopeeVoucher: 0,
  coins: 0,
  buyerShipping: 0,
  actualShipping: 0,
  shippingRebate: 0,
  commission: 0,
  service: 0,
  transaction: 0,
  refund: 0,
  reverseShipping: 0,
  buyerTotal: 0,
  escrow: 0,
  adjustment: 0,
};

/** Splits an amount over weights so that the parts add up to it exactly. */
export function prorate(amount: number, weights: readonly number[]): number[] {
  const total = weights.reduce((left, right) => left + right, 0);
  let given = 0;
  return weights.map((weight, index) => {
    const part =
      index === weights.length - 1 ? amount - given : total === 0 ? 0 : Math.floor((amount * weight) / total);
    given += part;
    return part;
  });
}
