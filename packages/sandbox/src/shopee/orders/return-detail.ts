import { apiFixture, objectIn } from '../data/fixture.ts';
import type { JsonObject } from '../data/json.ts';
import type { Line } from './order-content.ts';
import { returnedMoneyOf } from './money.ts';
import type { OrderStore } from './order-store.ts';
import type { ReturnRecord } from './order-record.ts';
import { trackingOf } from './package-detail.ts';
import { regionOf, toAmount } from './regions.ts';
import { settlementOf } from './settlement.ts';

const detailSample = objectIn(apiFixture('returns.get_return_detail.doc-shape'), 'response');
const listSample = firstOf(objectIn(apiFixture('returns.get_return_list.doc-shape'), 'response')['return']);

/** `response` of get_return_detail. */
export function returnDetailOf(orders: OrderStore, entry: ReturnRecord): JsonObject {
  return {
    ...detailSample,
    ...common(orders, entry),
    activity: [],
    seller_proof: { seller_proof_status: '', seller_evidence_deadline: 0 },
    seller_compensation: compensationOf(orders, entry),
    negotiation: {
      negotiation_status: entry.status === 'REQUESTED' ? 'PENDING_RESPOND' : 'TERMINATED',
      latest_solution: 'RETURN_REFUND',
      latest_offer_amount: 0,
      latest_offer_creator: '',
      counter_limit: 0,
      offer_due_date: 0,
    },
    logistics_status: entry.status === 'PROCESSING' ? 'LOGISTICS_PICKUP_DONE' : 'LOGISTICS_NOT_START',
    reverse_logistic_status: entry.status === 'PROCESSING' ? 'LOGISTICS_PICKUP_DONE' : 'LOGISTICS_NOT_START',
  };
}

/** The status is empty, as in Brazil; a compensation shows as its amount, and among the order's adjustments. */
function compensationOf(orders: OrderStore, entry: ReturnRecord): JsonObject {
  const record = orders.find(entry.orderSn);
  const region = regionOf(orders.shopOf(entry).region);
  const corrections = record === undefined ? [] : settlementOf(orders, record).corrections;
  const minor = corrections
    .filter(({ reason }) => reason === 'Logistics Related Compensation')
    .reduce((total, { amount }) => total + amount, 0);
  const amount = toAmount(minor, region.decimals);
  const list = [{ compensation_type: 'LOGISTICS_RELATED_COMPENSATION', compensation_amount: amount }];
  return {
    seller_compensation_status: '',
    seller_compensation_due_date: 0,
    compensation_amount: amount,
    compensation_amount_list: amount === 0 ? [] : list,
  };
}

/** One entry of get_return_list. */
export function returnEntryOf(orders: OrderStore, entry: ReturnRecord): JsonObject {
  const negotiation = entry.status === 'REQUESTED' ? 'PENDING_RESPOND' : 'TERMINATED';
  return { ...listSample, ...common(orders, entry), negotiation_status: negotiation, seller_proof_status: '' };
}

function common(orders: OrderStore, entry: ReturnRecord): JsonObject {
  const record = orders.find(entry.orderSn);
  if (record === undefined) throw new Error(`return ${entry.sn} has no order`);
  const content = orders.contentOf(record);
  const region = regionOf(orders.shopOf(record).region);
  const money = returnedMoneyOf(content, entry.quantities);
  const refund = toAmount(money.refund, region.decimals);
  return {
    return_sn: entry.sn,
    order_sn: entry.orderSn,
    status: entry.status,
    reason: 'PHYSICAL_DMG',
    text_reason: 'arrived with a dent, see the picture',
    refund_amount: refund,
    amount_before_discount: toAmount(money.beforeDiscount, region.decimals),
    currency: region.currency,
    create_time: entry.createTime,
    update_time: entry.updateTime,
    due_date: entry.createTime + 5 * 86_400,
    return_ship_due_date: entry.createTime + 7 * 86_400,
    return_seller_due_date: entry.createTime + 3 * 86_400,
    tracking_number:
      entry.status === 'PROCESSING' || entry.status === 'CLOSED' ? `${trackingOf(orders, record, 0)}R` : '',
    needs_logistics: true,
    return_solution: 0,
    return_refund_type: entry.before === 'COMPLETED' ? 'RRAOC' : 'RRBOC',
    user: { username: content.buyer.username, email: '********@example.com', portrait: 'https://example.com/img/p' },
    item: content.lines.flatMap((line, index) => {
      const quantity = entry.quantities[index] ?? 0;
      return quantity === 0 ? [] : [itemOf(line, { quantity, refund, decimals: region.decimals })];
    }),
    follow_up_action_list: [],
  };
}

function itemOf(
  line: Line,
  { quantity, refund, decimals }: { quantity: number; refund: number; decimals: number },
): JsonObject {
  return {
    item_id: line.product.itemId,
    model_id: line.modelId,
    name: line.product.name,
    images: [`https://example.com/img/${line.product.itemId}`],
    amount: quantity,
    item_price: toAmount(line.paid, decimals),
    is_add_on_deal: line.promotionType.startsWith('add_on_deal'),
    is_main_item: line.promotionType === 'add_on_deal_main',
    add_on_deal_id: line.promotionType.startsWith('add_on_deal') ? line.promotionId : 0,
    item_sku: line.product.sku,
    variation_sku: line.modelSku,
    refund_amount: refund,
  };
}

function firstOf(list: unknown): JsonObject {
  const [first] = Array.isArray(list) ? (list as JsonObject[]) : [];
  if (first === undefined) throw new Error('the fixture has no entry');
  return first;
}
