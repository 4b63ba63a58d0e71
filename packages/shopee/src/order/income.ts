import type { Escrow, OrderIncome } from '../api/escrow.ts';
import { currencyDecimals, toMajor, toMinor } from './money.ts';

/**
 * An order's income as a sum that anyone can check: goods sold, what comes on top and off, and the escrow amount that Shopee
 * settles. Formula: the pages v2.payment.get_escrow_detail and …_batch, whose sums are joined here.
 */

type Amount = Exclude<
  { [Name in keyof OrderIncome]: OrderIncome[Name] extends number | undefined ? Name : never }[keyof OrderIncome],
  undefined
>;

/** How an amount stands to the escrow amount. */
export type IncomeRole =
  /** Added. What takes from the seller here is negative. */
  | 'add'
  /** Subtracted; positive when it takes from the seller. */
  | 'subtract'
  /** A sum of other terms, of those after it that share its group where it has one; not part of the sum itself. */
  | 'total'
  | 'result'
  /** Not part of the sum. */
  | 'info';

/** One amount of an order: the same words for it on every page, in every message and in the sheet. */
export interface IncomeTerm {
  label: string;
  role: IncomeRole;
  /** What it is and where it comes from. */
  note: string;
  /** Terms that belong together. */
  group?: 'fees' | 'taxes';
  /** Its fields in `order_income`, added up. */
  fields?: readonly Amount[];
}

const terms = {
  goods_sold: {
    label: 'Goods sold',
    role: 'add',
    note:
      'All items at the price they were sold for, returned ones included (escrow: original_cost_of_goods_sold − ' +
      'original_shopee_discount + shopee_discount). The amounts that follow lead from it to the escrow amount.',
  },
  voucher_from_seller: {
    label: 'Seller voucher',
    role: 'subtract',
    note: 'Vouchers paid by the seller (escrow: voucher_from_seller).',
    fields: ['voucher_from_seller'],
  },
  seller_coin_cash_back: {
    label: 'Coin cashback',
    role: 'subtract',
    note: 'Coins the seller gave the buyer (escrow: seller_coin_cash_back).',
    fields: ['seller_coin_cash_back'],
  },
  trade_in_bonus_by_seller: {
    label: 'Trade-in bonus',
    role: 'subtract',
    note: 'The seller’s part of a trade-in bonus (escrow: trade_in_bonus_by_seller).',
    fields: ['trade_in_bonus_by_seller'],
  },
  buyer_paid_shipping_fee: {
    label: 'Shipping paid by buyer',
    role: 'add',
    note: 'Shipping fee the buyer paid (escrow: buyer_paid_shipping_fee).',
    fields: ['buyer_paid_shipping_fee'],
  },
  shopee_shipping_rebate: {
    label: 'Shipping rebate',
    role: 'add',
    note: 'Shipping paid by Shopee (escrow: shopee_shipping_rebate).',
    fields: ['shopee_shipping_rebate'],
  },
  shipping_fee_discount_from_3pl: {
    label: 'Carrier discount',
    role: 'add',
    note: 'Shipping discount by the carrier (escrow: shipping_fee_discount_from_3pl).',
    fields: ['shipping_fee_discount_from_3pl'],
  },
  actual_shipping_fee: {
    label: 'Real shipping fee',
    role: 'subtract',
    note: 'What the carrier charged (escrow: actual_shipping_fee).',
    fields: ['actual_shipping_fee'],
  },
  reverse_shipping_fee: {
    label: 'Return shipping fee',
    role: 'subtract',
    note: 'Shipping of a return (escrow: reverse_shipping_fee).',
    fields: ['reverse_shipping_fee'],
  },
  final_return_to_seller_shipping_fee: {
    label: 'Failed delivery fee',
    role: 'subtract',
    note: 'Shipping back to the seller after a failed delivery (escrow: final_return_to_seller_shipping_fee).',
    fields: ['final_return_to_seller_shipping_fee'],
  },
  shipping_claims: {
    label: 'Shipping claims',
    role: 'add',
    note: 'Shipping that a protection plan paid back (escrow: rsf_ and fsf_seller_protection_fee_claim_amount).',
    fields: ['rsf_seller_protection_fee_claim_amount', 'fsf_seller_protection_fee_claim_amount'],
  },
  buyer_paid_packaging_fee: {
    label: 'Packaging paid by buyer',
    role: 'add',
    note: 'Packaging fee the buyer paid (escrow: buyer_paid_packaging_fee).',
    fields: ['buyer_paid_packaging_fee'],
  },
  fees: { label: 'Fees', role: 'total', group: 'fees', note: 'Sum of the fees: commission to other fees.' },
  commission_fee: {
    label: 'Commission',
    role: 'subtract',
    group: 'fees',
    note: 'Shopee’s commission (escrow: commission_fee).',
    fields: ['commission_fee'],
  },
  service_fee: {
    label: 'Service fee',
    role: 'subtract',
    group: 'fees',
    note: 'Fee for programmes the shop joined (escrow: service_fee).',
    fields: ['service_fee'],
  },
  seller_transaction_fee: {
    label: 'Transaction fee',
    role: 'subtract',
    group: 'fees',
    note: 'Payment fee charged to the seller (escrow: seller_transaction_fee).',
    fields: ['seller_transaction_fee'],
  },
  order_ams_commission_fee: {
    label: 'AMS commission',
    role: 'subtract',
    group: 'fees',
    note: 'Affiliate commission (escrow: order_ams_commission_fee).',
    fields: ['order_ams_commission_fee'],
  },
  campaign_fee: {
    label: 'Campaign fee',
    role: 'subtract',
    group: 'fees',
    note: 'Campaign fee (escrow: campaign_fee).',
    fields: ['campaign_fee'],
  },
  seller_order_processing_fee: {
    label: 'Processing fee',
    role: 'subtract',
    group: 'fees',
    note: 'Order processing fee (escrow: seller_order_processing_fee).',
    fields: ['seller_order_processing_fee'],
  },
  other_fees: {
    label: 'Other fees',
    role: 'subtract',
    group: 'fees',
    note:
      'The rarer fees (escrow: shipping_seller_protection_fee_amount, delivery_seller_protection_fee_premium_amount, ' +
      'fbs_fee, overseas_return_service_fee).',
    fields: [
      'shipping_seller_protection_fee_amount',
      'delivery_seller_protection_fee_premium_amount',
      'fbs_fee',
      'overseas_return_service_fee',
    ],
  },
  taxes: { label: 'Taxes', role: 'total', group: 'taxes', note: 'Sum of the three kinds of tax after it.' },
  withholding_taxes: {
    label: 'Withholding tax',
    role: 'subtract',
    group: 'taxes',
    note:
      'The seller’s own tax, withheld by Shopee and often creditable (escrow: withholding_tax, withholding_vat_tax, ' +
      'withholding_pit_tax, withholding_cit_tax).',
    fields: ['withholding_tax', 'withholding_vat_tax', 'withholding_pit_tax', 'withholding_cit_tax'],
  },
  sales_taxes: {
    label: 'VAT, GST and SST',
    role: 'subtract',
    group: 'taxes',
    note:
      'Sales taxes on goods and shipping charged to the seller (escrow: vat_on_imported_goods, sales_tax_on_lvg, ' +
      'final_escrow_product_gst, shipping_fee_sst, reverse_shipping_fee_sst).',
    fields: [
      'vat_on_imported_goods',
      'sales_tax_on_lvg',
      'final_escrow_product_gst',
      'shipping_fee_sst',
      'reverse_shipping_fee_sst',
    ],
  },
  import_duties: {
    label: 'Import duty',
    role: 'subtract',
    group: 'taxes',
    note: 'Duty and cross-border tax charged to the seller (escrow: th_import_duty, escrow_tax).',
    fields: ['th_import_duty', 'escrow_tax'],
  },
  ads_escrow_top_up_fee_or_technical_support_fee: {
    label: 'Ads top-up',
    role: 'subtract',
    note:
      'A prepayment that becomes ads credit, no fee (escrow: ads_escrow_top_up_fee_or_technical_support_fee). For ' +
      'cross-border sellers in SG, MY, TH and VN it is Shopee’s technical support or traffic fee.',
    fields: ['ads_escrow_top_up_fee_or_technical_support_fee'],
  },
  seller_return_refund: {
    label: 'Returned goods',
    role: 'add',
    note: 'Goods value taken back for returned or canceled items, negative (escrow: seller_return_refund).',
  },
  escrow_amount: {
    label: 'Escrow amount',
    role: 'result',
    note: 'What Shopee settles for the order; may change until it is completed (escrow: escrow_amount).',
  },
  total_adjustment_amount: {
    label: 'Adjustments',
    role: 'result',
    note: 'Later corrections by Shopee, see the tab Adjustments (escrow: total_adjustment_amount).',
  },
  unexplained: {
    label: 'Unexplained',
    role: 'result',
    note:
      'Escrow amount less all amounts from goods sold on: 0 when they add up, as they should; empty while not known. ' +
      'Anything else means that Shopee charges or pays something that is not read yet.',
  },
  escrow_amount_after_adjustment: {
    label: 'Final amount',
    role: 'result',
    note:
      'Escrow amount after adjustments (escrow: escrow_amount_after_adjustment); empty while it is not known whether ' +
      'there are any.',
  },
  payout_amount: {
    label: 'Paid out',
    role: 'result',
    note: 'Amount released to the seller (get_escrow_list: payout_amount).',
  },
  order_original_price: {
    label: 'List price',
    role: 'info',
    note: 'All items before any discount, gifts included (escrow: order_original_price). Not part of the sum.',
  },
  seller_discount: {
    label: 'List discount',
    role: 'info',
    note: 'List price less goods sold: discounts on the price, gifts included. Not part of the sum.',
  },
  shopee_discount: {
    label: 'Shopee discount',
    role: 'info',
    note: 'Product discounts paid by Shopee (escrow: shopee_discount). Contained in goods sold, not part of the sum.',
    fields: ['shopee_discount'],
  },
  shipping_loss: {
    label: 'Shipping loss',
    role: 'total',
    note:
      'What shipping cost the seller: real shipping fee, return shipping and failed delivery, less what the buyer, Shopee, ' +
      'the carrier and claims paid of it; below 0 a credit. Its parts are in the sum, it is itself not part of the sum.',
  },
  buyer_total_amount: {
    label: 'Buyer paid',
    role: 'info',
    note: 'What the buyer paid at checkout (escrow: buyer_total_amount). Not part of the sum.',
    fields: ['buyer_total_amount'],
  },
  voucher_from_shopee: {
    label: 'Shopee voucher',
    role: 'info',
    note: 'Vouchers paid by Shopee (escrow: voucher_from_shopee). No cost of the seller, not part of the sum.',
    fields: ['voucher_from_shopee'],
  },
  coins: {
    label: 'Coins used',
    role: 'info',
    note: 'Coins the buyer spent, paid by Shopee (escrow: coins). Not part of the sum.',
    fields: ['coins'],
  },
  seller_shipping_discount: {
    label: 'Seller shipping discount',
    role: 'info',
    note:
      'Shipping discount by the seller (escrow: seller_shipping_discount). Contained in real shipping fee less shipping ' +
      'paid by buyer, not part of the sum.',
    fields: ['seller_shipping_discount'],
  },
  escrow_amount_pri: {
    label: 'Escrow amount, other currency',
    role: 'info',
    note: 'Escrow amount in the other currency of a cross-border order (escrow: escrow_amount_pri). Not part of the sum.',
    fields: ['escrow_amount_pri'],
  },
} as const satisfies Record<string, IncomeTerm>;

export type IncomeId = keyof typeof terms;

/** Every amount of an order's income, in the order in which they lead from goods sold to what is paid out. */
export const incomeTerms: Readonly<Record<IncomeId, IncomeTerm>> = terms;

export const incomeIds: readonly IncomeId[] = Object.keys(terms) as IncomeId[];

const idsWith = (fits: (term: IncomeTerm) => boolean) => incomeIds.filter((id) => fits(incomeTerms[id]));
const idsOf = {
  add: idsWith(({ role }) => role === 'add'),
  subtract: idsWith(({ role }) => role === 'subtract'),
  fees: idsWith(({ role, group }) => role === 'subtract' && group === 'fees'),
  taxes: idsWith(({ role, group }) => role === 'subtract' && group === 'taxes'),
};
const readTerms = incomeIds.flatMap((id): [IncomeId, readonly Amount[]][] => {
  const { fields } = incomeTerms[id];
  return fields === undefined ? [] : [[id, fields]];
});

/** What people call an amount: the sheet's header, the label on a page and in a message. */
export function incomeLabel(id: IncomeId): string {
  return terms[id].label;
}

/** A later correction of an order's escrow. */
export interface Adjustment {
  /** Signed, major units. */
  amount: number;
  /** Unix seconds. */
  date: number | undefined;
  currency: string | undefined;
  /** Shopee's text, perhaps in the shop's language. */
  reason: string | undefined;
}

/** The money of an order. */
export interface Income {
  /** By term, major units of `currency`. What Shopee did not say is absent. */
  amounts: Partial<Record<IncomeId, number | undefined>>;
  adjustments: Adjustment[];
  /** Fields of unknown effect whose amount is not 0: what is unexplained may be theirs. */
  unknownFields: string[];
  /** Of the amounts, where the escrow names it: cross-border orders of SIP have two. */
  currency: string | undefined;
  /** The other currency of such an order, and what one unit of it is in `currency`. */
  other: { currency: string; rate: number | undefined } | undefined;
}

/** Statuses in or after which Shopee corrects an order's escrow. */
const adjustedStatuses = new Set(['COMPLETED', 'CANCELLED', 'TO_RETURN']);

/** Whether an order in this status may have adjustments, so that an answer that names none does not say that there are none. */
export function mayBeAdjusted(status: string | undefined): boolean {
  return adjustedStatuses.has(status ?? '');
}

/** The two currencies of a cross-border order of SIP; undefined for all others. */
export function otherCurrency(escrow: Escrow | undefined): Income['other'] {
  const { pri_currency: primary = '', aff_currency: own = '', exchange_rate: rate } = escrow?.order_income ?? {};
  if (primary === '' || own === '' || primary === own) return undefined;
  return { currency: primary, rate: rate !== undefined && rate > 0 ? rate : undefined };
}

/** Reads an order's money from its escrow; `status` is the order's. */
export function incomeOf(escrow: Escrow, status: string | undefined): Income {
  const income = escrow.order_income;
  const other = otherCurrency(escrow);
  const amounts: Income['amounts'] = {};
  for (const [id, fields] of readTerms) amounts[id] = sum(fields.map((field) => income[field]));
  amounts.escrow_amount = income.escrow_amount;
  if (other === undefined) amounts.buyer_total_amount ??= escrow.buyer_payment_info?.buyer_total_amount;
  Object.assign(amounts, other === undefined ? goods(income) : convertedGoods(income, amounts, other.rate));
  amounts.fees = sum(idsOf.fees.map((id) => amounts[id]));
  amounts.taxes = sum(idsOf.taxes.map((id) => amounts[id]));
  amounts.unexplained = unexplained(amounts);
  amounts.order_original_price = income.order_original_price;
  amounts.seller_discount = difference(income.order_original_price, amounts.goods_sold);
  amounts.shipping_loss = shippingLoss(amounts);
  Object.assign(amounts, adjusted(income, status));
  return {
    amounts,
    adjustments: income.order_adjustment.flatMap(({ amount, date, currency, adjustment_reason: reason }) =>
      amount === undefined ? [] : [{ amount, date, currency: currency || undefined, reason: reason || undefined }],
    ),
    unknownFields: Object.keys(income.unknown_amounts).sort(),
    currency: other === undefined ? undefined : income.aff_currency,
    other,
  };
}

function goods(income: OrderIncome): Income['amounts'] {
  const { original_cost_of_goods_sold: cost, original_shopee_discount: before = 0, shopee_discount: now = 0 } = income;
  return {
    goods_sold: cost === undefined ? undefined : toMajor(toMinor(cost) - toMinor(before) + toMinor(now)),
    seller_return_refund: income.seller_return_refund,
  };
}

/**
 * The goods of a SIP affiliate's order, whose settlement prices are in the other currency, by its own formula: escrow_amount_pri =
 * original_price_pri − seller_return_refund_pri − commission_fee_pri − service_fee_pri − drc_adjustable_refund_pri. Each
 * amount is rounded when it is converted: what that makes of the sum goes to the goods.
 */
function convertedGoods(income: OrderIncome, amounts: Income['amounts'], rate: number | undefined): Income['amounts'] {
  const price = income.original_price_pri;
  if (price === undefined || rate === undefined) return { goods_sold: undefined, seller_return_refund: undefined };
  // Whether it is negative on the wire, as the local field is, was never seen: it takes from the seller.
  const returned = Math.abs(income.seller_return_refund_pri ?? 0) + (income.drc_adjustable_refund_pri ?? 0);
  const unit = 10 ** (2 - Math.min(currencyDecimals(income.aff_currency), 2));
  const converted = (amount: number) => toMajor(Math.round(toMinor(amount * rate) / unit) * unit);
  const refund = returned === 0 ? 0 : -converted(returned);
  const sold = { goods_sold: converted(price), seller_return_refund: refund };
  const residual = toMinor(unexplained({ ...amounts, ...sold }) ?? 0);
  if (Math.abs(residual) > maxRounded * (unit / 2)) return sold;
  return { ...sold, goods_sold: toMajor(toMinor(sold.goods_sold) + residual) };
}

/** Converted amounts: escrow, goods, two fees, two refunds. */
const maxRounded = 6;

/** Not known before the real shipping fee is. */
function shippingLoss(amounts: Income['amounts']): number | undefined {
  if (amounts.actual_shipping_fee === undefined) return undefined;
  const charged = [
    amounts.actual_shipping_fee,
    amounts.reverse_shipping_fee,
    amounts.final_return_to_seller_shipping_fee,
  ];
  const paid = [
    amounts.buyer_paid_shipping_fee,
    amounts.shopee_shipping_rebate,
    amounts.shipping_fee_discount_from_3pl,
    amounts.shipping_claims,
  ];
  return difference(sum(charged), sum(paid) ?? 0);
}

function adjusted(income: OrderIncome, status: string | undefined): Income['amounts'] {
  const { escrow_amount: escrow, has_adjustments: isKnown } = income;
  if (!isKnown) return mayBeAdjusted(status) ? {} : { escrow_amount_after_adjustment: escrow };
  const total = income.total_adjustment_amount ?? sum(income.order_adjustment.map(({ amount }) => amount)) ?? 0;
  const final = escrow === undefined ? undefined : toMajor(toMinor(escrow) + toMinor(total));
  return {
    total_adjustment_amount: total,
    escrow_amount_after_adjustment: income.escrow_amount_after_adjustment ?? final,
  };
}

/** What is absent was neither charged nor paid: if it was, it shows here. */
function unexplained(amounts: Income['amounts']): number | undefined {
  const { escrow_amount: escrow, goods_sold: sold } = amounts;
  if (escrow === undefined || sold === undefined) return undefined;
  let left = toMinor(escrow);
  for (const id of idsOf.add) left -= toMinor(amounts[id] ?? 0);
  for (const id of idsOf.subtract) left += toMinor(amounts[id] ?? 0);
  return toMajor(left);
}

function difference(one: number | undefined, other: number | undefined): number | undefined {
  return one === undefined || other === undefined ? undefined : toMajor(toMinor(one) - toMinor(other));
}

/** Undefined if there is none. */
function sum(amounts: readonly (number | undefined)[]): number | undefined {
  const given = amounts.filter((amount) => amount !== undefined);
  if (given.length === 0) return undefined;
  return toMajor(given.reduce((minor, amount) => minor + toMinor(amount), 0));
}
