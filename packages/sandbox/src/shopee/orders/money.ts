import { sum, type Line, type OrderContent } from './generate-order.ts';
import type { Region } from './regions.ts';

/** Where the buyer's money goes, in minor units. What stays as it was at checkout is called so; the rest is what remains. */
export interface Money {
  /** Without any discount, at checkout and of what was not returned. */
  checkoutPrice: number;
  originalPrice: number;
  sellerDiscount: number;
  checkoutShopeeDiscount: number;
  shopeeDiscount: number;
  /** After the seller's discount. */
  checkoutSelling: number;
  selling: number;
  /** What the buyer pays for the goods before vouchers. */
  checkoutMerchandise: number;
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
  /** Of the returned goods: their value, which the seller is charged, and the promotions on them that Shopee takes back. */
  returned: ReturnedMoney;
  reverseShipping: number;
  /** For a parcel that could not be delivered. */
  returnToSeller: number;
  buyerTotal: number;
  escrow: number;
  adjustment: number;
}

/** The money of returned goods. The buyer gets back `refund`: the goods without the promotions on them. */
export interface ReturnedMoney {
  goods: number;
  sellerVoucher: number;
  shopeeVoucher: number;
  coins: number;
  refund: number;
  /** The goods before any discount. */
  beforeDiscount: number;
}

/** How far an order has come, as far as its money depends on it. */
export interface MoneyStage {
  shipped: boolean;
  completed: boolean;
  cancelled: boolean;
  /** The parcel went back to the seller: a buyer who pays at the door did not. */
  undelivered: boolean;
  /** How much of each line was returned. */
  returned: readonly number[];
}

/** What the buyer of this order pays in the end, in minor units. */
export function buyerTotalOf(content: OrderContent): number {
  const merchandise = sum(content.lines, (line) => line.paid);
  return merchandise - content.sellerVoucher - content.shopeeVoucher - content.coins + content.shipping.buyerPays;
}

/** What a buyer gets back who returns that much of each line, and what it costs the seller. */
export function returnedMoneyOf(content: OrderContent, quantities: readonly number[]): ReturnedMoney {
  const weights = content.lines.map((line) => line.paid * line.quantity);
  const share = (amount: number) => {
    const parts = prorate(amount, weights);
    return content.lines.reduce((total, line, index) => {
      const quantity = quantities[index] ?? 0;
      return total + Math.round(((parts[index] ?? 0) * quantity) / line.quantity);
    }, 0);
  };
  const goods = ofReturned(content, quantities, (line) => line.paid);
  const sellerVoucher = share(content.sellerVoucher);
  const shopeeVoucher = share(content.shopeeVoucher);
  const coins = share(content.coins);
  const beforeDiscount = ofReturned(content, quantities, (line) => line.original);
  return {
    goods,
    sellerVoucher,
    shopeeVoucher,
    coins,
    refund: goods - sellerVoucher - shopeeVoucher - coins,
    beforeDiscount,
  };
}

/**
 * The order's money; adds up by the formula that Shopee prints with `escrow_amount`. The real shipping fee and its rebate
 * are 0 until the parcel was picked up, as in the capture. A cancelled order is one of which everything was returned.
 */
export function moneyOf(content: OrderContent, region: Region, stage: MoneyStage): Money {
  const all = content.lines.map((line) => line.quantity);
  const quantities = stage.cancelled ? all : stage.returned;
  const returned = returnedMoneyOf(content, quantities);
  const whole = (ofUnit: (line: Line) => number) => sum(content.lines, ofUnit);
  const left = (ofUnit: (line: Line) => number) => whole(ofUnit) - ofReturned(content, quantities, ofUnit);
  const selling = left((line) => line.selling);
  const merchandise = left((line) => line.paid);
  const sellerVoucher = content.sellerVoucher - returned.sellerVoucher;
  const buyerTotal = buyerTotalOf(content);
  const base = selling - sellerVoucher;
  const fee = (amount: number, tenThousandths: number) => Math.round((amount * tenThousandths) / 10_000);
  const isReturned = !stage.cancelled && returned.goods > 0;
  const money: Money = {
    checkoutPrice: whole((line) => line.original),
    originalPrice: left((line) => line.original),
    sellerDiscount: left((line) => line.original - line.selling),
    checkoutShopeeDiscount: whole((line) => line.selling - line.paid),
    shopeeDiscount: selling - merchandise,
    checkoutSelling: whole((line) => line.selling),
    selling,
    checkoutMerchandise: whole((line) => line.paid),
    merchandise,
    sellerVoucher,
    shopeeVoucher: content.shopeeVoucher - returned.shopeeVoucher,
    coins: content.coins - returned.coins,
    ...shippingOf(content, stage),
    commission: fee(base, region.commission),
    service: content.serviceProgram ? fee(base, region.service) : 0,
    transaction: stage.cancelled ? 0 : fee(buyerTotal - returned.refund, region.transaction),
    returned,
    reverseShipping: isReturned ? content.shipping.real : 0,
    returnToSeller: stage.undelivered ? content.shipping.real : 0,
    buyerTotal,
    escrow: 0,
    adjustment: stage.completed ? content.adjustment : 0,
  };
  return { ...money, escrow: escrowOf(money) };
}

function shippingOf(content: OrderContent, stage: MoneyStage) {
  const { real, buyerPays } = content.shipping;
  if (stage.undelivered) return { buyerShipping: 0, actualShipping: real, shippingRebate: 0 };
  if (stage.cancelled) return { buyerShipping: 0, actualShipping: 0, shippingRebate: 0 };
  return {
    buyerShipping: buyerPays,
    actualShipping: stage.shipped ? real : 0,
    shippingRebate: stage.shipped ? real - buyerPays : 0,
  };
}

function escrowOf(money: Money): number {
  const goods = money.checkoutSelling - money.checkoutShopeeDiscount + money.shopeeDiscount - money.returned.goods;
  const shipping =
    money.buyerShipping - money.actualShipping + money.shippingRebate - money.reverseShipping - money.returnToSeller;
  return goods - money.sellerVoucher + shipping - money.commission - money.service - money.transaction;
}

function ofReturned(content: OrderContent, quantities: readonly number[], ofUnit: (line: Line) => number): number {
  return content.lines.reduce((total, line, index) => total + ofUnit(line) * (quantities[index] ?? 0), 0);
}

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
