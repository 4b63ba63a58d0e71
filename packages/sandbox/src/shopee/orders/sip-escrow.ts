import type { JsonObject } from '../data/json.ts';
import type { OrderContent } from './order-content.ts';
import { toAmount } from './regions.ts';
import { settlementPrice, sipCurrency, type SipMoney } from './sip-money.ts';

/**
 * A SIP affiliate's escrow, by the fields that guide 261 lists: 30 of the others are missing, and what the buyer paid is
 * hidden. Amounts without `_pri` are in the market's currency.
 */
export function sipEscrowOf(content: OrderContent, money: SipMoney, adjustments: JsonObject): JsonObject {
  const { region } = content.extras.market;
  const pri = (minor: number) => toAmount(minor, sipCurrency.decimals);
  const aff = (minor: number) => toAmount(minor, region.decimals);
  return {
    order_income: {
      escrow_amount: aff(money.escrow),
      escrow_amount_pri: pri(money.escrowPri),
      original_price_pri: pri(money.settlement),
      buyer_total_amount_pri: 0,
      seller_return_refund_pri: pri(money.returned),
      drc_adjustable_refund_pri: pri(money.adjustableRefund),
      commission_fee_pri: pri(money.commission.pri),
      service_fee_pri: pri(money.service.pri),
      commission_fee: aff(money.commission.aff),
      service_fee: aff(money.service.aff),
      pri_currency: sipCurrency.code,
      aff_currency: region.currency,
      exchange_rate: money.rate,
      sip_subsidy_pri: pri(money.subsidy.pri),
      sip_subsidy: aff(money.subsidy.aff),
      ...adjustments,
      items: content.lines.map((line) => ({
        item_id: line.product.itemId,
        item_name: line.product.name,
        item_sku: line.product.sku,
        model_id: line.modelId,
        model_name: line.modelName,
        model_sku: line.modelSku,
        line_item_id: line.lineItemId,
        original_price: 0,
        original_price_pri: pri(settlementPrice(line, content) * line.quantity),
        discounted_price: 0,
        quantity_purchased: line.quantity,
        activity_type: '',
        activity_id: 0,
        is_main_item: false,
      })),
    },
    buyer_payment_info: { buyer_payment_method: '', buyer_total_amount: 0 },
  };
}
