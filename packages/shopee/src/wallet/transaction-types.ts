/** What a wallet transaction is about, for totals. `unknown`: a type that no page names, or none at all. */
export type WalletKind =
  'order income' | 'withdrawal' | 'adjustment' | 'return' | 'compensation' | 'ads' | 'affiliate' | 'other' | 'unknown';

/**
 * Types by name (page v2.payment.get_wallet_transaction_list, data definitions of the developer guide, and the names that
 * Seller Center prints). By name only, never by a part of it: returns and fees have `ESCROW` in theirs too. A generic
 * payment from the wallet (SPM, APM) may be for ads and does not prove it.
 */
const namesByKind: Readonly<Record<Exclude<WalletKind, 'unknown'>, readonly string[]>> = {
  'order income': [
    'ESCROW_VERIFIED_ADD', 'ESCROW_VERIFIED_MINUS', 'FAST_ESCROW_DISBURSE', 'FAST_ESCROW_DISBURSE_REMAIN',
  ],
  withdrawal: [
    'WITHDRAWAL_CREATED', 'WITHDRAWAL_COMPLETED', 'WITHDRAWAL_CANCELLED', 'WITHDRAWAL', 'WITHDRAWAL_SPLIT',
  ],
  adjustment: [
    'ADJUSTMENT_ADD', 'ADJUSTMENT_MINUS', 'FBS_ADJUSTMENT_ADD', 'FBS_ADJUSTMENT_MINUS', 'ADJUSTMENT_CENTER_ADD',
    'ADJUSTMENT_CENTER_DEDUCT', 'FSF_COST_PASSING_DEDUCT', 'ESCROW_ADJUSTMENT_FOR_FD_DEDUCT',
    'PERCEPTION_VAT_TAX_DEDUCT', 'PERCEPTION_TURNOVER_TAX_DEDUCT',
  ],
  return: ['ADJUSTMENT_FOR_RR_AFTER_ESCROW_VERIFIED', 'FAST_ESCROW_DEDUCT'],
  compensation: [
    'SELLER_COMPENSATE_ADD', 'LOST_PARCEL_SELLER_ADD', 'NON_RECEIPT_RR_SELLER_COMPENSATE_ADD', 'SHIPPING_FEE_CLAIM_ADD',
    'INSTANT_CANCELLATION_SELLER_COMPENSATE_ADD', 'FULFILMENT_COMPENSATE_ADD', 'RETURN_COMPENSATION_SERVICE_ADD',
  ],
  ads: ['PAID_ADS_CHARGE', 'PAID_ADS_REFUND'],
  affiliate: [
    'AFFILIATE_ADS_SELLER_FEE', 'AFFILIATE_ADS_SELLER_FEE_REFUND', 'AFFILIATE_FEE_DEDUCT',
    'AFFILIATE_COMMISSION_FEE_ADD', 'AMS_COMMISSION_FEE', 'AFFILIATE_SAMPLE_SHIPPING_FEE_DEDUCT',
  ],
  other: [
    'CROSS_MERCHANT_ADJUSTMENT', 'CAMPAIGN_PACKAGE', 'FBS_FEE', 'INSTALLATION_FEE', 'REALTIME_OFFSET', 'SPM_DEDUCT',
    'APM_DEDUCT',
  ],
}; // prettier-ignore

const kinds = new Map(
  Object.entries(namesByKind).flatMap(([kind, names]) => names.map((name) => [name, kind as WalletKind] as const)),
);

/** The kind of a transaction type as Shopee prints it. */
export function walletKindOf(type: string | undefined): WalletKind {
  return kinds.get(type ?? '') ?? 'unknown';
}

/**
 * By how much a transaction changes the balance. A completed withdrawal left it when it was created: then only the amount
 * on its way falls (same page). What failed moves nothing.
 */
export function balanceChange({ type, status, amount }: { type: string; status: string; amount: number }): number {
  return type === 'WITHDRAWAL_COMPLETED' || status === 'FAILED' ? 0 : amount;
}
