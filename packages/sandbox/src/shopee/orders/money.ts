import { sum, type Line, type OrderContent } from './order-content.ts';

/** Amounts in minor units by Shopee's field names, signed as on the wire. */
export type Amounts = Record<string, number>;

/** Where the buyer's money goes. */
export interface Money {
  /** The amounts of `order_income`. */
  income: Amounts;
  /** Those of `buyer_payment_info`: as it was at checkout. */
  payment: Amounts;
  escrow: number;
}

/** The money of returned goods. The buyer gets back `refund`: the goods without the promotions on them. */
export interface ReturnedMoney {
  /** What the seller is charged for the goods. */
  goods: number;
  sellerVoucher: number;
  shopeeVoucher: number;
  externalVoucher: number;
  coins: number;
  channelPromotion: number;
  pixDiscount: number;
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
  /** The carrier lost the parcel. */
  lost: boolean;
  /** The price of the shipping protection was posted. */
  isProtectionPosted: boolean;
  /** How much of each line was returned. */
  returned: readonly number[];
}

/** Added in the formula that Shopee prints with `escrow_amount`, the single call's and the batch call's page together… */
const added = [
  'original_cost_of_goods_sold', 'seller_return_refund', 'shopee_discount', 'buyer_paid_shipping_fee',
  'shopee_shipping_rebate', 'shipping_fee_discount_from_3pl', 'rsf_seller_protection_fee_claim_amount',
  'fsf_seller_protection_fee_claim_amount', 'buyer_paid_packaging_fee',
]; // prettier-ignore

/** …and what it takes off. */
const charged = [
  'original_shopee_discount', 'voucher_from_seller', 'seller_coin_cash_back', 'actual_shipping_fee',
  'reverse_shipping_fee', 'final_return_to_seller_shipping_fee', 'seller_transaction_fee', 'service_fee',
  'commission_fee', 'campaign_fee', 'shipping_seller_protection_fee_amount',
  'delivery_seller_protection_fee_premium_amount', 'final_escrow_product_gst', 'order_ams_commission_fee',
  'escrow_tax', 'sales_tax_on_lvg', 'reverse_shipping_fee_sst', 'shipping_fee_sst', 'withholding_tax',
  'overseas_return_service_fee', 'vat_on_imported_goods', 'withholding_vat_tax', 'withholding_pit_tax',
  'withholding_cit_tax', 'seller_order_processing_fee', 'trade_in_bonus_by_seller', 'fbs_fee',
  'ads_escrow_top_up_fee_or_technical_support_fee', 'th_import_duty',
]; // prettier-ignore

/** What the buyer of this order pays in the end. */
export function buyerTotalOf(content: OrderContent): number {
  return paymentOf(content)['buyer_total_amount'] ?? 0;
}

/** What a buyer gets back who returns that much of each line, and what it costs the seller. */
export function returnedMoneyOf(content: OrderContent, quantities: readonly number[]): ReturnedMoney {
  const { extras } = content;
  const weights = content.lines.map((line) => line.paid * line.quantity);
  const share = (amount: number) => {
    const parts = prorate(amount, weights);
    return content.lines.reduce((total, line, index) => {
      const quantity = quantities[index] ?? 0;
      return total + Math.round(((parts[index] ?? 0) * quantity) / line.quantity);
    }, 0);
  };
  const paid = ofReturned(content, quantities, (line) => line.paid);
  const promotions = {
    sellerVoucher: share(content.sellerVoucher),
    shopeeVoucher: share(content.shopeeVoucher),
    externalVoucher: share(extras.externalVoucher),
    coins: share(content.coins),
    channelPromotion: share(extras.channelPromotion),
    pixDiscount: share(extras.pixDiscount),
  };
  return {
    ...promotions,
    // The rebate for Pix is Shopee's discount as well, so the seller is charged the goods without it.
    goods: paid - promotions.pixDiscount,
    refund: paid - Object.values(promotions).reduce((total, amount) => total + amount, 0),
    beforeDiscount: ofReturned(content, quantities, (line) => line.original),
  };
}

/**
 * The order's money. The real shipping fee and its rebate are 0 until the parcel was picked up, as captured. A cancelled
 * order is one of which everything was returned.
 */
export function moneyOf(content: OrderContent, stage: MoneyStage): Money {
  const quantities = stage.cancelled ? content.lines.map((line) => line.quantity) : stage.returned;
  const returned = returnedMoneyOf(content, quantities);
  const goods = goodsOf(content, quantities, returned);
  const base = (goods['order_selling_price'] ?? 0) - (goods['voucher_from_seller'] ?? 0);
  const shipping = shippingOf(content, stage, returned);
  const charges = chargesOf(content, stage, { base: stage.cancelled ? 0 : base, returned });
  const income: Amounts = {
    ...goods,
    ...shipping,
    ...charges,
    ...taxesOf(content, { base: stage.cancelled ? 0 : base, shipping }),
    ...claimsOf(content, stage, shipping),
    seller_lost_compensation: stage.lost ? returned.goods : 0,
  };
  const total = (names: readonly string[]) => names.reduce((left, name) => left + (income[name] ?? 0), 0);
  const escrow = total(added) - total(charged);
  return { income: { ...income, escrow_amount: escrow }, payment: paymentOf(content), escrow };
}

/**
 * Three families of fields for the goods: listing prices (`order_…`) hold gifts and returned lines, the remaining ones
 * (`original_price`, `seller_discount`) hold neither, and the settlement's (`original_cost_of_goods_sold`) stay as sold.
 */
function goodsOf(content: OrderContent, quantities: readonly number[], returned: ReturnedMoney): Amounts {
  const { extras } = content;
  const whole = (ofUnit: (line: Line) => number) => sum(content.lines, ofUnit);
  const left = (ofUnit: (line: Line) => number) => whole(ofUnit) - ofReturned(content, quantities, ofUnit);
  const ifSold = (ofUnit: (line: Line) => number) => (line: Line) => (line.selling === 0 ? 0 : ofUnit(line));
  const paid = left((line) => line.paid);
  const sold = whole((line) => line.selling);
  const isAdjustable = returned.goods > 0 && paid > 0;
  return {
    order_original_price: whole((line) => line.original),
    original_price: left(ifSold((line) => line.original)),
    // The listing's discount is only a difference, which swallows what was returned.
    order_seller_discount: whole((line) => line.original) - paid,
    seller_discount: left(ifSold((line) => line.original - line.selling)),
    order_discounted_price: paid,
    order_selling_price: left((line) => line.single),
    original_shopee_discount: whole((line) => line.selling - line.paid) + extras.pixDiscount,
    shopee_discount: left((line) => line.selling - line.paid) + extras.pixDiscount - returned.pixDiscount,
    original_cost_of_goods_sold: sold,
    cost_of_goods_sold: sold - returned.goods,
    // Negative, for the formula adds it.
    seller_return_refund: returned.goods === 0 ? 0 : -returned.goods,
    drc_adjustable_refund: isAdjustable ? returned.refund : 0,
    prorated_coins_value_offset_return_items: isAdjustable ? returned.coins : 0,
    prorated_shopee_voucher_offset_return_items: isAdjustable ? returned.shopeeVoucher : 0,
    prorated_seller_voucher_offset_return_items: isAdjustable ? returned.sellerVoucher : 0,
    prorated_payment_channel_promo_bank_offset_return_items: isAdjustable ? half(returned.channelPromotion) : 0,
    prorated_payment_channel_promo_shopee_offset_return_items: isAdjustable
      ? returned.channelPromotion - half(returned.channelPromotion)
      : 0,
    prorated_pix_discount_offset_return_items: isAdjustable ? returned.pixDiscount : 0,
    voucher_from_seller: content.sellerVoucher - returned.sellerVoucher,
    voucher_from_shopee: content.shopeeVoucher - returned.shopeeVoucher,
    voucher_from_external_party: extras.externalVoucher - returned.externalVoucher,
    coins: content.coins - returned.coins,
    payment_promotion: extras.channelPromotion,
    credit_card_promotion: extras.channelPromotion,
    pix_discount: extras.pixDiscount - returned.pixDiscount,
    bcrs_deposit: left((line) => line.deposit ?? 0),
    seller_coin_cash_back: paid === 0 ? 0 : extras.coinCashBack,
    trade_in_bonus_by_seller: paid === 0 ? 0 : extras.tradeIn.seller,
    buyer_paid_packaging_fee: paid === 0 ? 0 : extras.packagingFee,
    final_product_protection: extras.productProtection,
    cross_border_tax: paid === 0 ? 0 : extras.buyerTax,
  };
}

function shippingOf(content: OrderContent, stage: MoneyStage, returned: ReturnedMoney): Amounts {
  const { real, buyerPays } = content.shipping;
  const { sellerShipping, carrierDiscount } = content.extras;
  const isBack = stage.undelivered && !stage.lost;
  const isCharged = stage.shipped && !stage.lost && (!stage.cancelled || isBack);
  const actual = isCharged ? real : 0;
  const isSubsidized = isCharged && !stage.cancelled;
  const rebate = isSubsidized ? real - buyerPays - sellerShipping - carrierDiscount : 0;
  const discount = isSubsidized ? carrierDiscount : 0;
  const isReturned = !stage.cancelled && returned.goods > 0;
  return {
    estimated_shipping_fee: real,
    buyer_paid_shipping_fee: stage.cancelled ? 0 : buyerPays,
    actual_shipping_fee: actual,
    shopee_shipping_rebate: rebate,
    shipping_fee_discount_from_3pl: discount,
    // Inside the difference of what the carrier takes and who pays it, so in no formula.
    seller_shipping_discount: stage.cancelled ? 0 : sellerShipping,
    // Without what the buyer pays.
    final_shipping_fee: rebate + discount - actual,
    reverse_shipping_fee: isReturned ? real : 0,
    final_return_to_seller_shipping_fee: isBack ? real : 0,
  };
}

function chargesOf(
  content: OrderContent,
  stage: MoneyStage,
  { base, returned }: { base: number; returned: ReturnedMoney },
): Amounts {
  const { extras } = content;
  const { region, kind } = extras.market;
  const { fees } = extras;
  const isSold = !stage.cancelled;
  const checkoutBase = sum(content.lines, (line) => line.selling) - content.sellerVoucher;
  const commission = portion(base, region.commission);
  const service = content.serviceProgram ? portion(base, region.service) : 0;
  const transaction = isSold ? portion(Math.max(buyerTotalOf(content) - returned.refund, 0), region.transaction) : 0;
  const isBrazilian = region.code === 'BR' && kind === 'local';
  const rebate = isBrazilian ? Math.min(content.shopeeVoucher - returned.shopeeVoucher, half(commission + service)) : 0;
  const offset = Math.min(rebate, commission);
  return {
    commission_fee: commission,
    service_fee: service,
    seller_transaction_fee: transaction,
    buyer_transaction_fee: extras.buyerTransactionFee,
    // Says the same again, as captured: who adds it counts the fees twice.
    credit_card_transaction_fee: transaction + extras.buyerTransactionFee,
    order_ams_commission_fee: portion(base, extras.affiliateRate),
    campaign_fee: portion(base, extras.campaignRate),
    seller_order_processing_fee: isSold ? fees.processing : 0,
    shipping_seller_protection_fee_amount: stage.isProtectionPosted || stage.undelivered ? fees.protection : 0,
    delivery_seller_protection_fee_premium_amount: stage.shipped ? fees.deliveryPremium : 0,
    fbs_fee: isSold && extras.isFulfilledByShopee ? fees.warehouse : 0,
    overseas_return_service_fee: isSold ? fees.overseasReturn : 0,
    // Taken when the order is completed, and not returned for what is returned.
    ads_escrow_top_up_fee_or_technical_support_fee: stage.completed ? portion(checkoutBase, extras.adsRate) : 0,
    ...(isBrazilian
      ? {
          net_commission_fee: commission - offset,
          net_service_fee: service - (rebate - offset),
          remaining_voucher: content.shopeeVoucher - returned.shopeeVoucher - rebate,
        }
      : {}),
  };
}

function taxesOf(content: OrderContent, { base, shipping }: { base: number; shipping: Amounts }): Amounts {
  const { fees, market } = content.extras;
  const of = (name: string) => shipping[name] ?? 0;
  const rates = Object.entries({ ...fees.taxRates, ...fees.importRates });
  const taxes = rates
    .filter(([name]) => name !== 'cross_border_tax')
    .map(([name, rate]) => [name, portion(base, rate)]);
  const ownShipping = of('actual_shipping_fee') - of('buyer_paid_shipping_fee') - of('shopee_shipping_rebate');
  const isGst = market.region.code === 'SG' && market.kind === 'cross-border';
  return {
    ...Object.fromEntries(taxes),
    shipping_fee_sst: portion(Math.max(ownShipping, 0), fees.shippingTaxRate),
    reverse_shipping_fee_sst: portion(of('reverse_shipping_fee'), fees.shippingTaxRate),
    final_escrow_shipping_gst: isGst ? portion(of('buyer_paid_shipping_fee'), 900) : 0,
  };
}

/** What the protection pays back. */
function claimsOf({ extras: { fees } }: OrderContent, stage: MoneyStage, shipping: Amounts): Amounts {
  const isFailed = stage.undelivered && !stage.lost;
  return {
    rsf_seller_protection_fee_claim_amount: fees.claimsReturn ? (shipping['reverse_shipping_fee'] ?? 0) : 0,
    fsf_seller_protection_fee_claim_amount:
      fees.claimsDelivery && isFailed ? (shipping['actual_shipping_fee'] ?? 0) : 0,
  };
}

/** What takes off the buyer's sum is negative here, positive in the income; nothing of it ever changes. */
function paymentOf(content: OrderContent): Amounts {
  const { extras } = content;
  const parts: Amounts = {
    merchant_subtotal: sum(content.lines, (line) => line.paid),
    shipping_fee: content.shipping.buyerPays,
    seller_voucher: -content.sellerVoucher,
    shopee_voucher: -(content.shopeeVoucher + extras.externalVoucher),
    shopee_coins_redeemed: -content.coins,
    credit_card_promotion: -extras.channelPromotion,
    discount_pix: -extras.pixDiscount,
    trade_in_bonus: -extras.tradeIn.total,
    buyer_service_fee: extras.buyerServiceFee,
    initial_buyer_txn_fee: extras.buyerTransactionFee,
    insurance_premium: extras.productProtection,
    buyer_paid_packaging_fee: extras.packagingFee,
    bulky_handling_fee: extras.bulkyHandling,
    buyer_tax_amount: extras.buyerTax,
    bcrs_deposit: extras.deposit,
  };
  const total = Object.values(parts).reduce((left, amount) => left + amount, 0);
  return { ...parts, buyer_total_amount: total };
}

/** That many ten-thousandths. */
export function portion(amount: number, tenThousandths: number): number {
  return Math.round((amount * tenThousandths) / 10_000);
}

function half(amount: number): number {
  return Math.floor(amount / 2);
}

/** The sum over the returned units. */
export function ofReturned(
  content: OrderContent,
  quantities: readonly number[],
  ofUnit: (line: Line) => number,
): number {
  return content.lines.reduce((total, line, index) => total + ofUnit(line) * (quantities[index] ?? 0), 0);
}

/** Splits an amount over weights so that the parts add up to it exactly; what weighs nothing gets nothing. */
export function prorate(amount: number, weights: readonly number[]): number[] {
  const total = weights.reduce((left, right) => left + right, 0);
  const last = weights.findLastIndex((weight) => weight > 0);
  let given = 0;
  return weights.map((weight, index) => {
    const part = index === last ? amount - given : total === 0 ? 0 : Math.floor((amount * weight) / total);
    given += part;
    return part;
  });
}
