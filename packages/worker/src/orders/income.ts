import type { Escrow, OrderIncome } from '@shopee-webhook/shopee';
import type { Cell } from '@shopee-webhook/sheets';
import { toCell, sum } from './cells.ts';

type Amount = Exclude<
  { [Name in keyof OrderIncome]: OrderIncome[Name] extends number | undefined ? Name : never }[keyof OrderIncome],
  undefined
>;

/** Cells whose id is their field's name in `order_income`. */
const sameName: readonly Amount[] = [
  'buyer_total_amount', 'order_original_price', 'seller_discount', 'shopee_discount', 'voucher_from_seller',
  'voucher_from_shopee', 'coins', 'seller_coin_cash_back', 'commission_fee', 'service_fee', 'seller_transaction_fee',
  'order_ams_commission_fee', 'campaign_fee', 'seller_order_processing_fee', 'buyer_paid_shipping_fee',
  'shopee_shipping_rebate', 'shipping_fee_discount_from_3pl', 'seller_shipping_discount', 'actual_shipping_fee',
  'reverse_shipping_fee', 'seller_return_refund', 'escrow_amount', 'total_adjustment_amount',
]; // prettier-ignore

/** Charged to the seller in Shopee's formula of the escrow amount (page v2.payment.get_escrow_detail). */
const taxes: readonly Amount[] = [
  'escrow_tax', 'sales_tax_on_lvg', 'vat_on_imported_goods', 'th_import_duty', 'final_escrow_product_gst',
  'shipping_fee_sst', 'reverse_shipping_fee_sst', 'withholding_tax', 'withholding_vat_tax', 'withholding_pit_tax',
  'withholding_cit_tax',
]; // prettier-ignore

/** The formula's rarer fees… */
const otherFees: readonly Amount[] = [
  'shipping_seller_protection_fee_amount', 'delivery_seller_protection_fee_premium_amount', 'fbs_fee',
  'overseas_return_service_fee', 'final_return_to_seller_shipping_fee', 'trade_in_bonus_by_seller',
  'ads_escrow_top_up_fee_or_technical_support_fee',
]; // prettier-ignore

/** …and the rarer amounts that it adds. */
const otherCredits: readonly Amount[] = ['rsf_seller_protection_fee_claim_amount', 'buyer_paid_packaging_fee'];

/**
 * The financial cells of an order; none while Shopee has no escrow for it, so that the cells stay as they are. Only rare
 * fields are summed; the escrow amount is always Shopee's own figure, whose formula grows year by year.
 */
export function incomeCells(escrow: Escrow | undefined): Record<string, Cell> {
  if (escrow === undefined) return {};
  const income = escrow.order_income;
  const of = (names: readonly Amount[]) => names.map((name) => income[name]);
  const credits = of(otherCredits).map((amount) => (amount === undefined ? undefined : -amount));
  return {
    ...Object.fromEntries(sameName.map((name) => [name, toCell(income[name])])),
    taxes: toCell(sum(of(taxes))),
    other_fees: toCell(sum([...of(otherFees), ...credits])),
    // Some responses omit it when nothing was adjusted.
    escrow_amount_after_adjustment: toCell(income.escrow_amount_after_adjustment ?? income.escrow_amount),
  };
}
