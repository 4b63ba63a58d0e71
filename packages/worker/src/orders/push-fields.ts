import { trackingNumberOf, type Push } from '@shopee-webhook/shopee';

/** The parcels' numbers that the pushes of one order told (code 4). */
export function trackingNumbersFrom(pushes: readonly Push[]): string[] {
  return pushes.map((push) => trackingNumberOf(push)).filter((number) => number !== undefined);
}

/** What the payout job puts into its message beside the order number, from get_escrow_list. */
export function payoutFrom(pushes: readonly Push[]): { amount: number; releasedAt: number } | undefined {
  for (const { data } of pushes.toReversed()) {
    const { payout_amount: amount, escrow_release_time: releasedAt } = data;
    if (typeof amount === 'number' && typeof releasedAt === 'number') return { amount, releasedAt };
  }
  return undefined;
}
