import type { Product } from './catalog.ts';
import type { MarketFees } from './market-fees.ts';
import type { Region } from './regions.ts';
import type { ShopMarket } from './shop-market.ts';

/** One line of an order. Money is per unit and in minor units (cents). */
export interface Line {
  product: Product;
  modelId: number;
  modelName: string;
  modelSku: string;
  quantity: number;
  /** Before any discount. */
  original: number;
  /** After the seller's discount on the item, before the price of its bundle. */
  single: number;
  /** After all of the seller's discounts; 0 for a gift. */
  selling: number;
  /** After Shopee's discount too: what the buyer pays before vouchers. */
  paid: number;
  promotionType:
    | ''
    | 'seller_discount'
    | 'flash_sale'
    | 'bundle_deal'
    | 'add_on_deal_main'
    | 'add_on_deal_sub'
    | 'welcome_package_free_gift';
  /** Taken for each bottle, in Singapore. */
  deposit?: number;
  /** A uint64: now and then beyond 2^53. */
  promotionId: bigint;
  orderItemId: number;
  lineItemId: number;
}

/** What never changes about an order, generated from its seed. Money in minor units. */
export interface OrderContent {
  lines: readonly Line[];
  buyer: { userId: number; username: string; name: string; phone: string };
  address: { town: string; district: string; city: string; state: string; zipcode: string; street: string };
  cod: boolean;
  paymentMethod: string;
  carrier: { name: string; channelId: number; prefix: string };
  /** `real` is what the carrier takes; the buyer pays `buyerPays` of it and Shopee rebates the rest. */
  shipping: { real: number; buyerPays: number };
  sellerVoucher: number;
  sellerVoucherCode: string;
  shopeeVoucher: number;
  coins: number;
  serviceProgram: boolean;
  extras: OrderExtras;
  messageToSeller: string;
  note: string;
  daysToShip: number;
  dropshipper: string;
  /** Sent in two packages. */
  split: boolean;
}

/** A correction that Shopee posts after the release; no push and no update_time tells of it. */
export interface Correction {
  /** Seconds after the release. */
  after: number;
  /** Signed, in minor units. */
  amount: number;
  reason: string;
}

/** The rarer parts of an order's money, in minor units. Rates are in ten-thousandths. */
export interface OrderExtras {
  market: ShopMarket;
  fees: MarketFees;
  /** Part of `shopeeVoucher`: paid by a third party. */
  externalVoucher: number;
  coinCashBack: number;
  /** What a bank or payment channel gives the buyer. */
  channelPromotion: number;
  pixDiscount: number;
  /** Part of the shipping that the seller takes over from the buyer. */
  sellerShipping: number;
  carrierDiscount: number;
  /** Paid by the buyer on top. */
  packagingFee: number;
  productProtection: number;
  buyerServiceFee: number;
  buyerTransactionFee: number;
  buyerTax: number;
  bulkyHandling: number;
  deposit: number;
  /** A trade-in bonus takes `total` off the buyer's sum, of which the seller pays `seller`. */
  tradeIn: { total: number; seller: number };
  instalments: string;
  affiliateRate: number;
  adsRate: number;
  campaignRate: number;
  isFulfilledByShopee: boolean;
  /** Paid out in two steps, the first before the order is completed. */
  isEarlyRelease: boolean;
  corrections: readonly Correction[];
  /** A return after the release moves the escrow, or is posted as a correction: both were seen. */
  isLateReturnPosted: boolean;
}

/** The sum over all units of the lines. */
export function sum(lines: readonly Line[], ofUnit: (line: Line) => number): number {
  return lines.reduce((total, line) => total + ofUnit(line) * line.quantity, 0);
}

/** Down to a price that the market uses. */
export function roundTo(amount: number, region: Region): number {
  return Math.floor(amount / region.step) * region.step;
}
