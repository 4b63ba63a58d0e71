import { apiFixture, objectIn } from '../data/fixture.ts';
import type { JsonObject } from '../data/json.ts';
import type { Line, OrderContent } from './order-content.ts';
import { prorate, type Amounts } from './money.ts';
import { weightOf } from './order-detail.ts';
import type { OrderStore } from './order-store.ts';
import type { OrderRecord } from './order-record.ts';
import { toAmount } from './regions.ts';
import { adjustmentOf, settlementOf, type Settlement } from './settlement.ts';
import { sipEscrowOf } from './sip-escrow.ts';

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

/** Whether there is an escrow: from the pick-up on, as far as was ever seen, or from the payment on. Unpaid orders have none. */
export function hasEscrow(record: OrderRecord, from: 'paid' | 'shipped' = 'shipped'): boolean {
  if (record.status === 'CANCELLED') return record.payTime > 0 || record.undelivered;
  return from === 'paid' ? record.status !== 'UNPAID' : record.pickupTime > 0;
}

/** `response` of get_escrow_detail: item money is the line's total, not per unit. */
export function escrowOf(orders: OrderStore, record: OrderRecord): JsonObject {
  const content = orders.contentOf(record);
  const { region } = content.extras.market;
  const settlement = settlementOf(orders, record);
  const amount = (minor: number) => toAmount(minor, region.decimals);
  const around = {
    order_sn: record.sn,
    buyer_user_name: settlement.sip === undefined ? content.buyer.username : '',
    return_order_sn_list: record.returns.map((entry) => entry.sn),
  };
  if (settlement.sip !== undefined)
    return { ...around, ...sipEscrowOf(content, settlement.sip, adjustmentsOf(settlement, region.currency, amount)) };
  return {
    ...around,
    buyer_payment_info: paymentOf(content, settlement.money.payment, amount),
    order_income: {
      ...zeroIncome,
      ...inAmounts(settlement.money.income, amount),
      ...adjustmentsOf(settlement, region.currency, amount),
      buyer_total_amount: amount(settlement.money.payment['buyer_total_amount'] ?? 0),
      order_chargeable_weight: content.extras.market.kind === 'local' ? 0 : weightOf(content),
      buyer_payment_method: content.paymentMethod,
      instalment_plan: content.extras.instalments,
      seller_voucher_code: content.sellerVoucherCode === '' ? [] : [content.sellerVoucherCode],
      tenure_info_list: [{ instalment_plan: content.extras.instalments }],
      tax_registration_code: region.code === 'VN' ? '0000000000-000' : '',
      ...netFeesOf(settlement.money.income, amount),
      items: itemsOf(content, settlement.money.income, amount),
    },
  };
}

export type Amount = (minor: number) => number;

/** The final amount, and the corrections while there are any. */
function adjustmentsOf(settlement: Settlement, currency: string, amount: Amount): JsonObject {
  const total = adjustmentOf(settlement);
  const lines = settlement.adjustments.map((entry) => ({
    amount: amount(entry.amount),
    date: entry.at,
    currency,
    adjustment_reason: entry.reason,
  }));
  return {
    ...(lines.length === 0 ? {} : { order_adjustment: lines }),
    total_adjustment_amount: amount(total),
    escrow_amount_after_adjustment: amount(settlement.escrow + total),
  };
}

/** Brazil: the fees less what Shopee's voucher pays of them. Lists on the wire, though typed as objects. */
function netFeesOf(income: Amounts, amount: Amount): JsonObject {
  const { net_commission_fee: commission, net_service_fee: service } = income;
  if (commission === undefined || service === undefined) return {};
  const offsets = {
    commission_fee_offset: (income['commission_fee'] ?? 0) - commission,
    service_fee_offset: (income['service_fee'] ?? 0) - service,
  };
  const rule = (id: number, fee: number, name: string) => ({
    rule_id: id,
    fee_amount: amount(fee),
    rule_display_name: name,
  });
  return {
    net_commission_fee_info_list: [rule(1001, commission, 'Example commission rule')],
    net_service_fee_info_list: [{ ...rule(2001, service, 'Example programme'), category: 'Free Shipping' }],
    seller_product_rebate: {
      amount: amount(offsets.commission_fee_offset + offsets.service_fee_offset),
      ...inAmounts(offsets, amount),
    },
  };
}

/** Vouchers and coins are negative here, positive in the income; one that was not used is -0, as captured. */
function paymentOf(content: OrderContent, payment: Amounts, amount: Amount): JsonObject {
  return {
    ...zeroPayment,
    ...inAmounts(payment, amount),
    buyer_payment_method: content.paymentMethod,
    is_paid_by_credit_card: /card|cartão|kartu|信用卡/i.test(content.paymentMethod),
  };
}

function inAmounts(amounts: Amounts, amount: Amount): JsonObject {
  return Object.fromEntries(Object.entries(amounts).map(([name, minor]) => [name, amount(minor)]));
}

function itemsOf(content: OrderContent, income: Amounts, amount: Amount): JsonObject[] {
  const weights = content.lines.map((line) => line.paid * line.quantity);
  const share = (total: number) => prorate(total, weights).map(amount);
  const seller = share(content.sellerVoucher);
  const shopee = share(content.shopeeVoucher);
  const coins = share(content.coins);
  const affiliate = share(income['order_ams_commission_fee'] ?? 0);
  return content.lines.map((line, index) => ({
    ...lineOf(line, amount),
    discount_from_voucher_seller: seller[index] ?? 0,
    discount_from_voucher_shopee: shopee[index] ?? 0,
    discount_from_coin: coins[index] ?? 0,
    ams_commission_fee: affiliate[index] ?? 0,
    // The whole fee sits on the first line, as captured.
    seller_order_processing_fee: index === 0 ? amount(income['seller_order_processing_fee'] ?? 0) : 0,
  }));
}

function lineOf(line: Line, amount: Amount): JsonObject {
  const total = (unit: number) => amount(unit * line.quantity);
  const activity = line.promotionType === 'bundle_deal' ? 'bundle_deal' : 'add_on_deal';
  const isPackage = line.promotionType === 'bundle_deal' || line.promotionType.startsWith('add_on_deal');
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
    activity_type: isPackage ? activity : '',
    activity_id: isPackage ? line.promotionId : 0,
    quantity_purchased: line.quantity,
    original_price: total(line.original),
    selling_price: total(line.single),
    discounted_price: total(line.paid),
    seller_discount: total(line.original - line.selling),
    shopee_discount: total(line.selling - line.paid),
    bcrs_deposit: total(line.deposit ?? 0),
    promotion_list:
      line.promotionType === '' ? [] : [{ promotion_type: line.promotionType, promotion_id: line.promotionId }],
  };
}

function zeroed(sample: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(sample).map(([key, value]) => [
      key,
      typeof value === 'number' ? value * 0 : typeof value === 'string' ? '' : value,
    ]),
  );
}
