import { apiFixture, objectIn } from '../data/fixture.ts';
import type { JsonObject } from '../data/json.ts';
import type { Line, OrderContent } from './generate-order.ts';
import { moneyOf, prorate, type Money, type ReturnedMoney } from './money.ts';
import type { OrderStore } from './order-store.ts';
import { returnedOf, type OrderRecord } from './order-record.ts';
import { regionOf, toAmount } from './regions.ts';

// Every key of the capture, its numbers 0: the wire sends them all, with a few that the documentation does not name.
const captured = objectIn(apiFixture('payment.get_escrow_detail'), 'response');
const zeroIncome = zeroed(objectIn(captured, 'order_income'));
const zeroPayment = zeroed(objectIn(captured, 'buyer_payment_info'));
const zeroItem = {
  activity_id: 0,
  activity_type: '',
  ams_commission_fee: 0,
  bcrs_deposit: 0,
  buyer_paid_extended_warranty: 0,
  installation_fee_paid_by_buyer: 0,
  is_b2c_shop_item: false,
  seller_order_processing_fee: 0,
};

/** The money of an order in minor units, at the stage it is in now. */
export function currentMoneyOf(orders: OrderStore, record: OrderRecord): Money {
  return moneyOf(orders.contentOf(record), regionOf(orders.shopOf(record).region), {
    shipped: record.pickupTime > 0,
    completed: record.status === 'COMPLETED',
    cancelled: record.status === 'CANCELLED',
    undelivered: record.undelivered,
    returned: returnedOf(record, 'CLOSED'),
  });
}

/** Whether there is an escrow yet: for unpaid orders there is none. */
export function hasEscrow(record: OrderRecord): boolean {
  if (record.status === 'CANCELLED') return record.payTime > 0 || record.undelivered;
  return record.status !== 'UNPAID';
}

/** `response` of get_escrow_detail: item money is the line's total, not per unit. */
export function escrowOf(orders: OrderStore, record: OrderRecord): JsonObject {
  const content = orders.contentOf(record);
  const region = regionOf(orders.shopOf(record).region);
  const money = currentMoneyOf(orders, record);
  const amount = (minor: number) => toAmount(minor, region.decimals);
  return {
    order_sn: record.sn,
    buyer_user_name: content.buyer.username,
    return_order_sn_list: record.returns.map((entry) => entry.sn),
    buyer_payment_info: paymentOf(content, money, amount),
    order_income: {
      ...zeroIncome,
      ...totals(money, amount),
      ...shippingOf(content, money, amount),
      ...feesOf(money, amount),
      ...(money.adjustment === 0 ? {} : adjustmentOf(record, money, region.currency, amount)),
      buyer_payment_method: content.paymentMethod,
      instalment_plan: 'N/A',
      seller_voucher_code: content.sellerVoucherCode === '' ? [] : [content.sellerVoucherCode],
      tenure_info_list: [{ instalment_plan: 'N/A' }],
      items: itemsOf(content, amount),
    },
  };
}

type Amount = (minor: number) => number;

function totals(money: Money, amount: Amount): JsonObject {
  return {
    escrow_amount: amount(money.escrow),
    escrow_amount_after_adjustment: amount(money.escrow + money.adjustment),
    total_adjustment_amount: amount(money.adjustment),
    buyer_total_amount: amount(money.buyerTotal),
    // Listing prices stay; what was returned shows as a discount on them.
    order_original_price: amount(money.checkoutPrice),
    original_price: amount(money.originalPrice),
    order_seller_discount: amount(money.checkoutPrice - money.merchandise),
    seller_discount: amount(money.sellerDiscount),
    order_selling_price: amount(money.selling),
    order_discounted_price: amount(money.merchandise),
    shopee_discount: amount(money.shopeeDiscount),
    original_shopee_discount: amount(money.checkoutShopeeDiscount),
    cost_of_goods_sold: amount(money.checkoutSelling - money.returned.goods),
    original_cost_of_goods_sold: amount(money.checkoutSelling),
    voucher_from_seller: amount(money.sellerVoucher),
    voucher_from_shopee: amount(money.shopeeVoucher),
    coins: amount(money.coins),
    // Negative, for the formula adds it.
    seller_return_refund: money.returned.goods === 0 ? 0 : -amount(money.returned.goods),
    ...(isPartlyReturned(money) ? adjustable(money.returned, amount) : {}),
  };
}

function isPartlyReturned({ returned, checkoutMerchandise }: Money): boolean {
  return returned.goods > 0 && returned.goods < checkoutMerchandise;
}

/** Filled for a partial return only: the money that the buyer got, and the promotions on the returned goods. */
function adjustable(returned: ReturnedMoney, amount: Amount): JsonObject {
  return {
    drc_adjustable_refund: amount(returned.refund),
    prorated_coins_value_offset_return_items: amount(returned.coins),
    prorated_shopee_voucher_offset_return_items: amount(returned.shopeeVoucher),
    prorated_seller_voucher_offset_return_items: amount(returned.sellerVoucher),
  };
}

function shippingOf(content: OrderContent, money: Money, amount: Amount): JsonObject {
  return {
    buyer_paid_shipping_fee: amount(money.buyerShipping),
    actual_shipping_fee: amount(money.actualShipping),
    shopee_shipping_rebate: amount(money.shippingRebate),
    estimated_shipping_fee: amount(content.shipping.real),
    // Without what the buyer pays.
    final_shipping_fee: amount(money.shippingRebate - money.actualShipping),
    reverse_shipping_fee: amount(money.reverseShipping),
    final_return_to_seller_shipping_fee: amount(money.returnToSeller),
  };
}

function feesOf(money: Money, amount: Amount): JsonObject {
  return {
    commission_fee: amount(money.commission),
    service_fee: amount(money.service),
    seller_transaction_fee: amount(money.transaction),
    // Says the same again, as captured: who adds both counts the fee twice.
    credit_card_transaction_fee: amount(money.transaction),
  };
}

function adjustmentOf(record: OrderRecord, money: Money, currency: string, amount: Amount): JsonObject {
  const reason = 'Shipping fee adjustment';
  return {
    order_adjustment: [
      { amount: amount(money.adjustment), date: record.releaseTime, currency, adjustment_reason: reason },
    ],
  };
}

/** Vouchers and coins are negative here, positive in the income: as in the documentation's sample. */
function paymentOf(content: OrderContent, money: Money, amount: Amount): JsonObject {
  const negative = (minor: number) => (minor === 0 ? 0 : -amount(minor));
  return {
    ...zeroPayment,
    buyer_payment_method: content.paymentMethod,
    buyer_total_amount: amount(money.buyerTotal),
    merchant_subtotal: amount(money.checkoutMerchandise),
    shipping_fee: amount(content.shipping.buyerPays),
    seller_voucher: negative(content.sellerVoucher),
    shopee_voucher: negative(content.shopeeVoucher),
    shopee_coins_redeemed: negative(content.coins),
    is_paid_by_credit_card: /card|cartão/i.test(content.paymentMethod),
  };
}

function itemsOf(content: OrderContent, amount: Amount): JsonObject[] {
  const weights = content.lines.map((line) => line.paid * line.quantity);
  const seller = prorate(content.sellerVoucher, weights);
  const shopee = prorate(content.shopeeVoucher, weights);
  const coins = prorate(content.coins, weights);
  return content.lines.map((line, index) => ({
    ...lineOf(line, amount),
    discount_from_voucher_seller: amount(seller[index] ?? 0),
    discount_from_voucher_shopee: amount(shopee[index] ?? 0),
    discount_from_coin: amount(coins[index] ?? 0),
  }));
}

function lineOf(line: Line, amount: Amount): JsonObject {
  const total = (unit: number) => amount(unit * line.quantity);
  return {
    ...zeroItem,
    item_id: line.product.itemId,
    item_name: line.product.name,
    item_sku: line.product.sku,
    model_id: line.modelId,
    model_name: line.modelName,
    model_sku: line.modelSku,
    line_item_id: line.lineItemId,
    is_main_item: line.promotionType === 'add_on_deal_main',
    activity_type: line.promotionType === 'bundle_deal' ? 'bundle_deal' : '',
    activity_id: line.promotionType === 'bundle_deal' ? line.promotionId : 0,
    quantity_purchased: line.quantity,
    original_price: total(line.original),
    selling_price: total(line.selling),
    discounted_price: total(line.paid),
    seller_discount: total(line.original - line.selling),
    shopee_discount: total(line.selling - line.paid),
    promotion_list:
      line.promotionType === '' ? [] : [{ promotion_type: line.promotionType, promotion_id: line.promotionId }],
  };
}

function zeroed(sample: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(sample).map(([key, value]) => [
      key,
      typeof value === 'number' ? 0 : typeof value === 'string' ? '' : value,
    ]),
  );
}
